package push

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/internal/registry/faultreg"
)

// lost makes a repository of the bench's registry answer as if it had none of the blobs, until they are sent
// again; others of the same registry still have them.
func (b *bench) lost(repo string, blobs ...[]byte) {
	for _, raw := range blobs {
		digest := digestOf(raw).String()
		before := b.sent(digest)
		b.reg.Add(faultreg.Fault{Path: "/v2/" + repo + "/blobs/" + digest, Do: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if b.sent(digest) > before {
				next.ServeHTTP(w, r)
				return
			}
			faultreg.Error(w, http.StatusNotFound, "BLOB_UNKNOWN", "blob unknown to registry")
		}})
	}
}

// sent counts the uploads of a blob.
func (b *bench) sent(digest string) int {
	n := 0
	for _, r := range b.reg.Log() {
		if r.Method == http.MethodPut && strings.Contains(r.Query, "digest=sha256%3A"+digest[len("sha256:"):]) {
			n++
		}
	}
	return n
}

// mounts counts the requests to mount a blob, all or those from one repository.
func (b *bench) mounts(from string) int {
	n := 0
	for _, r := range b.reg.Log() {
		if r.Method == http.MethodPost && strings.Contains(r.Query, "mount=") && strings.Contains(r.Query, "from="+from) {
			n++
		}
	}
	return n
}

// raw is the manifest of a picture.
func (p *picture) raw(t *testing.T) []byte {
	t.Helper()
	raw, err := p.RawManifest()
	check(t, err)
	return raw
}

// TestSuggestion: what is only suggested is a place to mount from, and believed when the mount says so.
func TestSuggestion(t *testing.T) {
	for _, tt := range []struct {
		what, suggested string
		there           bool // the blobs are in the registry
		want            string
		mounts          int
	}{
		{"the destination itself, which has lost them", "team/app", false, "streamed streamed uploaded uploaded uploaded", 0},
		{"the destination itself, which has them", "team/app", true, "present present present present uploaded", 0},
		{"another, which has lost them", "old/app", false, "streamed streamed uploaded uploaded uploaded", 5},
		{"another, which has them", "old/app", true, "mounted mounted mounted mounted mounted", 5},
	} {
		b := newBench(t)
		img := newPicture(t, "one")
		if tt.there {
			config, err := img.RawConfigFile()
			check(t, err)
			b.store(tt.suggested, append(img.base, content("wheels"), content("one"), config)...)
		}
		before := b.reg.Received()
		p := b.pusher()
		p.Suggest(b.to(tt.suggested, "").Repository, img.raw(t))
		for _, c := range mustContents(t, img) {
			how, n := p.Expect(b.to("team/app", "").Repository, c.Desc.Digest, c.Base, c.Desc.Size)
			if how == Present || (n == 0) != (tt.mounts > 0) {
				t.Errorf("%s: %s and %d bytes are expected of what is suggested", tt.what, how, n)
			}
		}
		receipt, err := p.Push(t.Context(), img.Image, b.to("team/app", "1"), "")
		check(t, err)
		if got := hows(receipt); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.what, got, tt.want)
		}
		if got := b.mounts(""); got != tt.mounts {
			t.Errorf("%s: asked to mount %d times, want %d", tt.what, got, tt.mounts)
		}
		if got := b.reg.Received() - before; got != receipt.Moved() {
			t.Errorf("%s: %d bytes came, the receipt says %d", tt.what, got, receipt.Moved())
		}
		b.complete("team/app:1", img)
	}
}

// TestFewSuggestions: a blob that many repositories are said to have is asked of two of them.
func TestFewSuggestions(t *testing.T) {
	b := newBench(t)
	img := newPicture(t, "one")
	p := b.pusher()
	for _, repo := range []string{"a/app", "b/app", "c/app", "d/app"} {
		p.Suggest(b.to(repo, "").Repository, img.raw(t))
	}
	p.Suggest(b.to("team/app", "").Repository, []byte("no manifest"))
	_, err := p.Push(t.Context(), img.Image, b.to("team/app", "1"), "")
	check(t, err)
	if a, c, all := b.mounts("a%2Fapp"), b.mounts("c%2Fapp"), b.mounts(""); a != 5 || c != 0 || all != 10 {
		t.Errorf("asked the first %d times, the third %d times, all %d times; want 5, 0 and 10", a, c, all)
	}
	b.complete("team/app:1", img)
}

// TestBaseInItsOwnRepository: a destination that the base came from has it if it says so now; a mirror or
// this machine may have told of the base.
func TestBaseInItsOwnRepository(t *testing.T) {
	img := newPicture(t, "one")
	for _, tt := range []struct {
		what string
		do   func(*bench, *Registry)
		want string
		asks int // requests for the first base layer
	}{
		{"it has lost the base", func(b *bench, _ *Registry) { b.lost("team/app", img.base...) }, "streamed streamed uploaded uploaded uploaded", 1},
		{"it never had it", func(*bench, *Registry) {}, "streamed streamed uploaded uploaded uploaded", 1},
		{"it has the blobs", func(b *bench, _ *Registry) { b.store("team/app", img.base...) }, "present present uploaded uploaded uploaded", 2},
		{"it has said so", func(b *bench, p *Registry) {
			b.store("team/app", img.base...)
			p.Learn(*p.Base, img.baseManifest(t), "it is the base's own repository")
		}, "present present uploaded uploaded uploaded", 0},
	} {
		b := newBench(t)
		p := b.pusher()
		own := b.to("team/app", "").Repository
		p.Base = &own
		tt.do(b, p)
		if how, _ := p.Expect(own, digestOf(img.base[0]), true, 1); (how == Present) != (tt.asks == 0) {
			t.Errorf("%s: %s is expected", tt.what, how)
		}
		receipt, err := p.Push(t.Context(), img.Image, b.to("team/app", "1"), "")
		check(t, err)
		if got := hows(receipt); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.what, got, tt.want)
		}
		blob := "/v2/team/app/blobs/" + digestOf(img.base[0]).String()
		if n := b.reg.Count(http.MethodHead, blob) + b.reg.Count(http.MethodGet, blob); n != tt.asks {
			t.Errorf("%s: asked %d times for a base layer, want %d", tt.what, n, tt.asks)
		}
		if n := b.mounts(""); n != 0 {
			t.Errorf("%s: asked %d times to mount from itself", tt.what, n)
		}
		b.complete("team/app:1", img)
	}
}

// baseManifest is a manifest of the base layers alone.
func (p *picture) baseManifest(t *testing.T) []byte {
	t.Helper()
	m, err := p.Manifest()
	check(t, err)
	raw, err := json.Marshal(v1.Manifest{SchemaVersion: 2, MediaType: m.MediaType, Config: m.Layers[0], Layers: m.Layers[:2]})
	check(t, err)
	return raw
}

func mustContents(t *testing.T, p *picture) []Content {
	t.Helper()
	c, err := (&Image{Image: p.Image, BaseLayers: 2}).Contents()
	check(t, err)
	return c
}
