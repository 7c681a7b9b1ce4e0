package push

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// archivers write the two forms.
var archivers = map[string]func(ctx context.Context, path string, p *picture) (*Receipt, error){
	"oci": func(ctx context.Context, path string, p *picture) (*Receipt, error) {
		return OCIArchive(ctx, path, "v1", amd64, p.Image, progress.Discard{})
	},
	"docker": func(ctx context.Context, path string, p *picture) (*Receipt, error) {
		return DockerArchive(ctx, path, names, amd64, p.Image, progress.Discard{})
	},
}

var names = []string{"reg.example/team/app:v1", "docker.io/library/app:latest"}

// TestArchives: a new file, and again over it, is the same bytes; they are a whole layout.
func TestArchives(t *testing.T) {
	golden := map[string]string{
		"oci":    "40a54f6562f7dfedec240826860ad6adb4d2378f724714cbac0530cbe6dd16bd",
		"docker": "d8e3a2343e0237da1e31674f5142a6b43bf0c1f1aa547304d035587ebd301d5c",
	}
	for form, archive := range archivers {
		path := filepath.Join(t.TempDir(), "x.tar")
		p := newPicture(t, "one")
		receipt, err := archive(t.Context(), path, p)
		check(t, err)
		if got := hows(receipt); got != "written written written written written" || receipt.Moved() != p.size(t) {
			t.Errorf("%s: how: %s, %d bytes", form, got, receipt.Moved())
		}
		first, err := os.ReadFile(path)
		check(t, err)
		check(t, os.WriteFile(path, []byte("something else"), 0o600))
		_, err = archive(t.Context(), path, newPicture(t, "one"))
		check(t, err)
		again, err := os.ReadFile(path)
		check(t, err)
		if digestOf(first) != digestOf(again) {
			t.Errorf("%s: the same image makes other bytes", form)
		}
		if got := digestOf(first).Hex; got != golden[form] {
			t.Errorf("%s: %s, promised %s", form, got, golden[form])
		}
		if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
			t.Errorf("%s: left %v (%v)", form, left, err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode() != 0o644 {
			t.Errorf("%s: mode %s (%v)", form, info.Mode(), err)
		}
		dir := unpack(t, path)
		if form == "oci" {
			whole(t, dir, "v1", p)
		}
	}
}

// TestDockerArchive is judged by go-containerregistry.
func TestDockerArchive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.tar")
	p := newPicture(t, "one")
	_, err := archivers["docker"](t.Context(), path, p)
	check(t, err)
	for _, n := range names {
		tag, err := name.NewTag(n)
		check(t, err)
		img, err := tarball.ImageFromPath(path, &tag)
		check(t, err)
		check(t, validate.Image(img, validate.Fast))
		got, err := img.ConfigName()
		check(t, err)
		if want, err := p.ConfigName(); err != nil || got != want {
			t.Errorf("%s: image %s, want %s (%v)", n, got, want, err)
		}
	}
	if got := annotations(t, path, annotateName); !slices.Equal(got, names) {
		t.Errorf("names for containerd: %q", got)
	}
	if got := annotations(t, path, annotateRef); !slices.Equal(got, names) {
		t.Errorf("names for podman: %q", got)
	}
	// Without names.
	_, err = DockerArchive(t.Context(), path, nil, amd64, p.Image, progress.Discard{})
	check(t, err)
	img, err := tarball.ImageFromPath(path, nil)
	check(t, err)
	check(t, validate.Image(img, validate.Fast))
	if got := annotations(t, path, annotateName); !slices.Equal(got, []string{""}) {
		t.Errorf("names: %q", got)
	}
}

// annotations are those of the entries of an archive's index.
func annotations(t *testing.T, path, key string) []string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(unpack(t, path), indexFile))
	check(t, err)
	var index v1.IndexManifest
	check(t, json.Unmarshal(raw, &index))
	var out []string
	for _, d := range index.Manifests {
		out = append(out, d.Annotations[key])
	}
	return out
}

