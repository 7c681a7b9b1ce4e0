package push

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/pkg/refusal"
)

var amd64 = v1.Platform{OS: "linux", Architecture: "amd64"}

func write(ctx context.Context, dir, tag string, p *picture) (*Receipt, error) {
	return Layout(ctx, dir, tag, amd64, p.Image, progress.Discard{})
}

// TestLayout: a new layout, then another image into the same one, judged by go-containerregistry.
func TestLayout(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	one, two := newPicture(t, "one"), newPicture(t, "two")
	receipt, err := write(t.Context(), dir, "v1", one)
	check(t, err)
	if got := hows(receipt); got != "written written written written written" || receipt.Moved() != one.size(t) {
		t.Errorf("how: %s, %d bytes", got, receipt.Moved())
	}
	whole(t, dir, "v1", one)
	receipt, err = write(t.Context(), dir, "v2", two)
	check(t, err)
	if got := hows(receipt); got != "present present present written written" {
		t.Errorf("how: %s", got)
	}
	whole(t, dir, "v2", two)
	if left, err := os.ReadDir(filepath.Dir(dir)); err != nil || len(left) != 1 {
		t.Errorf("beside the layout: %v (%v)", left, err)
	}
}

// TestLayoutMends: a blob that was cut is written again, not believed by its name.
func TestLayoutMends(t *testing.T) {
	dir := t.TempDir() // an empty folder is as good as none
	img := newPicture(t, "one")
	_, err := write(t.Context(), dir, "v1", img)
	check(t, err)
	cut := filepath.Join(dir, "blobs", "sha256", digestOf(img.base[1]).Hex)
	check(t, os.Truncate(cut, 100))
	receipt, err := write(t.Context(), dir, "v1", img)
	check(t, err)
	if got := hows(receipt); got != "present written present present present" {
		t.Errorf("how: %s", got)
	}
	whole(t, dir, "v1", img)
}

// TestLayoutFails: whatever goes wrong, everything is as it was.
func TestLayoutFails(t *testing.T) {
	broken := errors.New("the disk is on fire")
	failures := map[string]func(p *picture) context.Context{
		"a layer that cannot be read": func(p *picture) context.Context {
			p.added[1].Open = func() (io.ReadCloser, error) { return nil, broken }
			return t.Context()
		},
		"a layer of other bytes": func(p *picture) context.Context {
			p.added[1].Open = opener(content("three"))
			return t.Context()
		},
		"a signal": func(p *picture) context.Context {
			ctx, cancel := context.WithCancel(t.Context())
			open := p.added[1].Open
			p.added[1].Open = func() (io.ReadCloser, error) { cancel(); return open() }
			return ctx
		},
	}
	places := map[string]func(dir string){
		"no folder":       func(string) {},
		"an empty folder": func(dir string) { check(t, os.Mkdir(dir, 0o755)) },
		"a layout": func(dir string) {
			_, err := write(t.Context(), dir, "old", newPicture(t, "old"))
			check(t, err)
		},
	}
	for failure, spoil := range failures {
		for place, prepare := range places {
			t.Run(failure+", "+place, func(t *testing.T) {
				parent := t.TempDir()
				dir := filepath.Join(parent, "out")
				prepare(dir)
				before := tree(t, parent)
				img := newPicture(t, "new")
				ctx := spoil(img)
				if _, err := write(ctx, dir, "new", img); err == nil {
					t.Error("no error")
				}
				if after := tree(t, parent); !slices.Equal(before, after) {
					t.Errorf("it was %q, it is %q", before, after)
				}
			})
		}
	}
}

func TestCheckLayoutTarget(t *testing.T) {
	dir := t.TempDir()
	check(t, os.WriteFile(filepath.Join(dir, "precious"), nil, 0o644))
	for _, refused := range []string{dir, filepath.Join(dir, "precious"), filepath.Join(dir, "missing", "out")} {
		if _, err := CheckLayoutTarget(refused); !refusal.Is(err) {
			t.Errorf("%s: %v, want a refusal", refused, err)
		}
	}
	if there, err := CheckLayoutTarget(filepath.Join(dir, "out")); there || err != nil {
		t.Errorf("a new folder: %t, %v", there, err)
	}
}

// whole checks a layout with another implementation, from its index to the bytes of layers.
func whole(t *testing.T, dir, tag string, want *picture) {
	t.Helper()
	index, err := layout.ImageIndexFromPath(dir)
	check(t, err)
	check(t, validate.Index(index, validate.Fast))
	m, err := index.IndexManifest()
	check(t, err)
	digest, err := want.Digest()
	check(t, err)
	if len(m.Manifests) != 1 || m.Manifests[0].Digest != digest || m.Manifests[0].Annotations[annotateRef] != tag {
		t.Errorf("index: %+v, want %s tagged %s", m.Manifests, digest, tag)
	}
}

// tree lists everything below dir with its bytes' digest.
func tree(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	check(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			out = append(out, path)
			return err
		}
		raw, err := os.ReadFile(path)
		out = append(out, path+" "+digestOf(raw).Hex)
		return err
	}))
	return out
}
