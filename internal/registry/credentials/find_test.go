package credentials

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
)

// home is a user's home with files, and an environment that leads there.
type home struct {
	dir string
	env map[string]string
}

func newHome(t *testing.T, files map[string]string) *home {
	t.Helper()
	h := &home{dir: t.TempDir()}
	h.env = map[string]string{"HOME": h.dir, "XDG_RUNTIME_DIR": filepath.Join(h.dir, "run")}
	for path, text := range files {
		h.write(t, path, text, 0o600)
	}
	return h
}

func (h *home) write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	path = filepath.Join(h.dir, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

func (h *home) read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(h.dir, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (h *home) options() Options { return Options{Getenv: func(k string) string { return h.env[k] }} }

// helper puts a credential helper into PATH: a shell script that reads the server and has $1, the action.
func (h *home) helper(t *testing.T, name, script string) {
	t.Helper()
	h.write(t, "bin/docker-credential-"+name, "#!/bin/sh\n"+script+"\n", 0o700)
	t.Setenv("PATH", filepath.Join(h.dir, "bin")+":/usr/bin:/bin")
}

func resource(t *testing.T, s string) authn.Resource {
	t.Helper()
	if strings.Contains(s, "/") {
		repo, err := name.NewRepository(s)
		if err != nil {
			t.Fatal(err)
		}
		return repo
	}
	reg, err := name.NewRegistry(s)
	if err != nil {
		t.Fatal(err)
	}
	return reg
}

// resolve says in a word what a keychain knows.
func resolve(t *testing.T, k *Keychain, s string) (string, error) {
	t.Helper()
	auth, err := k.ResolveContext(t.Context(), resource(t, s))
	if err != nil {
		return "", err
	}
	c, err := auth.Authorization()
	if err != nil {
		return "", err
	}
	switch {
	case *c == (authn.AuthConfig{}):
		return "nothing", nil
	case c.IdentityToken != "":
		return "identity " + c.IdentityToken, nil
	case c.RegistryToken != "":
		return "registry " + c.RegistryToken, nil
	}
	return c.Username + ":" + c.Password, nil
}

const (
	auth1 = `{"auth":"bWU6b25l"}`                                // me:one
	auth2 = `{"auth":"bWU6dHdvOndpdGg6Y29sb25z"}`                // me:two:with:colons
	auth3 = `{"username":"me","password":"three","email":"a@b"}` // as old files have it
)

func TestFiles(t *testing.T) {
	docker, podman, config := ".docker/config.json", "run/containers/auth.json", ".config/containers/auth.json"
	for _, tt := range []struct {
		what  string
		files map[string]string
		env   map[string]string
		ask   string
		want  string
	}{
		{"no files", nil, nil, "r.example", "nothing"},
		{"docker", map[string]string{docker: `{"auths":{"r.example":` + auth1 + `}}`}, nil, "r.example", "me:one"},
		{"another host", map[string]string{docker: `{"auths":{"r.example":` + auth1 + `}}`}, nil, "s.example", "nothing"},
		{"a port is part of the host", map[string]string{docker: `{"auths":{"r.example":` + auth1 + `}}`}, nil, "r.example:5000", "nothing"},
		{"no host below it", map[string]string{docker: `{"auths":{"example.com":` + auth1 + `}}`}, nil, "r.example.com", "nothing"},
		{"https and /v1/", map[string]string{docker: `{"auths":{"https://R.example/v1/":` + auth2 + `}}`}, nil, "r.example", "me:two:with:colons"},
		{"user and password", map[string]string{docker: `{"auths":{"r.example":` + auth3 + `}}`}, nil, "r.example", "me:three"},
		{"identity token", map[string]string{docker: `{"auths":{"r.example":{"auth":"MDAwOg==","identitytoken":"T"}}}`}, nil, "r.example", "identity T"},
		{"registry token", map[string]string{docker: `{"auths":{"r.example":{"registrytoken":"T"}}}`}, nil, "r.example", "registry T"},
		{"docker hub", map[string]string{docker: `{"auths":{"https://index.docker.io/v1/":` + auth1 + `}}`}, nil, "docker.io", "me:one"},
		{"docker hub as podman writes it", map[string]string{podman: `{"auths":{"docker.io":` + auth1 + `}}`}, nil, "index.docker.io", "me:one"},
		{"docker hub, a stub and an entry", map[string]string{podman: `{"auths":{"docker.io":{},"https://index.docker.io/v1/":` + auth1 + `}}`}, nil, "docker.io", "me:one"},
		{"podman", map[string]string{podman: `{"auths":{"r.example":` + auth1 + `}}`}, nil, "r.example", "me:one"},
		{"podman without a session", map[string]string{config: `{"auths":{"r.example":` + auth1 + `}}`}, nil, "r.example", "me:one"},
		{"docker before podman", map[string]string{docker: `{"auths":{"r.example":` + auth1 + `}}`, podman: `{"auths":{"r.example":` + auth3 + `}}`}, nil, "r.example", "me:one"},
		{"podman where docker has none", map[string]string{docker: `{"auths":{"s.example":` + auth1 + `}}`, podman: `{"auths":{"r.example":` + auth3 + `}}`}, nil, "r.example", "me:three"},
		{"REGISTRY_AUTH_FILE before all", map[string]string{docker: `{"auths":{"r.example":` + auth1 + `}}`, "mine": `{"auths":{"r.example":` + auth3 + `}}`}, map[string]string{"REGISTRY_AUTH_FILE": "mine"}, "r.example", "me:three"},
		{"DOCKER_CONFIG in place of home", map[string]string{docker: `{"auths":{"r.example":` + auth1 + `}}`, "d/config.json": `{"auths":{"r.example":` + auth3 + `}}`}, map[string]string{"DOCKER_CONFIG": "d"}, "r.example", "me:three"},
		{"an empty file", map[string]string{podman: "\n"}, nil, "r.example", "nothing"},
		{"the narrowest part", map[string]string{podman: `{"auths":{"r.example":` + auth1 + `,"r.example/a":` + auth2 + `,"r.example/a/b":` + auth3 + `}}`}, nil, "r.example/a/b/c", "me:three"},
		{"a part of another name", map[string]string{podman: `{"auths":{"r.example":` + auth1 + `,"r.example/a":` + auth2 + `}}`}, nil, "r.example/ab", "me:one"},
		{"only a part", map[string]string{podman: `{"auths":{"r.example/a":` + auth2 + `}}`}, nil, "r.example/b", "nothing"},
	} {
		h := newHome(t, tt.files)
		for k, v := range tt.env {
			h.env[k] = filepath.Join(h.dir, v)
		}
		if got, err := resolve(t, New(h.options()), tt.ask); got != tt.want || err != nil {
			t.Errorf("%s: %s, %v", tt.what, got, err)
		}
	}
}

func TestBrokenFiles(t *testing.T) {
	for _, text := range []string{
		`{"auths":{"r.example":{"auth":"CANARY-no-base64"}}}`,
		`{"auths":{"r.example":{"auth":"Q0FOQVJZ"}}}`, // no colon
		`{"auths":{"r.example":{"auth":["CANARY"]}}}`,
		`{"auths":{"r.example":"CANARY"}}`,
		`{"auths":"CANARY"}`,
		`["CANARY"]`,
		`{"auths":{"r.example":{"password":"CANARY`,
		strings.Repeat(" ", maxFile+1),
	} {
		h := newHome(t, map[string]string{".docker/config.json": text})
		k := New(h.options())
		_, err := resolve(t, k, "r.example")
		if err == nil || strings.Contains(err.Error(), "CANARY") || !strings.Contains(err.Error(), "config.json") {
			t.Errorf("%.60s: %v", text, err)
		}
		if entry := k.Entry(resource(t, "r.example/a").(name.Repository)); entry != "" {
			t.Errorf("%.60s: entry %q", text, entry)
		}
	}
	// An entry that cannot be used is no matter to other registries.
	h := newHome(t, map[string]string{".docker/config.json": `{"auths":{"r.example":{"auth":"no"},"s.example":` + auth1 + `}}`})
	if got, err := resolve(t, New(h.options()), "s.example"); got != "me:one" || err != nil {
		t.Error(got, err)
	}
}

func TestGivenIsForItsRegistryAlone(t *testing.T) {
	h := newHome(t, map[string]string{".docker/config.json": `{"auths":{"r.example":` + auth1 + `,"r.example/a":` + auth3 + `,"s.example":` + auth1 + `}}`})
	o := h.options()
	o.Given = &Given{Registry: resource(t, "r.example").(name.Registry), Username: "ci", Password: "given"}
	k := New(o)
	for ask, want := range map[string]string{
		"r.example": "ci:given", "r.example/a": "ci:given", "s.example": "me:one",
		"r.example:5000": "nothing", "mirror.r.example": "nothing", "docker.io": "nothing",
	} {
		if got, err := resolve(t, k, ask); got != want || err != nil {
			t.Errorf("%s: %s, %v", ask, got, err)
		}
	}
	if entry := k.Entry(resource(t, "r.example/a").(name.Repository)); entry != "" {
		t.Errorf("entry %q", entry)
	}
	o.Given.Registry = resource(t, "docker.io").(name.Registry)
	if got, err := resolve(t, New(o), "index.docker.io"); got != "ci:given" || err != nil {
		t.Error(got, err)
	}
}

func TestEntries(t *testing.T) {
	h := newHome(t, map[string]string{
		".docker/config.json":      `{"auths":{"s.example":` + auth1 + `}}`,
		"run/containers/auth.json": `{"auths":{"r.example/a":` + auth1 + `,"r.example":` + auth1 + `,"s.example/a":` + auth1 + `,"docker.io/library/python":` + auth1 + `}}`,
	})
	k := New(h.options())
	for ask, want := range map[string]string{
		"r.example/a": "r.example/a", "r.example/a/b": "r.example/a", "r.example/b": "", "s.example/a": "",
		"python": "", "library/python": "docker.io/library/python", "t.example/a": "",
	} {
		repo := resource(t, "x.example/a").(name.Repository)
		if ask != "python" {
			repo = resource(t, ask).(name.Repository)
		}
		if got := k.Entry(repo); got != want {
			t.Errorf("%s: %q", ask, got)
		}
	}
	if got := New(Options{}).Entry(resource(t, "a.example/b").(name.Repository)); got != "" {
		t.Error(got)
	}
}

func TestAmbientComesLast(t *testing.T) {
	h := newHome(t, map[string]string{".docker/config.json": `{"auths":{"r.example":` + auth1 + `}}`})
	o := h.options()
	o.Ambient = []authn.Keychain{cloud{}, cloud{"s.example"}}
	k := New(o)
	for ask, want := range map[string]string{"r.example": "me:one", "s.example": "cloud:s.example", "t.example": "nothing"} {
		if got, err := resolve(t, k, ask); got != want || err != nil {
			t.Errorf("%s: %s, %v", ask, got, err)
		}
	}
}

type cloud struct{ host string }

func (c cloud) Resolve(r authn.Resource) (authn.Authenticator, error) {
	if c.host != r.RegistryStr() {
		return authn.Anonymous, nil
	}
	return authn.FromConfig(authn.AuthConfig{Username: "cloud", Password: c.host}), nil
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`{"auths":{"https://index.docker.io/v1/":{"auth":"bWU6b25l"},"r.example/a":{}},"credsStore":"x","credHelpers":{"r.example":"y"}}`,
		`{"auths":{"":{"auth":":"},"://":{},"/":{}}}`, `{"auths":null}`, `null`, ``, `[]`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := parse("config.json", []byte(s))
		if err != nil {
			return
		}
		for key, a := range got.auths {
			if key != canonical(key) && canonical(canonical(key)) != canonical(key) {
				t.Errorf("%q is not canonical", key)
			}
			if c, err := a.decode("config.json"); err == nil && a.Auth != "" && c.Username == "" {
				t.Errorf("%q: no user in %+v", key, a)
			}
		}
	})
}
