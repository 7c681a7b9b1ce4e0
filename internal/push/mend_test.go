package push

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/internal/registry"
	"github.com/layerpack/layerpack/internal/registry/faultreg"
)

// told collects what a pusher says.
type told struct {
	ch chan progress.Event
}

func (s told) Send(e progress.Event) {
	if e.Kind == progress.Warning {
		s.ch <- e
	}
}

func (s told) warnings() []string {
	close(s.ch)
	var out []string
	for e := range s.ch {
		out = append(out, e.Text)
	}
	return out
}

// damage makes the registry give a blob back with wrong bytes: for ever, or until it is sent again.
func (b *bench) damage(raw []byte, keeps bool) {
	digest := digestOf(raw).String()
	var mended atomic.Bool
	b.reg.Add(faultreg.Fault{Method: http.MethodPut, Path: "/blobs/uploads/", Do: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.URL.Query().Get("digest") == digest && !keeps {
			mended.Store(true)
		}
		next.ServeHTTP(w, r)
	}}, faultreg.Fault{Method: http.MethodGet, Path: "/blobs/" + digest, Do: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if mended.Load() {
			next.ServeHTTP(w, r)
			return
		}
		faultreg.WrongBytes()(w, r, next)
	}})
}

// TestVerify: with Verify, every blob that was there is read back; one that is damaged is sent again, and a
// registry that keeps the damaged one gets no manifest.
func TestVerify(t *testing.T) {
	img := newPicture(t, "one")
	for _, tt := range []struct {
		what  string
		blob  []byte
		keeps bool
		want  string
	}{
		{"a layer, repaired", content("wheels"), false, "present present uploaded present present"},
		{"a base layer, repaired", img.base[1], false, "present streamed present present present"},
		{"a layer, kept", content("wheels"), true, ""},
		{"a base layer, kept", img.base[0], true, ""},
	} {
		b := newBench(t)
		_, err := b.pusher().Push(t.Context(), img.Image, b.to("team/app", "1"), "")
		check(t, err)
		b.damage(tt.blob, tt.keeps)
		puts, before := b.reg.Count(http.MethodPut, "/manifests/"), b.reg.Received()

		said := told{make(chan progress.Event, 10)}
		p := New(Options{Client: b.client, Verify: true, Progress: said})
		_, err = p.Look(t.Context(), b.to("team/app", "1"), "")
		check(t, err)
		receipt, err := p.Push(t.Context(), img.Image, b.to("team/app", "2"), "")
		digest := digestOf(tt.blob).String()
		if w := said.warnings(); len(w) != 1 || !strings.Contains(w[0], digest) {
			t.Errorf("%s: warnings %q", tt.what, w)
		}
		if n := b.reg.Received() - before; n != int64(len(tt.blob)) {
			t.Errorf("%s: %d bytes were sent, the blob has %d", tt.what, n, len(tt.blob))
		}
		wrote := b.reg.Count(http.MethodPut, "/manifests/") - puts
		if tt.keeps {
			if err == nil || !strings.Contains(err.Error(), digest) || !strings.Contains(err.Error(), "damaged") || wrote != 0 {
				t.Errorf("%s: %d manifests were written: %v", tt.what, wrote, err)
			}
			continue
		}
		check(t, err)
		if got := hows(receipt); got != tt.want || wrote != 2 {
			t.Errorf("%s: %s, want %s; %d manifests", tt.what, got, tt.want, wrote)
		}
		b.complete("team/app:2", img)
	}
}

// TestVerifyTagged: a tag that holds the image already is verified too.
func TestVerifyTagged(t *testing.T) {
	img := newPicture(t, "one")
	b := newBench(t)
	_, err := b.pusher().Push(t.Context(), img.Image, b.to("team/app", "1"), "")
	check(t, err)
	b.damage(content("one"), false)
	p := b.pusher()
	p.Verify = true
	receipt, err := p.Push(t.Context(), img.Image, b.to("team/app", "1"), "")
	check(t, err)
	if got := hows(receipt); got != "present present present uploaded present" {
		t.Errorf("how: %s", got)
	}
	b.complete("team/app:1", img)
}

// refuseFor refuses manifests by digest so many times, and names blobs.
func refuseFor(times int, blobs ...[]byte) faultreg.Fault {
	var errs []string
	for _, raw := range blobs {
		errs = append(errs, fmt.Sprintf(`{"code":"MANIFEST_BLOB_UNKNOWN","message":"blob unknown to registry","detail":{"digest":%q}}`, digestOf(raw)))
	}
	if len(errs) == 0 {
		errs = []string{`{"code":"MANIFEST_BLOB_UNKNOWN","message":"blob unknown to registry"}`}
	}
	return faultreg.Fault{Method: http.MethodPut, Path: "/manifests/sha256:", Times: times, Do: func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprintf(w, `{"errors":[%s]}`, strings.Join(errs, ","))
	}}
}

