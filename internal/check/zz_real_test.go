package check_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/internal/baseimage"
	"github.com/layerpack/layerpack/internal/check"
	"github.com/layerpack/layerpack/internal/elffacts"
	"github.com/layerpack/layerpack/internal/registry"
	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
)

func realBase(t *testing.T, dir string) *baseimage.Profile {
	ctx := context.Background()
	src, err := registry.OpenLayout(dir)
	if err != nil {
		t.Fatal(err)
	}
	m, err := src.Manifest(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(m.MediaType, "index") || strings.Contains(m.MediaType, "list") {
		ix, _ := v1.ParseIndexManifest(bytes.NewReader(m.Bytes))
		if m, err = src.Manifest(ctx, ix.Manifests[0].Digest.String()); err != nil {
			t.Fatal(err)
		}
	}
	man, err := v1.ParseManifest(bytes.NewReader(m.Bytes))
	if err != nil {
		t.Fatal(err)
	}
	rc, err := src.Blob(ctx, man.Config)
	if err != nil {
		t.Fatal(err)
	}
	cfg, _ := io.ReadAll(rc)
	cf, _ := v1.ParseConfigFile(bytes.NewReader(cfg))
	var ls []baseimage.Layer
	for i, d := range man.Layers {
		ls = append(ls, baseimage.Layer{Digest: d.Digest.String(), DiffID: cf.RootFS.DiffIDs[i].String(), MediaType: string(d.MediaType), Open: func(ctx context.Context) (io.ReadCloser, error) { return src.Blob(ctx, d) }})
	}
	p, err := baseimage.Read(ctx, cfg, ls)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestReal(t *testing.T) {
	p := realBase(t, os.Getenv("BASE"))
	t.Logf("%s %+v %d paths %d dists %v", p.PythonNote, *p.Python, p.Tree.Len(), len(p.Distributions), p.SiteDirs)
	env := marker.Linux(p.Python.Machine, p.Python.Version, p.Python.Implementation)
	before := check.Installed(p.Distributions)
	for _, f := range check.Closure(nil, before, env) {
		t.Log("BASE closure: ", f)
	}
	var all []check.File
	for _, dir := range strings.Split(os.Getenv("WHEELS"), ":") {
		files, _ := filepath.Glob(filepath.Join(dir, "*.whl"))
		for _, file := range files {
			h, err := os.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			st, _ := h.Stat()
			w, err := pipwheel.Open(h, st.Size(), filepath.Base(file), pipwheel.Options{})
			if err != nil {
				t.Log("OPEN", err)
				continue
			}
			entries, err := w.Install(*p.Python, true)
			if err != nil {
				t.Log("INSTALL", err)
				continue
			}
			l := check.Libraries{Base: p.Tree, Target: *p.Python, SiteDirs: p.SiteDirs}
			start := time.Now()
			var bytes int64
			for _, e := range entries {
				f, err := elffacts.Read(e.Open, e.Size)
				if err != nil {
					t.Fatal(file, e.Path, err)
				}
				if f != nil {
					bytes += e.Size
					l.Files = append(l.Files, check.File{Path: e.Path, Wheel: filepath.Base(file), Facts: f})
				}
			}
			took := time.Since(start)
			start = time.Now()
			found := l.Findings()
			check2 := time.Since(start)
			if len(l.Files) > 0 {
				fmt.Printf("%-60.60s %3d ELF %5.1f MB read %v check %v\n", filepath.Base(file), len(l.Files), float64(bytes)/1e6, took.Round(time.Millisecond), check2.Round(10*time.Microsecond))
				if !strings.Contains(file, "win_") && !strings.Contains(file, "cp37") {
					all = append(all, l.Files...)
				}
			}
			for _, f := range found {
				fmt.Printf("    FINDING warning=%v %s: %s\n", f.Warning, f.Rule, f)
			}
			d := check.Distribution{Name: w.Metadata.Get("name"), Version: w.Metadata.Get("version"), Requires: w.Metadata["requires-dist"], RequiresPython: w.Metadata.Get("requires-python"), Wheel: filepath.Base(file)}
			after := []check.Distribution{d}
			for _, b := range before {
				if !strings.EqualFold(b.Name, d.Name) {
					after = append(after, b)
				}
			}
			for _, f := range check.Closure(before, after, env) {
				if f.Rule != check.MissingDist || os.Getenv("MISSING") != "" {
					fmt.Printf("    CLOSURE warning=%v %s: %s\n", f.Warning, f.Rule, f)
				}
			}
			h.Close()
		}
	}
	l := check.Libraries{Base: p.Tree, Target: *p.Python, SiteDirs: p.SiteDirs, Files: all}
	start := time.Now()
	found := l.Findings()
	fmt.Printf("ALL %d files, %d findings, %v\n", len(all), len(found), time.Since(start))
	fmt.Println(check.Refuse(found))
}
