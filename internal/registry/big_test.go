package registry

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/internal/registry/faultreg"
	"github.com/layerpack/layerpack/internal/transport"
)

// big is more than 32 bits can count.
const big = 5<<30 + 12345

// hollow is n bytes that lie nowhere.
type hollow struct{ at, n int64 }

func (s *hollow) Read(p []byte) (int, error) {
	if s.at >= s.n {
		return 0, io.EOF
	}
	k := min(int64(len(p)), s.n-s.at)
	s.at += k
	return int(k), nil
}

func (s *hollow) Seek(offset int64, whence int) (int64, error) {
	if whence != io.SeekStart {
		return 0, errors.New("only from the start")
	}
	s.at = offset
	return offset, nil
}

func (s *hollow) Close() error { return nil }

// sink counts the bytes of one upload and keeps none.
type sink struct {
	mu       sync.Mutex
	have     int64
	breakAt  int64 // of the first PUT's body
	pretend  int64 // what it says then to have
	requests []string
	lengths  []int64
}

func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, strings.TrimSpace(r.Method+" "+r.Header.Get("Content-Range")))
	w.Header().Set("Location", "/v2/team/app/blobs/uploads/1")
	switch r.Method {
	case http.MethodPost:
		w.WriteHeader(http.StatusAccepted)
	case http.MethodGet:
		w.Header().Set("Range", "0-"+strconv.FormatInt(s.have-1, 10))
		w.WriteHeader(http.StatusNoContent)
	case http.MethodPatch, http.MethodPut:
		s.lengths = append(s.lengths, r.ContentLength)
		if s.breakAt > 0 {
			io.CopyN(io.Discard, r.Body, s.breakAt)
			s.have, s.breakAt = s.pretend, 0
			panic(http.ErrAbortHandler)
		}
		n, err := io.CopyBuffer(io.Discard, struct{ io.Reader }{r.Body}, make([]byte, 1<<20))
		s.have += n
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		if r.Method == http.MethodPatch {
			w.Header().Set("Range", "0-"+strconv.FormatInt(s.have-1, 10))
			w.WriteHeader(http.StatusAccepted)
			return
		}
		w.WriteHeader(http.StatusCreated)
	}
}

func uploadBig(t *testing.T, b *bench, s *sink) (sum int64) {
	t.Helper()
	d := v1.Descriptor{Digest: descriptor(nil).Digest, Size: big}
	err := b.Upload(t.Context(), b.repo, d, func() (io.ReadCloser, error) { return &hollow{n: big}, nil }, func(n int64) { sum += n })
	if err != nil || s.have != big {
		t.Errorf("%d of %d bytes came: %v", s.have, int64(big), err)
	}
	return sum
}

// The server is called without a connection between: 5 GB through a socket take seconds and
// show no more than the gigabyte marks that the tests below put into one.
func TestUploadOfFiveGigabytes(t *testing.T) {
	s := &sink{}
	w := &world{hosts: map[string]http.HandlerFunc{"https://registry.example": s.ServeHTTP}}
	if sum := uploadBig(t, w.client(t, login{}), s); sum != big {
		t.Errorf("%d bytes counted", sum)
	}
	if got := fmt.Sprint(s.requests, s.lengths); got != fmt.Sprintf("[POST PUT] [%d]", int64(big)) {
		t.Error(got)
	}
}

func TestUploadResumesBeyondFourGigabytes(t *testing.T) {
	const had = 5 << 30
	s := &sink{breakAt: 1 << 20, pretend: had}
	b := setup(t, nil, func(http.Handler) http.Handler { return s })
	if sum := uploadBig(t, b, s); sum != big {
		t.Errorf("%d bytes counted", sum)
	}
	want := fmt.Sprintf("[POST PUT GET PATCH %d-%d PUT] [%d %d 0]", int64(had), int64(big)-1, int64(big), int64(big-had))
	if got := fmt.Sprint(s.requests, s.lengths); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestDownloadResumesBeyondFourGigabytes(t *testing.T) {
	const had = big - 1000
	var ranges []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ranges = append(ranges, r.Header.Get("Range"))
		w.Header().Set("Content-Length", "1000")
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", int64(had), int64(big)-1, int64(big)))
		w.WriteHeader(http.StatusPartialContent)
		w.Write(make([]byte, 1000))
	}))
	defer s.Close()
	rt, err := transport.New(transport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer rt.CloseIdleConnections()
	c := New(Options{Transport: rt})
	repo, err := name.NewRepository(strings.TrimPrefix(s.URL, "http://") + "/a")
	if err != nil {
		t.Fatal(err)
	}
	r := &download{
		size: big, offset: had, tries: c.backoff.Start(), explain: func(err error) error { return err },
		again: func(*transport.Tries, error) bool { return false },
		open: func(offset int64) (*http.Response, error) {
			return c.openBlob(t.Context(), repo, v1.Descriptor{Digest: descriptor(nil).Digest, Size: big}, offset)
		},
	}
	defer r.Close()
	n, err := io.Copy(io.Discard, r)
	if n != 1000 || err != nil || r.offset != big || len(ranges) != 1 || ranges[0] != fmt.Sprintf("bytes=%d-%d", int64(had), int64(big)-1) {
		t.Errorf("%d bytes, %v, asked for %q", n, err, ranges)
	}
}

// A registry that refuses the token when much of the blob has gone out: nothing of that goes twice.
func TestTokenEndsInTheMiddle(t *testing.T) {
	raw, d := content(maxResent + blobSize)
	for _, tt := range []struct {
		what     string
		after    int64
		resumed  bool
		mostSent int64
	}{
		{"at once", 0, false, 2*d.Size + 1},
		{"late", maxResent + 1000, true, d.Size},
		{"after the last byte", d.Size, true, d.Size},
	} {
		guard := &faultreg.Tokens{}
		b := guarded(t, guard, login{})
		b.reg.Add(faultreg.Fault{Method: http.MethodPut, Path: "/uploads/", Times: 1, Do: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			guard.Expire()
			challenge := `Bearer realm="http://` + r.Host + `/token",service="faultreg",scope="repository:team/app:pull,push"`
			faultreg.InterruptUpload(tt.after, http.StatusUnauthorized, "WWW-Authenticate", challenge)(w, r, next)
		}})
		var at int64
		if err := b.Upload(t.Context(), b.repo, d, opener(raw), func(n int64) { at += n }); err != nil {
			t.Errorf("%s: %v", tt.what, err)
			continue
		}
		uploaded(t, b, tt.what, raw)
		if resumed := b.reg.Count("PATCH", "/uploads/")+b.reg.Count("GET", "/uploads/") > 0; resumed != tt.resumed {
			t.Errorf("%s: resumed: %v, %+v", tt.what, resumed, b.reg.Log())
		}
		if got := b.reg.Received(); got > tt.mostSent || at != d.Size {
			t.Errorf("%s: %d bytes moved, %d counted, of %d", tt.what, got, at, d.Size)
		}
		if n := len(guard.Asked()); n != 2 {
			t.Errorf("%s: %d token requests", tt.what, n)
		}
	}
}