// TestNamedBlobs: of the blobs that a registry said to have, those are sent again that it names when it refuses the
// manifest, and those of the base are mounted; all only when that does not help.
func TestNamedBlobs(t *testing.T) {
	img := newPicture(t, "one")
	wheels := content("wheels")
	for _, tt := range []struct {
		what   string
		faults []faultreg.Fault
		want   string
		mounts int
		puts   int // of the manifest by digest
	}{
		{"one layer", []faultreg.Fault{refuseFor(1, wheels)}, "present present uploaded present present", 0, 2},
		{"a layer and one of the base", []faultreg.Fault{refuseFor(1, wheels, img.base[0])}, "mounted present uploaded present present", 1, 2},
		{"none by name", []faultreg.Fault{refuseFor(1)}, "streamed streamed uploaded uploaded uploaded", 0, 2},
		{"one, and then others", []faultreg.Fault{refuseFor(1, wheels), refuseFor(1)}, "streamed streamed uploaded uploaded uploaded", 0, 3},
		{"a base layer that was mounted in vain", []faultreg.Fault{refuseFor(1, img.base[0]), refuseFor(1, img.base[0])}, "streamed streamed uploaded uploaded uploaded", 1, 3},
		{"none of this image", []faultreg.Fault{refuseFor(1, content("foreign"))}, "present present present present present", 0, 2},
	} {
		b := newBench(t)
		b.store("library/base", img.base...)
		_, err := b.pusher().Push(t.Context(), img.Image, b.to("team/app", "1"), "")
		check(t, err)
		before, puts, asked := b.reg.Received(), b.reg.Count(http.MethodPut, "/manifests/sha256:"), b.mounts("")
		b.reg.Add(tt.faults...)
		p := b.pusher()
		from := b.to("library/base", "").Repository
		p.Base = &from
		_, err = p.Look(t.Context(), b.to("team/app", "1"), "")
		check(t, err)
		receipt, err := p.Push(t.Context(), img.Image, b.to("team/app", "2"), "")
		if err != nil {
			t.Errorf("%s: %v", tt.what, err)
			continue
		}
		if got := hows(receipt); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.what, got, tt.want)
		}
		if n := b.reg.Received() - before; n != receipt.Moved() {
			t.Errorf("%s: %d bytes came, the receipt says %d", tt.what, n, receipt.Moved())
		}
		if n := b.mounts("library%2Fbase") - asked; n != tt.mounts {
			t.Errorf("%s: asked to mount %d times, want %d", tt.what, n, tt.mounts)
		}
		if n := b.reg.Count(http.MethodPut, "/manifests/sha256:") - puts; n != tt.puts {
			t.Errorf("%s: the manifest was written %d times, want %d", tt.what, n, tt.puts)
		}
		b.complete("team/app:2", img)
	}
}

// TestMountedInVain: a base layer that the registry mounted and has not is sent; it is not mounted again.
func TestMountedInVain(t *testing.T) {
	b := newBench(t)
	img := newPicture(t, "one")
	b.store("library/base", img.base...)
	b.reg.Add(refuseFor(1, img.base[0]))
	p := b.pusher()
	from := b.to("library/base", "").Repository
	p.Base = &from
	receipt, err := p.Push(t.Context(), img.Image, b.to("team/app", "1"), "")
	check(t, err)
	if got := hows(receipt); got != "streamed mounted uploaded uploaded uploaded" || b.mounts("") != 2 {
		t.Errorf("how: %s; asked to mount %d times, want 2", got, b.mounts(""))
	}
	b.complete("team/app:1", img)
}

// TestBlobUnknownForEver: a registry that misses blobs whatever it is sent gets no tag.
func TestBlobUnknownForEver(t *testing.T) {
	b := newBench(t)
	img := newPicture(t, "one")
	b.reg.Add(refuseFor(0, content("wheels")))
	_, err := b.pusher().Push(t.Context(), img.Image, b.to("team/app", "1"), "")
	if err == nil || !strings.Contains(err.Error(), "team/app:1") || b.reg.Count(http.MethodPut, "/manifests/1") != 0 {
		t.Errorf("%v", err)
	}
	if got := b.reg.Received(); got != img.size(t) {
		t.Errorf("the registry was sent %d bytes, the image has %d", got, img.size(t))
	}
}

// TestDamagedTag: a tag whose manifest is damaged is written anew, with a warning; what it lists is not believed.
func TestDamagedTag(t *testing.T) {
	img := newPicture(t, "one")
	b := newBench(t)
	_, err := b.pusher().Push(t.Context(), img.Image, b.to("team/app", "1"), "")
	check(t, err)
	b.lost("team/app", content("wheels"))
	b.reg.Add(faultreg.Fault{Method: http.MethodGet, Path: "/manifests/1", Times: 1, Do: faultreg.WrongBytes()})
	said := told{make(chan progress.Event, 10)}
	p := New(Options{Client: b.client, Progress: said})
	if _, err := p.Look(t.Context(), b.to("team/app", "1"), ""); !missing(err) {
		t.Errorf("a damaged manifest gave %v, want %v", err, registry.ErrNotFound)
	}
	tags := b.reg.Count(http.MethodPut, "/manifests/1")
	_, err = p.Push(t.Context(), img.Image, b.to("team/app", "1"), "")
	check(t, err)
	if w := said.warnings(); len(w) != 1 || !strings.Contains(w[0], "team/app:1") || !strings.Contains(w[0], "damaged") {
		t.Errorf("warnings %q", w)
	}
	if n := b.reg.Count(http.MethodPut, "/manifests/1") - tags; n != 1 {
		t.Errorf("the tag was written %d times", n)
	}
	b.complete("team/app:1", img)
}
