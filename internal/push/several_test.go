package push

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/internal/registry/faultreg"
	"github.com/layerpack/layerpack/pkg/tagging"
)

// TestTwoTags: two tags of one repository are one manifest by its digest.
func TestTwoTags(t *testing.T) {
	b := newBench(t)
	img := newPicture(t, "one")
	p := b.pusher()
	for _, tag := range []string{"1", "latest"} {
		_, err := p.Push(t.Context(), img.Image, b.to("team/app", tag), "")
		check(t, err)
		b.complete("team/app:"+tag, img)
	}
	if n := b.reg.Count(http.MethodPut, "/manifests/sha256:"); n != 1 {
		t.Errorf("the manifest was written %d times by its digest, want 1", n)
	}
	if n := b.reg.Count(http.MethodPut, "/manifests/"); n != 3 {
		t.Errorf("%d manifests were written, want 3", n)
	}
}

// TestManifestAgain: a manifest that could not be written is tried for the next tag.
func TestManifestAgain(t *testing.T) {
	b := newBench(t)
	img := newPicture(t, "one")
	b.reg.Add(faultreg.Fault{Method: http.MethodPut, Path: "/manifests/sha256:", Times: 1, Do: faultreg.Refuse(http.StatusForbidden, "DENIED", "not now")})
	p := b.pusher()
	if _, err := p.Push(t.Context(), img.Image, b.to("team/app", "1"), ""); err == nil {
		t.Error("a manifest that was refused passed")
	}
	_, err := p.Push(t.Context(), img.Image, b.to("team/app", "2"), "")
	check(t, err)
	b.complete("team/app:2", img)
}

// TestDuplicateLayers: a layer that an image has twice is sent once, and told as such.
func TestDuplicateLayers(t *testing.T) {
	b := newBench(t)
	img := newPicture(t, "wheels")
	receipt, err := b.pusher().Push(t.Context(), img.Image, b.to("team/app", "1"), "")
	check(t, err)
	if got := hows(receipt); got != "streamed streamed uploaded present uploaded" {
		t.Errorf("how: %s", got)
	}
	if once := img.size(t) - int64(len(content("wheels"))); receipt.Moved() != once || b.reg.Received() != once {
		t.Errorf("moved %d bytes, the registry took %d, want %d", receipt.Moved(), b.reg.Received(), once)
	}
	b.complete("team/app:1", img)
}

// TestTwoRegistries: of several registries each gets every blob once, when all destinations are served at
// the same time.
func TestTwoRegistries(t *testing.T) {
	one, two := newBench(t), newBench(t)
	img := newPicture(t, "one")
	p := one.pusher()
	all := map[*bench][]string{one: {"team/app", "copy/app"}, two: {"team/app", "copy/app"}}
	var repos []name.Repository
	var to []tagging.Destination
	for b, list := range all {
		for _, repo := range list {
			to = append(to, b.to(repo, "1"), b.to(repo, "2"))
			repos = append(repos, b.to(repo, "").Repository)
		}
	}
	var wg sync.WaitGroup
	for _, c := range mustContents(t, img) {
		wg.Go(func() {
			if err := p.Bring(t.Context(), repos, c); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, d := range to {
		receipt, err := p.Push(t.Context(), img.Image, d, "")
		check(t, err)
		if len(receipt.Blobs) != 5 {
			t.Errorf("%s: %s", receipt.Reference, hows(receipt))
		}
	}
	for b, list := range all {
		if got := b.reg.Received(); got != img.size(t) {
			t.Errorf("a registry took %d bytes, the image has %d", got, img.size(t))
		}
		if n := b.reg.Count(http.MethodPut, "/manifests/sha256:"); n != 2 {
			t.Errorf("the manifest was written %d times by its digest, want once for each of 2 repositories", n)
		}
		for _, repo := range list {
			b.complete(repo+":1", img)
			b.complete(repo+":2", img)
		}
	}
}

// TestOnce: a blob that many ask for at the same time is sent once, and all wait until it is there.
func TestOnce(t *testing.T) {
	b := newBench(t)
	raw := content("wheels")
	c := Content{Desc: v1.Descriptor{Digest: digestOf(raw), Size: int64(len(raw))}, Made: true, Open: opener(raw)}
	repo := b.to("team/app", "").Repository
	p := b.pusher()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := p.Bring(t.Context(), []name.Repository{repo}, c); err != nil {
				t.Error(err)
			}
			if b.sent(c.Desc.Digest.String()) != 1 {
				t.Error("it went on before the blob was there")
			}
		})
	}
	wg.Wait()
	if got := b.reg.Received(); got != c.Desc.Size {
		t.Errorf("the registry took %d bytes, the blob has %d", got, c.Desc.Size)
	}
}

// TestCancel: whoever brings a blob is released when the run is over, on the way and in the queue, and no
// manifest is written.
func TestCancel(t *testing.T) {
	b := newBench(t)
	reached := make(chan struct{}, 10*parallel)
	b.reg.Add(faultreg.Fault{Method: http.MethodPut, Path: "/blobs/uploads/", Do: func(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
		_, _ = io.Copy(io.Discard, r.Body)
		reached <- struct{}{}
		<-r.Context().Done()
	}})
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	over := errors.New("the run is over")
	p := b.pusher()
	repo := b.to("team/app", "").Repository
	ended := make(chan error, parallel+2)
	for i := range parallel + 2 {
		raw := content(strings.Repeat("x", i+1))
		c := Content{Desc: v1.Descriptor{Digest: digestOf(raw), Size: int64(len(raw))}, Made: true, Open: opener(raw)}
		go func() { ended <- p.Bring(ctx, []name.Repository{repo}, c) }()
	}
	for range parallel {
		<-reached
	}
	cancel(over)
	for range parallel + 2 {
		if err := <-ended; !errors.Is(err, context.Canceled) && !errors.Is(err, over) || !strings.Contains(err.Error(), "team/app") {
			t.Errorf("ended with %v", err)
		}
	}
	if n := len(reached); n != 0 {
		t.Errorf("%d uploads were begun by those that waited", n)
	}
	for range parallel { // as if they took their time to notice
		p.slots <- struct{}{}
	}
	raw := content("late")
	c := Content{Desc: v1.Descriptor{Digest: digestOf(raw), Size: int64(len(raw))}, Made: true, Open: opener(raw)}
	if err := p.Bring(ctx, []name.Repository{repo}, c); !errors.Is(err, over) {
		t.Errorf("in the queue of a run that is over: %v", err)
	}
	img := newPicture(t, "one")
	if _, err := p.Push(ctx, img.Image, b.to("team/app", "1"), ""); err == nil || b.reg.Count(http.MethodPut, "/manifests/") != 0 {
		t.Errorf("pushed after the run was over: %v", err)
	}
}
