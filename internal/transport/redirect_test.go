package transport

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// fakeNet serves hosts that do not exist: "https://a" -> handler.
type fakeNet map[string]func(*http.Request) (status int, location string)

func (f fakeNet) RoundTrip(r *http.Request) (*http.Response, error) {
	h, ok := f[r.URL.Scheme+"://"+r.URL.Host]
	if !ok {
		return nil, errors.New("no such host")
	}
	status, location := h(r)
	resp := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("")), Request: r}
	if location != "" {
		resp.Header.Set("Location", location)
	}
	return resp, nil
}

func TestCredentialsStayWithTheirOrigin(t *testing.T) {
	for _, tt := range []struct {
		to   string
		sees bool
	}{
		{"/other", true},
		{"https://registry.example/x", true},
		{"https://registry.example:443/x", true},
		{"https://registry.example:8443/x", false},
		{"https://sub.registry.example/x", false},
		{"https://storage.example/x?X-Amz-Signature=abc", false},
		{"https://user:pw@storage.example/x", false},
		{"https://bounce.example/", false}, // comes back to the registry
	} {
		var seen []string
		final := func(r *http.Request) (int, string) {
			seen = append(seen, r.Header.Get("Authorization")+r.Header.Get("Cookie"))
			return 200, ""
		}
		start := func(r *http.Request) (int, string) {
			if r.URL.Path == "/start" {
				return 307, tt.to
			}
			return final(r)
		}
		rt := fakeNet{
			"https://registry.example":      start,
			"https://registry.example:443":  final,
			"https://registry.example:8443": final,
			"https://sub.registry.example":  final,
			"https://storage.example":       final,
			"https://bounce.example":        func(*http.Request) (int, string) { return 302, "https://registry.example/back" },
		}
		req := get(t, "https://registry.example/start")
		req.Header.Set("Authorization", "Bearer t")
		req.Header.Set("Cookie", "c")
		resp, err := Follow(rt, req)
		if err != nil {
			t.Errorf("%s: %v", tt.to, err)
			continue
		}
		resp.Body.Close()
		want := []string{""}
		if tt.sees {
			want[0] = "Bearer tc"
		}
		if fmt.Sprint(seen) != fmt.Sprint(want) {
			t.Errorf("%s: sent %q, want %q", tt.to, seen, want)
		}
	}
}

func TestRefusedRedirects(t *testing.T) {
	loop := func(*http.Request) (int, string) { return 302, "/again?signature=CANARY" }
	for _, tt := range []struct{ to, cause string }{
		{"http://registry.example/x?signature=CANARY", "plain http"},
		{"file:///etc/passwd?CANARY", "not an http"},
		{"https://a\x7fb/CANARY", "no URL"},
		{"https://loop.example/?signature=CANARY", "10 redirects"},
	} {
		rt := fakeNet{
			"https://registry.example": func(*http.Request) (int, string) { return 302, tt.to },
			"https://loop.example":     loop,
		}
		_, err := Follow(rt, get(t, "https://user:CANARY@registry.example/start?token=CANARY"))
		if err == nil || !strings.Contains(err.Error(), tt.cause) {
			t.Errorf("%q: %v", tt.to, err)
		} else if strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%q: leaks: %v", tt.to, err)
		}
	}
}

func TestRedirectedBodies(t *testing.T) {
	for status, sent := range map[int]string{301: "", 302: "", 303: "", 307: "PUT body", 308: "PUT body"} {
		var got string
		rt := fakeNet{
			"https://a": func(r *http.Request) (int, string) {
				io.Copy(io.Discard, r.Body)
				return status, "https://b/"
			},
			"https://b": func(r *http.Request) (int, string) {
				body, _ := io.ReadAll(r.Body)
				got = r.Method + " " + string(body)
				return 201, ""
			},
		}
		req, _ := http.NewRequest(http.MethodPut, "https://a/", bytes.NewReader([]byte("body")))
		resp, err := Follow(rt, req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if got != sent {
			t.Errorf("%d: %q was sent on, want %q", status, got, sent)
		}
	}
}

func TestRedact(t *testing.T) {
	for in, want := range map[string]string{
		"https://u:p@h:1/v2/x/blobs/uploads/?mount=sha256:ab&from=y&origin=z": "https://h:1/v2/x/blobs/uploads/?mount=sha256:ab&from=y&origin=…",
		"https://h/x?_state=SECRET&digest=sha256:ab":                          "https://h/x?_state=…&digest=sha256:ab",
		"https://h/x?" + strings.Repeat("S", 40):                              "https://h/x?…",
		"https://h/x?&&":                                                      "https://h/x",
		"https://h/x#SECRET":                                                  "https://h/x",
	} {
		req := get(t, in)
		if got := Redact(req.URL); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
	if got := Redact(nil); got != "" {
		t.Error(got)
	}
}
