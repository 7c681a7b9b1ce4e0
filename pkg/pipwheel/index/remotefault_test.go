package index

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// other is bytes that differ from blob's.
func other(n int) []byte { return bytes.Repeat([]byte("other"), n/5+1)[:n] }

// ranges serves content, with an ETag if there is one.
func ranges(w http.ResponseWriter, r *http.Request, b []byte, etag string) {
	if etag != "" {
		w.Header().Set("ETag", etag)
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b))
}

func suffix(r *http.Request) bool { return strings.HasPrefix(r.Header.Get("Range"), "bytes=-") }

// whole serves content without ranges and breaks off after some bytes.
func whole(w http.ResponseWriter, b []byte, breaks int) {
	w.Header().Set("Content-Length", fmt.Sprint(len(b)))
	_, _ = (&brokenWriter{w, breaks}).Write(b)
}

// TestRemoteFaults reads while a server misbehaves. Whatever it does, what was read is of the file
// where Wait says so.
func TestRemoteFaults(t *testing.T) {
	b := blob(remoteSize)
	mib := b[:1<<20]
	// Each handler gets the number of its request, from 0, and what to wait for before it breaks off
	// to be sure that what it sent has been read.
	type handler func(w http.ResponseWriter, r *http.Request, n int, read <-chan struct{})
	for name, c := range map[string]struct {
		answer handler
		ok     bool
		isErr  func(error) bool
		kept   bool // the wheel is in the store
	}{
		"cut": {answer: func(w http.ResponseWriter, r *http.Request, n int, _ <-chan struct{}) {
			if n > 0 && n < 4 {
				w = &brokenWriter{w, 300_000 * n}
			}
			ranges(w, r, b, `"one"`)
		}, ok: true, kept: true},
		"cut, then no ranges": {answer: func(w http.ResponseWriter, r *http.Request, n int, read <-chan struct{}) {
			switch n {
			case 0:
				ranges(w, r, b, "")
			case 1:
				w.Header().Set("Content-Length", fmt.Sprint(len(b)))
				w.Write(mib)
				_ = http.NewResponseController(w).Flush()
				<-read
				panic(http.ErrAbortHandler)
			case 2:
				whole(w, b, 500_000) // before what is there already
			case 3:
				whole(w, b, 2_000_000)
			default:
				w.Write(b)
			}
		}, ok: true, kept: true},
		"cut, then other bytes": {answer: func(w http.ResponseWriter, r *http.Request, n int, read <-chan struct{}) {
			switch n {
			case 0:
				ranges(w, r, b, `"one"`)
			case 1:
				w.Header().Set("Content-Length", fmt.Sprint(len(b)))
				w.Write(other(1 << 20))
				_ = http.NewResponseController(w).Flush()
				<-read
				panic(http.ErrAbortHandler)
			default:
				ranges(w, r, b, `"two"`)
			}
		}, isErr: is[*MismatchError]},
		"cut, then the rest of another": {answer: func(w http.ResponseWriter, r *http.Request, n int, read <-chan struct{}) {
			if n == 1 {
				w.Header().Set("Content-Length", fmt.Sprint(len(b)))
				w.Write(mib)
				_ = http.NewResponseController(w).Flush()
				<-read
				panic(http.ErrAbortHandler)
			}
			if n > 1 {
				ranges(w, r, other(remoteSize), "")
				return
			}
			ranges(w, r, b, "")
		}, isErr: is[*MismatchError]},
		"lying end": {answer: func(w http.ResponseWriter, r *http.Request, _ int, _ <-chan struct{}) {
			if suffix(r) {
				ranges(w, r, other(remoteSize), "")
				return
			}
			ranges(w, r, b, "")
		}, isErr: is[*MismatchError]},
		"lying end, and the whole file": {answer: func(w http.ResponseWriter, r *http.Request, _ int, _ <-chan struct{}) {
			if suffix(r) {
				ranges(w, r, other(remoteSize), "")
				return
			}
			w.Write(b)
		}, isErr: is[*MismatchError], kept: true},
		"another file": {answer: func(w http.ResponseWriter, r *http.Request, _ int, _ <-chan struct{}) {
			ranges(w, r, other(remoteSize), "")
		}, isErr: is[*MismatchError]},
		"shorter than it says": {answer: func(w http.ResponseWriter, r *http.Request, _ int, _ <-chan struct{}) {
			if suffix(r) {
				ranges(w, r, b, "")
				return
			}
			ranges(w, r, mib, "")
		}, isErr: is[*MismatchError]},
		"longer than was asked for": {answer: func(w http.ResponseWriter, r *http.Request, _ int, _ <-chan struct{}) {
			if suffix(r) {
				ranges(w, r, b, "")
				return
			}
			w.Header().Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", remoteSize-firstTail-1, remoteSize))
			w.WriteHeader(http.StatusPartialContent)
			w.Write(b)
		}, isErr: is[*MismatchError]},
		"416 but for the end": {answer: func(w http.ResponseWriter, r *http.Request, _ int, _ <-chan struct{}) {
			if r.Header.Get("Range") != "" && !suffix(r) {
				w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
				return
			}
			ranges(w, r, b, "")
		}, ok: true, kept: true},
		"416": {answer: func(w http.ResponseWriter, r *http.Request, _ int, _ <-chan struct{}) {
			if r.Header.Get("Range") != "" {
				w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
				return
			}
			w.Write(b)
		}, ok: true, kept: true},
		"another range": {answer: func(w http.ResponseWriter, r *http.Request, _ int, _ <-chan struct{}) {
			if r.Header.Get("Range") != "" && !suffix(r) {
				r.Header.Set("Range", "bytes=5-99")
			}
			ranges(w, r, b, "")
		}, ok: true, kept: true},
		"gone": {answer: func(w http.ResponseWriter, r *http.Request, _ int, _ <-chan struct{}) {
			if suffix(r) {
				ranges(w, r, b, "")
				return
			}
			w.WriteHeader(http.StatusGone)
		}, isErr: is[*StatusError]},
		"breaks off for ever": {answer: func(w http.ResponseWriter, r *http.Request, n int, _ <-chan struct{}) {
			if n > 0 {
				w = &brokenWriter{w, 10_000}
			}
			ranges(w, r, b, "")
		}, isErr: func(err error) bool { return errors.Is(err, errBody) && !refusal.Is(err) }},
		"silent": {answer: func(w http.ResponseWriter, r *http.Request, n int, _ <-chan struct{}) {
			if n == 1 {
				w.Header().Set("Content-Length", fmt.Sprint(len(b)))
				w.Write(mib)
				_ = http.NewResponseController(w).Flush()
				<-r.Context().Done()
			}
			ranges(w, r, b, `"one"`)
		}, ok: true, kept: true},
	} {
		t.Run(name, func(t *testing.T) {
			s, store := newServer(t), newMemory()
			requests, read := 0, make(chan struct{})
			var mu sync.Mutex
			s.on("/"+demoFile, func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				n := requests
				requests++
				mu.Unlock()
				c.answer(w, r, n, read)
			})
			r := openRemote(t, newClient(t, Options{NoIndex: true, Wheels: wheels{store}}), fileOf(s, b), DownloadOptions{})
			_, firstErr := r.ReadAt(make([]byte, 1000), 0)
			close(read)
			all, readErr := readAll(r, r.Size())
			sum, _, err := r.Wait(t.Context())
			if (err == nil) != c.ok || !c.ok && !c.isErr(err) || (sum == "") == c.ok {
				t.Fatalf("%s, %v", sum, err)
			}
			if c.ok && (firstErr != nil || readErr != nil || !bytes.Equal(all, b)) {
				t.Errorf("reading: %v, %v", firstErr, readErr)
			}
			if _, err2 := r.ReadAt(make([]byte, 1), 0); !c.ok && err2 != err {
				t.Errorf("after it failed: %v", err2)
			}
			if n := len(store.keys("wheels")); (n == 1) != c.kept || refusal.Is(err) && len(store.partials) > 0 {
				t.Errorf("%d wheels and %d parts were kept", n, len(store.partials))
			}
			// The next run is not harmed by what this one left.
			s.bytes("/"+demoFile, b)
			next := openRemote(t, newClient(t, Options{NoIndex: true, Wheels: wheels{store}}), fileOf(s, b), DownloadOptions{})
			if all, err := readAll(next, next.Size()); err != nil || !bytes.Equal(all, b) {
				t.Errorf("the next run: %v", err)
			}
		})
	}
}

