package hostconfig

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const whole = `
max-connections = 9

[registry."docker.io"]
mirrors = ["mirror.example:5000/hub", "second.example"]
max-connections = 1

[registry."Registry.example:5000"]
plain-http = true
ca = "certs/ca.pem"
cert = "/abs/client.cert"
key = "client.key"
`

func TestParse(t *testing.T) {
	c, err := Parse("/home/me/.config/layerpack/config.toml", []byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]struct {
		mirrors           int
		inFlight, uploads int
	}{
		"docker.io": {2, 1, 1}, "index.docker.io": {2, 1, 1},
		"registry.example:5000": {0, 9, 6}, "mirror.example:5000": {0, 9, 6},
	} {
		if got := c.Mirrors(host); len(got) != want.mirrors {
			t.Errorf("%s: mirrors %q", host, got)
		}
		if c.InFlight(host) != want.inFlight || c.Uploads(host) != want.uploads {
			t.Errorf("%s: %d, %d", host, c.InFlight(host), c.Uploads(host))
		}
	}
	if got := c.PlainHTTP(); !slices.Equal(got, []string{"registry.example:5000"}) {
		t.Errorf("plain http: %q", got)
	}
	if got := c.Mirrors("docker.io"); !slices.Equal(got, []string{"mirror.example:5000/hub", "second.example"}) {
		t.Errorf("%q", got)
	}
	r := c.registries["registry.example:5000"]
	if r.CA != "/home/me/.config/layerpack/certs/ca.pem" || r.Cert != "/abs/client.cert" || r.Key != "/home/me/.config/layerpack/client.key" {
		t.Errorf("%+v", r)
	}
	none := &Config{}
	if none.PlainHTTP() != nil || none.Mirrors("a") != nil || none.InFlight("a") != 0 || none.Uploads("a") != 0 {
		t.Error("the zero value sets something")
	}
}

func TestParseRefuses(t *testing.T) {
	for text, says := range map[string]string{
		"mirror = 1": "config.toml:1: the key mirror is not known",
		"\n\n[registry.\"a.b\"]\nmirror = [\"c.d\"]":               "config.toml:4: the key registry.a.b.mirror is not known",
		"max-connections = ":                                       "config.toml:1:",
		"max-connections = \"many\"":                               "config.toml:1:",
		"max-connections = 0":                                      "write 1 to 100",
		"max-connections = 101":                                    "write 1 to 100",
		"[registry.\"a.b\"]\nmax-connections = -1":                 "write 1 to 100",
		"[registry.\"https://a.b\"]\nplain-http = true":            "without a scheme",
		"[registry.\"a.b/c\"]\nplain-http = true":                  "without a scheme or a path",
		"[registry.\"\"]\nplain-http = true":                       "write HOST",
		"[registry.\"a.b\"]\nmirrors = [\"https://c.d\"]":          "HOST[:PORT][/PATH]",
		"[registry.\"a.b\"]\nmirrors = [\"c.d/Upper\"]":            "HOST[:PORT][/PATH]",
		"[registry.\"a.b\"]\nmirrors = [\"\"]":                     "HOST[:PORT][/PATH]",
		"[registry.\"a.b\"]\nmirrors = [\"c.d/a/../b\"]":           "HOST[:PORT][/PATH]",
		"[registry.\"a.b\"]\ncert = \"x\"":                         "cert and key",
		"[registry.\"a.b\"]\nkey = \"x\"":                          "cert and key",
		"[registry.\"docker.io\"]\n[registry.\"index.docker.io\"]": "another name",
		"[registry.\"a.b\"]\n[registry.\"A.b\"]":                   "another name",
		"\xff":                                                     "config.toml",
	} {
		_, err := Parse("config.toml", []byte(text))
		if err == nil || !strings.Contains(err.Error(), says) || !strings.HasPrefix(err.Error(), "config.toml") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestPathAndRead(t *testing.T) {
	dir := t.TempDir()
	for _, tt := range []struct {
		env  map[string]string
		want string
	}{
		{map[string]string{"HOME": dir}, filepath.Join(dir, ".config/layerpack/config.toml")},
		{map[string]string{"HOME": "/h", "XDG_CONFIG_HOME": dir}, filepath.Join(dir, "layerpack/config.toml")},
		{map[string]string{"HOME": dir, "XDG_CONFIG_HOME": "relative"}, filepath.Join(dir, ".config/layerpack/config.toml")},
		{nil, ""},
	} {
		if got := Path(func(k string) string { return tt.env[k] }); got != tt.want {
			t.Errorf("%v: %s", tt.env, got)
		}
	}
	path := filepath.Join(dir, "config.toml")
	for _, missing := range []string{"", path} {
		if c, err := Read(missing); err != nil || c.InFlight("a") != 0 {
			t.Errorf("%q: %v", missing, err)
		}
	}
	if err := os.WriteFile(path, []byte("max-connections = 3"), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := Read(path); err != nil || c.InFlight("a") != 3 {
		t.Error(err)
	}
	if _, err := Read(dir); err == nil || !strings.Contains(err.Error(), "configuration") {
		t.Error(err)
	}
	if err := os.WriteFile(path, make([]byte, maxFile+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(path); err == nil {
		t.Error("a huge file passed")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(whole)
	f.Add("[registry]\n\"a\" = {mirrors = ['b/c'], plain-http = true}")
	f.Add("[[registry]]")
	f.Add("registry.a.b = 1")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Parse("config.toml", []byte(text))
		if err != nil {
			return
		}
		for host := range c.registries {
			for _, m := range c.Mirrors(host) {
				if m == "" || strings.Contains(m, "://") || strings.Contains(m, "..") {
					t.Errorf("mirror %q", m)
				}
			}
			if n := c.InFlight(host); n < 0 || n > maxConnections {
				t.Errorf("%d connections", n)
			}
			if host != canonical(host) {
				t.Errorf("host %q", host)
			}
		}
	})
}
