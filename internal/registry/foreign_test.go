package registry

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// world serves hosts that do not exist, by "scheme://host", and notes who was sent credentials.
type world struct {
	hosts map[string]http.HandlerFunc

	mu   sync.Mutex
	told []string // "scheme://host" of every request with an Authorization header or a form
}

func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	where := r.URL.Scheme + "://" + r.URL.Host
	if r.Header.Get("Authorization") != "" || r.Header.Get("Content-Type") == "application/x-www-form-urlencoded" {
		w.mu.Lock()
		w.told = append(w.told, where)
		w.mu.Unlock()
	}
	if r.Body != nil {
		defer r.Body.Close()
	} else {
		r.Body = http.NoBody
	}
	h, ok := w.hosts[where]
	if !ok {
		return nil, fmt.Errorf("nobody at %s", where)
	}
	rec := httptest.NewRecorder()
	h(rec, r)
	resp := rec.Result()
	resp.Request = r
	return resp, nil
}

func (w *world) client(t *testing.T, keys login) *bench {
	t.Helper()
	b := &bench{clock: newClock(), base: "registry.example"}
	b.Client = New(Options{Transport: w, Keychain: keys, Backoff: b.backoff()})
	b.repo = b.repository(t, "team/app")
	return b
}

// bearerAt is a registry that wants a token from a realm.
func bearerAt(realm string, then http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			w.Header().Set("WWW-Authenticate", `Bearer realm="`+realm+`",service="s"`)
			w.WriteHeader(401)
			return
		}
		then(w, r)
	}
}

func TestRealms(t *testing.T) {
	gives := func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"access_token":"TOKEN-CANARY"}`) }
	for _, tt := range []struct {
		realm string
		ok    bool
	}{
		{"https://registry.example/token", true},
		{"https://auth.example/token?account=x", true},
		{"http://auth.example/token", false},
		{"http://registry.example/token", false},
		{"file:///etc/passwd", false},
		{"//auth.example/token", false},
		{"https://loop.example/", false},
		{"https://huge.example/", false},
		{"https://down.example/", false},
		{"", false},
	} {
		for _, keys := range []login{{Username: "me", Password: password}, {IdentityToken: password}} {
			w := &world{}
			registry := bearerAt(tt.realm, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200) })
			w.hosts = map[string]http.HandlerFunc{
				"https://registry.example": func(rw http.ResponseWriter, r *http.Request) {
					if r.URL.Path == "/token" {
						gives(rw, r)
						return
					}
					registry(rw, r)
				},
				"https://auth.example": gives,
				"http://auth.example":  gives,
				"https://loop.example": func(rw http.ResponseWriter, r *http.Request) {
					http.Redirect(rw, r, "/again", http.StatusTemporaryRedirect)
				},
				"https://down.example": func(rw http.ResponseWriter, r *http.Request) {
					http.Redirect(rw, r, "http://auth.example/", http.StatusTemporaryRedirect)
				},
				"https://huge.example": func(rw http.ResponseWriter, _ *http.Request) {
					io.WriteString(rw, strings.Repeat(" ", 1<<20)+`{"token":"abc"}`)
				},
			}
			b := w.client(t, keys)
			_, d := content(10)
			has, err := b.HasBlob(t.Context(), b.repo, d.Digest)
			if has != tt.ok || (err == nil) != tt.ok {
				t.Errorf("%q: %v, %v", tt.realm, has, err)
			}
			if err != nil && strings.Contains(err.Error(), "CANARY") {
				t.Errorf("%q: leaks: %v", tt.realm, err)
			}
			for _, where := range w.told {
				if strings.HasPrefix(where, "http:") {
					t.Errorf("%q: credentials went to %s", tt.realm, where)
				}
			}
		}
	}
}

func TestUploadLocations(t *testing.T) {
	for _, tt := range []struct {
		location string
		ok       bool
	}{
		{"/v2/team/app/blobs/uploads/1", true},
		{"1", true},
		{"https://registry.example/v2/team/app/blobs/uploads/1", true},
		{"http://registry.example/v2/team/app/blobs/uploads/1", true}, // does not know of its TLS
		{"https://me:pw@upload.example/1?signature=CANARY", true},
		{"http://upload.example/1?signature=CANARY", false},
		{"ftp://upload.example/1", false},
	} {
		w := &world{}
		takes := func(rw http.ResponseWriter, r *http.Request) {
			switch r.Method {
			case http.MethodPost:
				rw.Header().Set("Location", tt.location)
				rw.WriteHeader(202)
			case http.MethodPut:
				io.Copy(io.Discard, r.Body)
				rw.WriteHeader(201)
			default:
				rw.WriteHeader(405)
			}
		}
		w.hosts = map[string]http.HandlerFunc{
			"https://registry.example": bearerAt("https://auth.example/", takes),
			"https://auth.example":     func(rw http.ResponseWriter, _ *http.Request) { io.WriteString(rw, `{"token":"TOKEN-CANARY"}`) },
			"https://upload.example":   takes,
			"http://upload.example":    takes,
		}
		b := w.client(t, login{Username: "me", Password: password})
		raw, d := content(10)
		err := b.Upload(t.Context(), b.repo, d, opener(raw), nil)
		if (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.location, err)
		}
		if err != nil && strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%s: leaks: %v", tt.location, err)
		}
		for _, where := range w.told {
			if u, _ := url.Parse(where); u.Host == "upload.example" || u.Scheme == "http" {
				t.Errorf("%s: credentials went to %s", tt.location, where)
			}
		}
	}
}

func TestBlobRedirects(t *testing.T) {
	raw, d := content(1000)
	w := &world{}
	w.hosts = map[string]http.HandlerFunc{
		"https://registry.example": bearerAt("https://auth.example/", func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "https://storage.example/x?signature=CANARY", http.StatusTemporaryRedirect)
		}),
		"https://auth.example": func(rw http.ResponseWriter, _ *http.Request) { io.WriteString(rw, `{"token":"TOKEN-CANARY"}`) },
		"https://storage.example": func(rw http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodHead {
				rw.WriteHeader(403) // signed for GET
				return
			}
			rw.Write(raw)
		},
	}
	b := w.client(t, login{Username: "me", Password: password})
	if got, err := b.read(t, d); err != nil || len(got) != len(raw) {
		t.Error(err)
	}
	if has, err := b.HasBlob(t.Context(), b.repo, d.Digest); !has || err != nil {
		t.Errorf("HEAD with a signature for GET: %v, %v", has, err)
	}
	for _, where := range w.told {
		if where == "https://storage.example" {
			t.Error("credentials went to the storage")
		}
	}
	w.hosts["https://storage.example"] = func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(403) }
	if _, err := b.read(t, d); err == nil || strings.Contains(err.Error(), "CANARY") {
		t.Error(err)
	}
}
