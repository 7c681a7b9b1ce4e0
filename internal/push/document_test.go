package push

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/internal/registry/faultreg"
	"github.com/layerpack/layerpack/pkg/manifest"
)

// newIndex is an index of two images that share all but one layer.
func newIndex(t *testing.T) (*Index, []*picture) {
	t.Helper()
	one, two := newPicture(t, "one"), newPicture(t, "two")
	x, err := manifest.NewIndex([]manifest.ForPlatform{
		{Image: one.Image, Platform: amd64}, {Image: two.Image, Platform: v1.Platform{OS: "linux", Architecture: "arm64"}},
	}, nil)
	check(t, err)
	return &Index{Index: x, Parts: []*Image{{Image: one.Image, BaseLayers: 2}, {Image: two.Image, BaseLayers: 2}}}, []*picture{one, two}
}

func (b *bench) pushIndex(t *testing.T, p *Registry, x *Index, tag string) (*Receipt, error) {
	t.Helper()
	d := b.to("team/app", tag)
	receipt, err := p.Finish(t.Context(), x, d, "")
	if err != nil {
		return nil, err
	}
	return receipt, p.Tag(t.Context(), x, d, "", receipt)
}

// indexed checks that a tag holds an index, and that its images are whole.
func (b *bench) indexed(t *testing.T, tag string, x *Index, parts []*picture) {
	t.Helper()
	want, err := x.Digest()
	check(t, err)
	ref, err := name.ParseReference(b.host + "/team/app:" + tag)
	check(t, err)
	got, err := remote.Index(ref)
	check(t, err)
	if digest, err := got.Digest(); err != nil || digest != want {
		t.Errorf("the tag holds %s, want %s (%v)", digest, want, err)
	}
	for _, p := range parts {
		digest, err := p.Digest()
		check(t, err)
		b.complete("team/app@"+digest.String(), p)
	}
}

// TestPushIndex: what several images share is sent once; the index comes after them, and the tag last. Again, it is one
// request, and one for each image.
func TestPushIndex(t *testing.T) {
	b := newBench(t)
	x, parts := newIndex(t)
	receipt, err := b.pushIndex(t, b.pusher(), x, "1")
	check(t, err)
	if got := hows(receipt); got != "streamed streamed uploaded uploaded uploaded uploaded uploaded" || receipt.Moved() != b.reg.Received() {
		t.Errorf("how: %s, %d bytes of %d", got, receipt.Moved(), b.reg.Received())
	}
	b.indexed(t, "1", x, parts)
	var puts []string
	for _, r := range b.reg.Log() {
		if r.Method == http.MethodPut && strings.Contains(r.Path, "/manifests/") {
			puts = append(puts, r.Path[strings.LastIndex(r.Path, "/")+1:])
		}
	}
	digest, err := x.Digest()
	check(t, err)
	if len(puts) != 4 || puts[2] != digest.String() || puts[3] != "1" {
		t.Errorf("manifests were written in this order: %q", puts)
	}

	before := len(b.reg.Log())
	p := b.pusher()
	for _, part := range parts { // as who knows that the tag holds the index does
		raw, err := part.RawManifest()
		check(t, err)
		p.Learn(b.to("team/app", "1").Repository, raw, "the index lists it")
	}
	receipt, err = b.pushIndex(t, p, x, "1")
	check(t, err)
	if n := len(b.reg.Log()) - before; n != 3 || receipt.Moved() != 0 {
		t.Errorf("%d requests for an index that is there, %d bytes", n, receipt.Moved())
	}
	receipt, err = b.pushIndex(t, p, x, "2")
	check(t, err)
	if receipt.Moved() != 0 {
		t.Errorf("another tag moved %d bytes", receipt.Moved())
	}
	b.indexed(t, "2", x, parts)
}

// TestPushIndexFails: where one image cannot be written there is neither index nor tag.
func TestPushIndexFails(t *testing.T) {
	b := newBench(t)
	x, parts := newIndex(t)
	second, err := parts[1].Digest()
	check(t, err)
	b.reg.Add(faultreg.Fault{Method: http.MethodPut, Path: second.String(), Times: 1, Do: faultreg.Refuse(http.StatusForbidden, "DENIED", "not now")})
	p := b.pusher()
	if _, err := b.pushIndex(t, p, x, "1"); err == nil {
		t.Error("an index of an image that was refused passed")
	}
	if n := b.reg.Count(http.MethodPut, "/manifests/"); n != 2 {
		t.Errorf("%d manifests were written or tried, want those of the images", n)
	}
	_, err = b.pushIndex(t, p, x, "1")
	check(t, err)
	b.indexed(t, "1", x, parts)
}

// TestMendIndex: a registry that has lost an image of an index that a tag holds, as clean-ups of what has no tag do, gets
// it again.
func TestMendIndex(t *testing.T) {
	for _, verify := range []bool{false, true} {
		b := newBench(t)
		x, parts := newIndex(t)
		_, err := b.pushIndex(t, b.pusher(), x, "1")
		check(t, err)
		lost, err := parts[0].Digest()
		check(t, err)
		check(t, remote.Delete(b.to("team/app", "1").Repository.Digest(lost.String())))
		p := b.pusher()
		p.Verify = verify
		_, err = b.pushIndex(t, p, x, "1")
		check(t, err)
		b.indexed(t, "1", x, parts)
	}
}

// TestIndexFiles: layouts and archives hold the index, named in index.json, and its images; the same bytes every time.
func TestIndexFiles(t *testing.T) {
	x, parts := newIndex(t)
	want, err := x.Digest()
	check(t, err)
	for form, write := range map[string]func(path string) (*Receipt, string, error){
		"layout": func(path string) (*Receipt, string, error) {
			r, err := LayoutIndex(t.Context(), path, "v1", x.Index, progress.Discard{})
			return r, path, err
		},
		"archive": func(path string) (*Receipt, string, error) {
			r, err := OCIArchiveIndex(t.Context(), path, "v1", x.Index, progress.Discard{})
			if err != nil {
				return r, "", err
			}
			return r, unpack(t, path), err
		},
	} {
		receipt, dir, err := write(filepath.Join(t.TempDir(), "out"))
		check(t, err)
		moved := parts[0].size(t)
		m, err := parts[1].Manifest()
		check(t, err)
		moved += m.Config.Size + m.Layers[3].Size
		if receipt.Digest != want || receipt.Moved() != moved {
			t.Errorf("%s: %s, %d bytes, want %s, %d", form, receipt.Digest, receipt.Moved(), want, moved)
		}
		top, err := layout.ImageIndexFromPath(dir)
		check(t, err)
		list, err := top.IndexManifest()
		check(t, err)
		if len(list.Manifests) != 1 || list.Manifests[0].Digest != want || list.Manifests[0].Platform != nil || list.Manifests[0].Annotations[annotateRef] != "v1" {
			t.Errorf("%s: %+v", form, list.Manifests)
		}
		index, err := top.ImageIndex(want)
		check(t, err)
		for _, p := range parts {
			digest, err := p.Digest()
			check(t, err)
			img, err := index.Image(digest)
			check(t, err)
			check(t, validate.Image(img, validate.Fast))
		}
	}
}