// TestRemoteOtherBytesUnread: what nobody has read may come otherwise the next time.
func TestRemoteOtherBytesUnread(t *testing.T) {
	b := blob(remoteSize)
	s := newServer(t)
	n := 0
	s.on("/"+demoFile, func(w http.ResponseWriter, r *http.Request) {
		if n++; n == 2 {
			whole(w, other(remoteSize), 1<<20)
		}
		ranges(w, r, b, fmt.Sprintf(`"%d"`, min(n, 3)))
	})
	r := openRemote(t, newClient(t, Options{NoIndex: true, Wheels: wheels{newMemory()}}), fileOf(s, b), DownloadOptions{})
	_, _, err := r.Wait(t.Context())
	all, readErr := readAll(r, r.Size())
	if err := errors.Join(err, readErr); err != nil || !bytes.Equal(all, b) {
		t.Error(err)
	}
}

// TestRemoteClosedInTheMiddle: whoever waits is told, and what has arrived is not fetched again.
func TestRemoteClosedInTheMiddle(t *testing.T) {
	b := blob(remoteSize)
	for name, end := range map[string]func(r *Remote, cancel func()) error{
		"closed":        func(r *Remote, _ func()) error { return r.Close() },
		"context ended": func(_ *Remote, cancel func()) error { cancel(); return nil },
	} {
		s, store := newServer(t), newMemory()
		s.on("/"+demoFile, func(w http.ResponseWriter, r *http.Request) {
			if suffix(r) {
				ranges(w, r, b, "")
				return
			}
			w.Header().Set("Content-Length", fmt.Sprint(len(b)))
			w.Write(b[:1<<20])
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		})
		ctx, cancel := context.WithCancel(t.Context())
		c := newClient(t, Options{NoIndex: true, Wheels: wheels{store}})
		r, err := c.Remote(ctx, fileOf(s, b), DownloadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		p := make([]byte, 1<<20)
		if _, err := r.ReadAt(p, 0); err != nil || !bytes.Equal(p, b[:1<<20]) {
			t.Errorf("%s: %v", name, err)
		}
		impatient, giveUp := context.WithCancel(t.Context())
		giveUp()
		if _, _, err := r.Wait(impatient); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
		fails := make(chan error)
		go func() { _, err := r.ReadAt(p, 1<<20); fails <- err }()
		go func() { _, _, err := r.Wait(t.Context()); fails <- err }()
		if err := end(r, cancel); err != nil {
			t.Error(err)
		}
		for range 2 {
			if err := <-fails; !errors.Is(err, errClosed) && !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := errors.Join(r.Close(), r.Close()); err != nil {
			t.Error(err)
		}
		if _, err := r.ReadAt(p, remoteSize-10); !errors.Is(err, errClosed) {
			t.Errorf("%s: the end after Close: %v", name, err)
		}
		checkNoTransfer(t)
		cancel()
		s.bytes("/"+demoFile, b)
		next := openRemote(t, c, fileOf(s, b), DownloadOptions{})
		if _, moved, err := next.Wait(t.Context()); err != nil || moved != 2<<20 {
			t.Errorf("%s: %d bytes moved again, %v", name, moved, err)
		}
	}
}

// checkNoTransfer wants no goroutine of a transfer to be left.
func checkNoTransfer(t *testing.T) {
	t.Helper()
	buf := make([]byte, 1<<20)
	var stacks []byte
	for range 200 { // one that has said its last word may still be on its way out
		stacks = buf[:runtime.Stack(buf, true)]
		if !bytes.Contains(stacks, []byte("(*transfer).")) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("a transfer goes on:\n%s", stacks)
}

// TestRemoteNeverStarted asks for the end alone, and closes.
func TestRemoteNeverStarted(t *testing.T) {
	b := blob(remoteSize)
	s := newServer(t)
	s.bytes("/"+demoFile, b)
	store := newMemory()
	r, err := newClient(t, Options{NoIndex: true, Wheels: wheels{store}}).Remote(t.Context(), fileOf(s, b), DownloadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	r.Start()
	if _, _, err := r.Wait(t.Context()); !errors.Is(err, errClosed) {
		t.Error(err)
	}
	if n, err := io.ReadFull(io.NewSectionReader(r, 0, 10), make([]byte, 10)); n != 0 || !errors.Is(err, errClosed) {
		t.Error(err)
	}
	if len(s.requests()) != 1 || len(store.partials) != 0 {
		t.Errorf("%v", s.requests())
	}
}
