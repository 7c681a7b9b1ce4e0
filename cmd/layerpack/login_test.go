package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/internal/registry/faultreg"
)

// loginHost is a home and a registry that wants a token for me and s3cret-CANARY.
type loginHost struct {
	home, host string
	env        []string
}

func newLoginHost(t *testing.T) *loginHost {
	t.Helper()
	s := httptest.NewServer(&faultreg.Tokens{Username: "me", Password: "s3cret-CANARY", Next: faultreg.New()})
	t.Cleanup(s.Close)
	h := &loginHost{home: t.TempDir(), host: strings.TrimPrefix(s.URL, "http://")}
	h.env = []string{"HOME=" + h.home}
	return h
}

func (h *loginHost) run(t *testing.T, stdin string, args ...string) (code int, said string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, h.env, strings.NewReader(stdin), &stdout, &stderr)
	if stdout.Len() > 0 && args[len(args)-1] != "--help" {
		t.Errorf("%q: stdout holds %q", args, &stdout)
	}
	if strings.Contains(stderr.String(), "CANARY") {
		t.Errorf("%q: leaks: %s", args, &stderr)
	}
	return code, stderr.String()
}

func (h *loginHost) config(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(h.home, ".docker", "config.json"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(text)
}

func TestLogin(t *testing.T) {
	h := newLoginHost(t)
	if code, said := h.run(t, "wrong-CANARY\n", "login", h.host, "-u", "me", "--password-stdin"); code != exitFailed || !strings.Contains(said, "nothing was kept") || h.config(t) != "" {
		t.Errorf("wrong password: %d, %s, %s", code, said, h.config(t))
	}
	for _, args := range [][]string{
		{"login", h.host, "-u", "me", "--password-stdin"},
		{"login", "--password-stdin", "--username=me", h.host},
		{"login", "-u", "me", h.host + "/", "--password-stdin"},
	} {
		for _, end := range []string{"", "\n", "\r\n"} {
			code, said := h.run(t, "s3cret-CANARY"+end, args...)
			if code != exitDone || !strings.Contains(said, "logged in to "+h.host+" as me") || !strings.Contains(said, "config.json") {
				t.Errorf("%q: %d, %s", args, code, said)
			}
			// bWU6... is me:s3cret-CANARY
			if text := h.config(t); !strings.Contains(text, `"auth": "bWU6czNjcmV0LUNBTkFSWQ=="`) {
				t.Errorf("%q: kept %s", args, text)
			}
			code, said = h.run(t, "", "logout", h.host)
			if code != exitDone || !strings.Contains(said, "forgotten") || strings.Contains(h.config(t), h.host) {
				t.Errorf("logout: %d, %s, %s", code, said, h.config(t))
			}
		}
	}
	if code, said := h.run(t, "", "logout", h.host); code != exitDone || !strings.Contains(said, "no credentials for "+h.host) {
		t.Errorf("logout twice: %d, %s", code, said)
	}
}

func TestLoginWords(t *testing.T) {
	h := newLoginHost(t)
	for _, tt := range []struct {
		stdin string
		args  string
		says  string
	}{
		{"x", "login", "takes one registry"},
		{"x", "login a.example b.example -u me --password-stdin", "takes one registry"},
		{"x", "login https://a.example -u me --password-stdin", "without a scheme"},
		{"x", "login a.example/team -u me --password-stdin", "is no registry"},
		{"x", "login a.example --password-stdin", "-u USER"},
		{"x", "login a.example -u me", "--password-stdin"},
		{"x", "login a.example -u me --password=CANARY", "unknown flag: --password"},
		{"", "login a.example -u me --password-stdin", "stdin is empty"},
		{"\n", "login a.example -u me --password-stdin", "stdin is empty"},
		{"x\ny\n", "login a.example -u me --password-stdin", "more than one line"},
		{strings.Repeat("x", maxPassword+1), "login a.example -u me --password-stdin", "more than one line"},
		{"x", "login a.example -u me -p CANARY", "unknown shorthand flag: 'p'"},
		{"", "logout", "takes one registry"},
		{"", "logout a.example -u me", "unknown shorthand flag"},
	} {
		if code, said := h.run(t, tt.stdin, strings.Fields(tt.args)...); code != exitUsage || !strings.Contains(said, tt.says) {
			t.Errorf("%s: %d, %s", tt.args, code, said)
		}
	}
	if code, _ := h.run(t, "", "login", "--help"); code != exitDone {
		t.Errorf("login --help: %d", code)
	}
}

// A registry that is open to all cannot tell whether a password is right.
func TestLoginToAnOpenRegistry(t *testing.T) {
	h := newLoginHost(t)
	s := httptest.NewServer(faultreg.New())
	defer s.Close()
	h.env = append(h.env, "REGISTRY_AUTH_FILE=/elsewhere")
	code, said := h.run(t, "pw", "login", strings.TrimPrefix(s.URL, "http://"), "-u", "me", "--password-stdin")
	if code != exitDone || !strings.Contains(said, "asks nobody") || !strings.Contains(said, "/elsewhere") {
		t.Errorf("%d, %s", code, said)
	}
	none := httptest.NewServer(http.NotFoundHandler())
	defer none.Close()
	if code, said = h.run(t, "pw", "login", strings.TrimPrefix(none.URL, "http://"), "-u", "me", "--password-stdin"); code != exitFailed || !strings.Contains(said, "not found") {
		t.Errorf("%d, %s", code, said)
	}
}

func TestGivenCredentials(t *testing.T) {
	for _, tt := range []struct {
		env  map[string]string
		tags []string
		want string
		bad  bool
	}{
		{nil, []string{"a.example/x"}, "", false},
		{map[string]string{"LAYERPACK_USERNAME": "me", "LAYERPACK_PASSWORD": "pw"}, []string{"a.example:5000/x:1", "b.example/y"}, "a.example:5000", false},
		{map[string]string{"LAYERPACK_USERNAME": "me", "LAYERPACK_PASSWORD": "pw"}, []string{"team/x"}, "index.docker.io", false},
		{map[string]string{"LAYERPACK_USERNAME": "me", "LAYERPACK_PASSWORD": "pw"}, nil, "", false},
		{map[string]string{"LAYERPACK_USERNAME": "me"}, []string{"a.example/x"}, "", true},
		{map[string]string{"LAYERPACK_PASSWORD": "pw"}, []string{"a.example/x"}, "", true},
		{map[string]string{"LAYERPACK_USERNAME": "me", "LAYERPACK_PASSWORD": "pw"}, []string{"UPPER/x"}, "", true},
	} {
		c := &command{env: tt.env}
		got, err := c.givenCredentials(tt.tags)
		host := ""
		if got != nil {
			host = got.Registry.RegistryStr()
		}
		if host != tt.want || (err != nil) != tt.bad || err != nil && strings.Contains(err.Error(), "pw") {
			t.Errorf("%v %q: %s, %v", tt.env, tt.tags, host, err)
		}
	}
}

// What is configured wrongly is said before anything is done.
func TestUserConfigurationIsRead(t *testing.T) {
	h := newLoginHost(t)
	dir := filepath.Join(h.home, ".config", "layerpack")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "config.toml"), []byte("mirrors = []"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"login", h.host, "-u", "me", "--password-stdin"},
		{"inspect", "--base", h.host + "/a"},
	} {
		if code, said := h.run(t, "pw", args...); code != exitFailed || !strings.Contains(said, "config.toml:1: the key mirrors is not known") {
			t.Errorf("%q: %d, %s", args, code, said)
		}
	}
}
