package registry

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseChallenges(t *testing.T) {
	for in, want := range map[string][]challenge{
		"":                    nil,
		",,":                  nil,
		"Basic":               {{"basic", map[string]string{}}},
		`Basic realm="a b"`:   {{"basic", map[string]string{"realm": "a b"}}},
		`basic REALM=simple`:  {{"basic", map[string]string{"realm": "simple"}}},
		`Basic realm = "a"`:   {{"basic", map[string]string{"realm": "a"}}},
		`Bearer realm="x\"y"`: {{"bearer", map[string]string{"realm": `x"y`}}},
		`Bearer realm=https://auth.example/token,service=x`: {{"bearer", map[string]string{"realm": "https://auth.example/token", "service": "x"}}},
		`Bearer realm="https://a/t",service="s",scope="repository:a/b:pull,push repository:c:pull"`: {
			{"bearer", map[string]string{"realm": "https://a/t", "service": "s", "scope": "repository:a/b:pull,push repository:c:pull"}},
		},
		`Negotiate, Basic realm="r"`: {{"negotiate", map[string]string{}}, {"basic", map[string]string{"realm": "r"}}},
		`Negotiate YII/abc==, Bearer realm="r", error="invalid_token"`: {
			{"negotiate", map[string]string{}}, {"bearer", map[string]string{"realm": "r", "error": "invalid_token"}},
		},
		`Basic realm="first", realm="second"`: {{"basic", map[string]string{"realm": "first"}}},
		`Bearer realm="never closed`:          {{"bearer", map[string]string{}}},
	} {
		got := parseChallenges(in)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(challenge{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", in, diff)
		}
	}
}

func TestPickChallenge(t *testing.T) {
	for _, tt := range []struct {
		lines []string
		want  string
	}{
		{[]string{`Basic realm="r"`, `Bearer realm="https://a"`}, "bearer"},
		{[]string{`Bearer`, `Basic realm="r"`}, "basic"}, // no realm, no use
		{[]string{`Negotiate`}, ""},
		{nil, ""},
	} {
		got, ok := pickChallenge(http.Header{"Www-Authenticate": tt.lines})
		if got.scheme != tt.want || ok != (tt.want != "") {
			t.Errorf("%q: %v", tt.lines, got)
		}
	}
}

func TestScopes(t *testing.T) {
	s := scopes{"b": false, "a": true}.with(scopes{"b": true, "c": false})
	want := []string{"repository:c:pull", "repository:a:pull,push", "repository:b:pull,push"}
	if diff := cmp.Diff(want, s.list(scopes{"c": false})); diff != "" {
		t.Error(diff)
	}
	if !s.covers(scopes{"c": false, "b": true}) || s.covers(scopes{"c": true}) || s.covers(scopes{"d": false}) {
		t.Error("covers is wrong")
	}
	got := parseScopes("registry:catalog:* repository:host:5000/a/b:pull,push repository:c:pull repository::x repository d:*")
	if diff := cmp.Diff(scopes{"host:5000/a/b": true, "c": false}, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzChallenge(f *testing.F) {
	for _, s := range []string{
		`Bearer realm="https://a/t",service="s",scope="repository:a/b:pull"`, `Basic realm=x, Negotiate abc==`,
		`Bearer realm="`, `a=b=c`, `, ,x y z="\"`, `Basic realm = "a\`, "Bearer\trealm=a,,b",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, c := range parseChallenges(s) {
			if c.scheme == "" || c.scheme != strings.ToLower(c.scheme) {
				t.Errorf("%q: scheme %q", s, c.scheme)
			}
			for name, value := range c.params {
				if name == "" || name != strings.ToLower(name) || len(value) > len(s) {
					t.Errorf("%q: parameter %q=%q", s, name, value)
				}
			}
			for repo := range parseScopes(c.params["scope"]) {
				if repo == "" {
					t.Errorf("%q: a scope without a repository", s)
				}
			}
		}
	})
}

func FuzzContentRange(f *testing.F) {
	for _, s := range []string{"0-5", "bytes=0-7", "0-0", "1-2", "0--1", "0-99999999999999999999", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if end, ok := rangeEnd(s); ok && (end < 0 || !strings.Contains(s, "0-")) {
			t.Errorf("%q: %d", s, end)
		}
	})
}