// TestArchiveFails: whatever goes wrong, everything is as it was.
func TestArchiveFails(t *testing.T) {
	broken := errors.New("the disk is on fire")
	failures := map[string]func(p *picture) context.Context{
		"a layer that cannot be read": func(p *picture) context.Context {
			p.added[1].Open = func() (io.ReadCloser, error) { return nil, broken }
			return t.Context()
		},
		"a layer of other bytes": func(p *picture) context.Context {
			b := content("new")
			b[7]++
			p.added[1].Open = opener(b)
			return t.Context()
		},
		"a layer that is longer": func(p *picture) context.Context {
			p.added[0].Open = opener(append(content("wheels"), 'x'))
			return t.Context()
		},
		"a layer that is shorter": func(p *picture) context.Context {
			p.added[0].Open = opener(content("wheels")[1:])
			return t.Context()
		},
		"a signal": func(p *picture) context.Context {
			ctx, cancel := context.WithCancel(t.Context())
			open := p.added[0].Open
			p.added[0].Open = func() (io.ReadCloser, error) { cancel(); return open() }
			return ctx
		},
	}
	for failure, spoil := range failures {
		for form, archive := range archivers {
			for _, there := range []bool{false, true} {
				dir := t.TempDir()
				path := filepath.Join(dir, "x.tar")
				if there {
					check(t, os.WriteFile(path, []byte("old"), 0o600))
				}
				before := tree(t, dir)
				img := newPicture(t, "new")
				if _, err := archive(spoil(img), path, img); err == nil || !strings.Contains(err.Error(), "writing the archive "+path) {
					t.Errorf("%s, %s: %v", failure, form, err)
				}
				if after := tree(t, dir); !slices.Equal(before, after) {
					t.Errorf("%s, %s: it was %q, it is %q", failure, form, before, after)
				}
			}
		}
	}
}

// A pipe is written to as it is.
func TestArchiveIntoPipe(t *testing.T) {
	dir := t.TempDir()
	pipe, file := filepath.Join(dir, "pipe"), filepath.Join(dir, "file")
	check(t, syscall.Mkfifo(pipe, 0o600))
	read := make(chan []byte, 1)
	go func() {
		b, err := os.ReadFile(pipe)
		if err != nil {
			b = []byte(err.Error())
		}
		read <- b
	}()
	p := newPicture(t, "one")
	check(t, CheckArchiveTarget(pipe))
	_, err := archivers["docker"](t.Context(), pipe, p)
	check(t, err)
	_, err = archivers["docker"](t.Context(), file, p)
	check(t, err)
	want, err := os.ReadFile(file)
	check(t, err)
	if got := <-read; digestOf(got) != digestOf(want) {
		t.Errorf("%d bytes came, not the %d of a file", len(got), len(want))
	}
	if _, err := archivers["oci"](t.Context(), "/dev/full", p); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a full disk: %v", err)
	}
}

func TestCheckArchiveTarget(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.tar")
	check(t, CheckArchiveTarget(path))
	check(t, os.WriteFile(path, nil, 0o600))
	check(t, CheckArchiveTarget(path))
	for _, bad := range []string{dir, filepath.Join(dir, "missing", "x"), filepath.Join(path, "x")} {
		if err := CheckArchiveTarget(bad); !refusal.Is(err) {
			t.Errorf("%s: %v, want a refusal", bad, err)
		}
		if _, err := archivers["oci"](t.Context(), bad, newPicture(t, "one")); !refusal.Is(err) {
			t.Errorf("%s: %v, want a refusal", bad, err)
		}
	}
	if err := CheckArchiveTarget("/proc/x.tar"); err == nil {
		t.Error("a folder that cannot be written to passed")
	}
	if left := tree(t, dir); len(left) != 2 {
		t.Errorf("left: %q", left)
	}
}

// unpack writes an archive's files to a new folder and checks what all members have in common.
func unpack(t *testing.T, path string) string {
	t.Helper()
	f, err := os.Open(path)
	check(t, err)
	defer func() { check(t, f.Close()) }()
	dir := t.TempDir()
	for r := tar.NewReader(f); ; {
		h, err := r.Next()
		if err == io.EOF {
			return dir
		}
		check(t, err)
		if h.ModTime.Unix() != archiveTime || h.Uid != 0 || h.Gid != 0 || h.Uname != "" || h.PAXRecords != nil {
			t.Errorf("%+v", h)
		}
		to := filepath.Join(dir, filepath.FromSlash(h.Name))
		if h.Typeflag == tar.TypeDir {
			check(t, os.Mkdir(to, 0o755))
			continue
		}
		b, err := io.ReadAll(r)
		check(t, err)
		if strings.HasPrefix(h.Name, blobFolder) && h.Name != blobName(digestOf(b)) {
			t.Errorf("%s has the digest %s", h.Name, digestOf(b))
		}
		check(t, os.WriteFile(to, b, 0o600))
	}
}
