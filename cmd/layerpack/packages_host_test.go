package main

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/layerpack/layerpack/pkg/pipwheel/index"
)

// What pip reads, and in which order: the machine's, the user's, the environment's, the one that is named.
func TestPipPaths(t *testing.T) {
	all := map[string]string{"named.conf": "", "x": ""}
	for name, tt := range map[string]struct {
		env  map[string]string
		want string
	}{
		"plain":   {map[string]string{}, "/etc/xdg/pip/pip.conf /etc/pip.conf DIR/home/.pip/pip.conf DIR/home/.config/pip/pip.conf"},
		"no home": {map[string]string{"HOME": ""}, "/etc/xdg/pip/pip.conf /etc/pip.conf"},
		"a folder that XDG does not allow": {
			map[string]string{"XDG_CONFIG_HOME": "rel", "XDG_CONFIG_DIRS": ".:/a"}, "/a/pip/pip.conf /etc/pip.conf DIR/home/.pip/pip.conf",
		},
		"environment":        {map[string]string{"VIRTUAL_ENV": "/v", "CONDA_PREFIX": "/c", "HOME": ""}, "/etc/xdg/pip/pip.conf /etc/pip.conf /v/pip.conf"},
		"conda":              {map[string]string{"CONDA_PREFIX": "/c", "HOME": ""}, "/etc/xdg/pip/pip.conf /etc/pip.conf /c/pip.conf"},
		"relative":           {map[string]string{"VIRTUAL_ENV": ".venv", "HOME": ""}, "/etc/xdg/pip/pip.conf /etc/pip.conf"},
		"named":              {map[string]string{"VIRTUAL_ENV": "/v", "PIP_CONFIG_FILE": "DIR/named.conf"}, "/etc/xdg/pip/pip.conf /etc/pip.conf /v/pip.conf DIR/named.conf"},
		"named, relative":    {map[string]string{"VIRTUAL_ENV": "/v", "PIP_CONFIG_FILE": "named.conf"}, "/etc/xdg/pip/pip.conf /etc/pip.conf /v/pip.conf named.conf"},
		"named, not there":   {map[string]string{"VIRTUAL_ENV": "/v", "PIP_CONFIG_FILE": "no.conf", "HOME": ""}, "/etc/xdg/pip/pip.conf /etc/pip.conf /v/pip.conf"},
		"named, null device": {map[string]string{"VIRTUAL_ENV": "/v", "PIP_CONFIG_FILE": "/dev/null"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c, dir := packageCommand(t, tt.env, all)
			if got, want := strings.Join(c.pipPaths("linux"), " "), strings.ReplaceAll(tt.want, "DIR", dir); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// complete reads the files that pipPaths lists. Files that cannot be opened are none, as for pip.
func TestPackagesFromFiles(t *testing.T) {
	c, dir := packageCommand(t, map[string]string{"PIP_CONFIG_FILE": "DIR/named.conf", "VIRTUAL_ENV": "DIR/venv"}, map[string]string{
		"venv/pip.conf": "[install]\nindex-url = https://venv/s\nextra-index-url = https://venv/e\n", "named.conf": "[install]\nindex-url = https://named/s\n",
	})
	f, set := &packageFlags{}, pflag.NewFlagSet("lock", pflag.ContinueOnError)
	f.register(set)
	p, _, err := f.complete(c, set)
	if err != nil || p.IndexURL != "https://named/s" || !slices.Equal(p.ExtraIndexURLs, []string{"https://venv/e"}) {
		t.Errorf("%+v %v", p, err)
	}
	if _, found, err := readPipConf(dir); found || err != nil {
		t.Errorf("a folder: %v %v", found, err)
	}
	if os.Getuid() != 0 {
		path := filepath.Join(dir, "named.conf")
		if err := os.Chmod(path, 0); err != nil {
			t.Fatal(err)
		}
		if _, found, err := readPipConf(path); found || err != nil {
			t.Errorf("no permission: %v %v", found, err)
		}
	}
}

// Whom to trust: what Python's requests is told goes before pip's own setting, unless there is a proxy.
func TestPackageTrust(t *testing.T) {
	cert, key := selfSigned(t)
	one, _ := selfSigned(t)
	two, _ := selfSigned(t)
	files := map[string]string{
		"one.pem": string(one), "two.pem": string(two), "home/both.pem": string(cert) + string(key), "bad.pem": "no",
		"certs/12345678.0": string(one), "certs/9abcdef0.12": string(two), "certs/plain.pem": string(cert), "certs/12345678.r0": "x",
	}
	for name, tt := range map[string]struct {
		env          map[string]string
		ca           string
		proxy        string
		certificates int
	}{
		"nothing":   {},
		"cert":      {env: map[string]string{"PIP_CERT": "one.pem", "SSL_CERT_FILE": "two.pem"}, ca: string(one)},
		"requests":  {env: map[string]string{"PIP_CERT": "one.pem", "REQUESTS_CA_BUNDLE": "two.pem", "CURL_CA_BUNDLE": "bad.pem"}, ca: string(two)},
		"curl":      {env: map[string]string{"PIP_CERT": "bad.pem", "CURL_CA_BUNDLE": "two.pem"}, ca: string(two)},
		"proxy":     {env: map[string]string{"PIP_CERT": "~/both.pem", "REQUESTS_CA_BUNDLE": "two.pem", "PIP_PROXY": "proxy:3128"}, ca: string(cert) + string(key), proxy: "http://proxy:3128"},
		"no cert":   {env: map[string]string{"REQUESTS_CA_BUNDLE": "two.pem", "PIP_PROXY": "socks5://u:p@proxy"}, proxy: "socks5://u:p@proxy"},
		"a folder":  {env: map[string]string{"PIP_CERT": "certs"}, ca: string(one) + "\n" + string(two) + "\n"},
		"openssl":   {env: map[string]string{"SSL_CERT_FILE": "two.pem"}, ca: string(two)},
		"openssl 2": {env: map[string]string{"SSL_CERT_FILE": "bad.pem"}},
		"openssl 3": {env: map[string]string{"SSL_CERT_FILE": "/not/there"}},
		"client":    {env: map[string]string{"PIP_CLIENT_CERT": "~/both.pem"}, certificates: 1},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := packageCommand(t, tt.env, files)
			_, host, err := mergePackages(c, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			if string(host.CA) != tt.ca || host.Proxy != tt.proxy || len(host.Certificates) != tt.certificates {
				t.Errorf("%d bytes of authorities, proxy %q, %d certificates", len(host.CA), host.Proxy, len(host.Certificates))
			}
		})
	}
}

// The first netrc that is there counts, and one that cannot be understood is none.
func TestPackageNetrc(t *testing.T) {
	entry := func(user string) string { return "machine h.example login " + user + " password pw\n" }
	for name, tt := range map[string]struct {
		env, files map[string]string
		want       string
	}{
		"none":          {},
		"dot":           {files: map[string]string{"home/.netrc": entry("dot"), "home/_netrc": entry("under")}, want: "dot"},
		"under":         {files: map[string]string{"home/_netrc": entry("under")}, want: "under"},
		"named":         {env: map[string]string{"NETRC": "DIR/n"}, files: map[string]string{"home/.netrc": entry("dot"), "n": entry("named")}, want: "named"},
		"named by home": {env: map[string]string{"NETRC": "~/n"}, files: map[string]string{"home/n": entry("named")}, want: "named"},
		"not there":     {env: map[string]string{"NETRC": "DIR/n"}, files: map[string]string{"home/.netrc": entry("dot")}},
		"empty":         {env: map[string]string{"NETRC": ""}, files: map[string]string{"home/.netrc": entry("dot")}},
		"broken":        {files: map[string]string{"home/.netrc": "machine", "home/_netrc": entry("under")}},
		"a folder":      {files: map[string]string{"home/.netrc/x": "", "home/_netrc": entry("under")}},
		"no home":       {env: map[string]string{"HOME": ""}, files: map[string]string{".netrc": entry("dot"), "~/.netrc": entry("tilde")}},
		"relative home": {env: map[string]string{"HOME": "home"}, files: map[string]string{"home/.netrc": entry("dot")}},
		"too large":     {files: map[string]string{"home/.netrc": entry("dot") + strings.Repeat(" ", maxNetrc)}},
		"not asked for": {env: map[string]string{"ARGS": "--no-source"}, files: map[string]string{"home/.netrc": entry("dot")}},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := packageCommand(t, tt.env, tt.files)
			_, host, err := mergePackages(c, strings.Fields(c.env["ARGS"]), nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := netrcUser(t, host.Netrc, "h.example"); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// netrcUser is who asks a host's index, empty for nobody; the password is "pw", or part of the answer.
func netrcUser(t *testing.T, netrc *index.Netrc, host string) string {
	t.Helper()
	seen := ""
	client, err := index.New(index.Options{HTTP: doer(func(r *http.Request) (*http.Response, error) {
		if user, password, ok := r.BasicAuth(); ok {
			if seen = user; password != "pw" {
				seen += ":" + password
			}
		}
		return nil, io.ErrUnexpectedEOF
	}), IndexURL: "https://" + host, Netrc: netrc})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Project(t.Context(), "x"); err == nil {
		t.Fatal("an index that is not there answered")
	}
	return seen
}

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }
