package push

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"github.com/layerpack/layerpack/internal/registry/faultreg"
)

// TestPush: what arrives is complete, judged by go-containerregistry; the second push of the same
// image is one request.
func TestPush(t *testing.T) {
	b := newBench(t)
	img := newPicture(t, "one")
	receipt, err := b.pusher().Push(t.Context(), img.Image, b.to("team/app", "1"), "unique")
	check(t, err)
	if got := hows(receipt); got != "streamed streamed uploaded uploaded uploaded" {
		t.Errorf("how: %s", got)
	}
	if receipt.Moved() != img.size(t) || b.reg.Received() != img.size(t) {
		t.Errorf("moved %d bytes, the registry took %d, the image has %d", receipt.Moved(), b.reg.Received(), img.size(t))
	}
	b.complete("team/app:1", img)

	before := len(b.reg.Log())
	receipt, err = b.pusher().Push(t.Context(), img.Image, b.to("team/app", "1"), "unique")
	check(t, err)
	if got := hows(receipt); got != "present present present present present" || receipt.Moved() != 0 {
		t.Errorf("how: %s", got)
	}
	if n := len(b.reg.Log()) - before; n != 1 {
		t.Errorf("%d requests for an image that is there, want 1", n)
	}

	// One layer and the configuration differ: nothing else is even asked for.
	other := newPicture(t, "two")
	receipt, err = b.pusher().Push(t.Context(), other.Image, b.to("team/app", "1"), "unique")
	check(t, err)
	if got := hows(receipt); got != "present present present uploaded uploaded" {
		t.Errorf("how: %s", got)
	}
	b.complete("team/app:1", other)
}

func TestPushWithoutTagTakesTheUniqueOne(t *testing.T) {
	b := newBench(t)
	img := newPicture(t, "one")
	receipt, err := b.pusher().Push(t.Context(), img.Image, b.to("team/app", ""), "0123456789ab")
	check(t, err)
	if want := b.host + "/team/app:0123456789ab"; receipt.Reference != want {
		t.Errorf("reference %s, want %s", receipt.Reference, want)
	}
	b.complete("team/app:0123456789ab", img)
}

// TestMount: base layers of the same registry are mounted; where it will not, they are sent.
func TestMount(t *testing.T) {
	for refused, want := range map[bool]string{
		false: "mounted mounted uploaded uploaded uploaded",
		true:  "streamed streamed uploaded uploaded uploaded",
	} {
		b := newBench(t)
		img := newPicture(t, "one")
		b.store("library/base", img.base...)
		if refused {
			for _, layer := range img.base { // asked after mounting, and before uploading
				b.reg.Add(faultreg.Fault{Method: http.MethodHead, Path: digestOf(layer).Hex, Times: 2, Do: faultreg.Status(http.StatusNotFound)})
			}
		}
		p := b.pusher()
		from := b.to("library/base", "1").Repository
		p.Base = &from
		receipt, err := p.Push(t.Context(), img.Image, b.to("team/app", "1"), "")
		check(t, err)
		if got := hows(receipt); got != want {
			t.Errorf("mount refused %t: %s, want %s", refused, got, want)
		}
		b.complete("team/app:1", img)
	}
}

// TestSeveralDestinations: a registry gets each blob once, however many repositories of it are named.
func TestSeveralDestinations(t *testing.T) {
	b := newBench(t)
	img := newPicture(t, "one")
	p := b.pusher()
	var all []string
	for _, d := range []string{"team/app:1", "team/app:latest", "copy/app:1"} {
		repo, tag, _ := strings.Cut(d, ":")
		receipt, err := p.Push(t.Context(), img.Image, b.to(repo, tag), "")
		check(t, err)
		all = append(all, hows(receipt))
		b.complete(d, img)
	}
	if want := []string{
		"streamed streamed uploaded uploaded uploaded", "present present present present present", "mounted mounted mounted mounted mounted",
	}; !slices.Equal(all, want) {
		t.Errorf("how: %q, want %q", all, want)
	}
	if got := b.reg.Received(); got != img.size(t) {
		t.Errorf("the registry took %d bytes, the image has %d", got, img.size(t))
	}
}

// TestLyingHead: a registry that says it has what it has not is not believed.
func TestLyingHead(t *testing.T) {
	b := newBench(t)
	img := newPicture(t, "one")
	b.reg.Add(faultreg.Fault{Method: http.MethodHead, Path: "/blobs/", Do: faultreg.Status(http.StatusOK, "Content-Length", "5")})
	receipt, err := b.pusher().Push(t.Context(), img.Image, b.to("team/app", "1"), "")
	check(t, err)
	if got := hows(receipt); got != "streamed streamed uploaded uploaded uploaded" {
		t.Errorf("how: %s", got)
	}
	b.complete("team/app:1", img)
}

// TestBlobUnknown: a registry that refuses the manifest for blobs it had said to have gets them all.
func TestBlobUnknown(t *testing.T) {
	b := newBench(t)
	img := newPicture(t, "one")
	lie := faultreg.Fault{Path: "/blobs/sha256", Times: 10, Do: faultreg.Status(http.StatusOK, "Content-Length", "1")}
	get := lie
	lie.Method, get.Method = http.MethodHead, http.MethodGet
	get.Do = func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.WriteHeader(http.StatusPartialContent)
		_, _ = w.Write([]byte("x"))
	}
	b.reg.Add(lie, get, faultreg.Fault{
		Method: http.MethodPut, Path: "/manifests/", Times: 1,
		Do: faultreg.Refuse(http.StatusBadRequest, "MANIFEST_BLOB_UNKNOWN", "blob unknown to registry"),
	})
	receipt, err := b.pusher().Push(t.Context(), img.Image, b.to("team/app", "1"), "")
	check(t, err)
	if got := hows(receipt); got != "streamed streamed uploaded uploaded uploaded" || b.reg.Received() != img.size(t) {
		t.Errorf("how: %s, %d bytes came", got, b.reg.Received())
	}
}

// TestTagLast: whichever request is where a registry begins to fail, no tag is written before all
// else; and a single failure on the way costs time alone.
func TestTagLast(t *testing.T) {
	img := newPicture(t, "one")
	clean := newBench(t)
	_, err := clean.pusher().Push(t.Context(), img.Image, clean.to("team/app", "1"), "")
	check(t, err)
	requests := len(clean.reg.Log())
	for k := range requests {
		for _, status := range []int{http.StatusForbidden, http.StatusInternalServerError} {
			b := newBench(t)
			b.reg.Add(faultreg.Fault{Skip: k, Do: faultreg.Refuse(status, "DENIED", "no more")})
			if _, err := b.pusher().Push(t.Context(), img.Image, b.to("team/app", "1"), ""); err == nil {
				t.Errorf("request %d and all after it answered %d, and no error came of it", k, status)
			}
			log := b.reg.Log()
			for _, r := range log[:min(k, len(log))] {
				if r.Method == http.MethodPut && strings.HasSuffix(r.Path, "/manifests/1") {
					t.Errorf("tagged before request %d of %d", k, requests)
				}
			}
		}
		b := newBench(t)
		b.reg.Add(faultreg.Fault{Skip: k, Times: 1, Do: faultreg.Status(http.StatusServiceUnavailable)})
		_, err := b.pusher().Push(t.Context(), img.Image, b.to("team/app", "1"), "")
		if err != nil {
			t.Errorf("request %d failed once: %v", k, err)
			continue
		}
		b.complete("team/app:1", img)
	}
}

// complete checks an image with another implementation, from manifest to the bytes of layers.
func (b *bench) complete(ref string, want *picture) {
	b.t.Helper()
	parsed, err := name.ParseReference(b.host + "/" + ref)
	check(b.t, err)
	got, err := remote.Image(parsed)
	check(b.t, err)
	check(b.t, validate.Image(got, validate.Fast))
	a, err := got.Digest()
	check(b.t, err)
	if d, err := want.Digest(); err != nil || d != a {
		b.t.Errorf("%s has digest %s, want %s (%v)", ref, a, d, err)
	}
}
