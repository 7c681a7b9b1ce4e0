//go:build oracle

package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// configDrawer draws cases; each gets folders of its own below dir.
type configDrawer struct {
	t    *testing.T
	dir  string
	r    *rand.Rand
	next int
	pem  []byte
}

func drawConfigs(t *testing.T) *configDrawer {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	d := &configDrawer{t: t, dir: dir, r: rand.New(rand.NewPCG(7, 7))}
	cert, key := selfSigned(t)
	d.pem = slices.Concat(cert, key)
	for _, name := range []string{"one", "two"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	d.write(filepath.Join(dir, "ca.pem"), string(d.pem))
	d.write(filepath.Join(dir, "ca2.pem"), string(d.pem))
	return d
}

func (d *configDrawer) write(path, text string) {
	d.t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

func (d *configDrawer) chance(percent int) bool { return d.r.IntN(100) < percent }

func (d *configDrawer) one(of ...string) string { return of[d.r.IntN(len(of))] }

// value draws what an option may be set to.
func (d *configDrawer) value(name string) string {
	if d.chance(6) {
		return ""
	}
	pem := func() string { return d.one(filepath.Join(d.dir, "ca.pem"), "~/own.pem", "ca2.pem") }
	switch name {
	case "index-url":
		return d.one("https://main.example/simple", "https://u:p%40w@main2.example/simple/", "http://main3.example:8080/", "file:///srv/simple")
	case "extra-index-url":
		return d.one("https://x1.example/s", "https://x2.example/s https://x3.example/s", "https://x4.example/s  \n   https://u@x5.example/s")
	case "find-links":
		return d.one("one", "one "+d.dir+"/two", "https://links.example/page.html", "~/own", "~nobody nowhere", "file://"+d.dir+"/one")
	case "trusted-host":
		return d.one("main3.example", "main3.example:8080 other.example", "[::1]:80")
	case "constraint":
		return d.one("c1.txt", "c1.txt c2.txt", "https://c.example/c.txt")
	case "no-index", "pre", "require-hashes":
		return d.one("1", "0", "true", "False", "on", "no", "YES", "t")
	case "uploaded-prior-to":
		return d.one("2025-03-04", "2025-03-04T05:06:07Z", "2025-03-04 05:06", "2025-03-04T05:06:07")
	case "cert", "client-cert":
		return pem()
	}
	return d.one("http://proxy.example:3128", "https://u:p@proxy.example", "proxy.example:8080", "socks5://proxy.example")
}

var drawnOptions = []string{
	"index-url", "extra-index-url", "find-links", "trusted-host", "constraint", "no-index", "pre", "require-hashes", "uploaded-prior-to", "cert", "client-cert", "proxy",
}

// conf writes a configuration file, at times none, at times one that is broken.
func (d *configDrawer) conf(path string) {
	if d.chance(45) {
		return
	}
	var b strings.Builder
	if d.chance(1) {
		b.WriteString(d.one("orphan = 1\n", "[global\n", "[global]\n[global]\n"))
	}
	for _, section := range []string{"global", "install", "download", "DEFAULT"} {
		if d.chance(map[string]int{"global": 10, "install": 60, "download": 80, "DEFAULT": 90}[section]) {
			continue
		}
		fmt.Fprintf(&b, "[%s]\n", section)
		for _, name := range drawnOptions {
			if !d.chance(20) {
				continue
			}
			written := name
			switch d.r.IntN(6) {
			case 0:
				written = strings.ReplaceAll(name, "-", "_")
			case 1:
				written = strings.ToUpper(name)
			case 2:
				written = "--" + name
			}
			value := d.value(name)
			if listed := strings.Fields(value); len(listed) > 1 && name != "uploaded-prior-to" && d.chance(50) {
				value = "\n    " + strings.Join(listed, "\n    # a comment\n\t")
			}
			fmt.Fprintf(&b, "%s%s%s\n", written, d.one(" = ", "=", ": "), value)
		}
	}
	d.write(path, b.String())
}

// draw makes a case.
func (d *configDrawer) draw() configCase {
	d.next++
	root := filepath.Join(d.dir, fmt.Sprint(d.next))
	home := filepath.Join(root, "home")
	d.write(filepath.Join(home, "own.pem"), string(d.pem))
	d.write(filepath.Join(home, "own", "x"), "")
	c := configCase{Env: map[string]string{"HOME": home, "XDG_CONFIG_DIRS": root + "/a:" + root + "/b", "PATH": "/usr/bin:/bin", "TZ": "UTC"}}
	for _, path := range []string{"a/pip/pip.conf", "b/pip/pip.conf", "home/.pip/pip.conf", "home/.config/pip/pip.conf", "xdg/pip/pip.conf", "venv/pip.conf", "conda/pip.conf", "named.conf"} {
		d.conf(filepath.Join(root, path))
	}
	for _, v := range [][2]string{{"XDG_CONFIG_HOME", "/xdg"}, {"VIRTUAL_ENV", "/venv"}, {"CONDA_PREFIX", "/conda"}, {"PIP_CONFIG_FILE", "/named.conf"}} {
		c.maybe(d, 35, v[0], root+v[1])
	}
	if d.chance(4) {
		c.Env["PIP_CONFIG_FILE"] = os.DevNull
	}
	for _, name := range drawnOptions {
		if d.chance(15) {
			c.Env["PIP_"+strings.ToUpper(strings.ReplaceAll(name, "-", "_"))] = d.value(name)
		}
	}
	// A value that is wrong stops pip even in a file whose word does not count; us only where it does.
	c.maybe(d, 2, "PIP_NO_INDEX", "perhaps")
	c.maybe(d, 2, "PIP_REQUIRE_HASHES", "perhaps")
	c.maybe(d, 2, "PIP_UPLOADED_PRIOR_TO", "yesterday")
	c.maybe(d, 20, "REQUESTS_CA_BUNDLE", filepath.Join(d.dir, "ca.pem"))
	c.maybe(d, 20, "CURL_CA_BUNDLE", filepath.Join(d.dir, "ca2.pem"))
	d.netrc(root, &c)
	for _, name := range []string{"index-url", "extra-index-url", "extra-index-url", "find-links", "find-links", "trusted-host", "constraint"} {
		// A folder that is not there is an error of ours where a flag names it.
		if value, _, _ := strings.Cut(d.value(name), " "); value != "" && value != "~nobody" && d.chance(25) {
			c.Args = append(c.Args, "--"+name, value)
		}
	}
	for _, name := range []string{"no-index", "pre", "require-hashes"} {
		if d.chance(10) {
			c.Args = append(c.Args, "--"+name)
		}
	}
	return c
}

func (c configCase) maybe(d *configDrawer, percent int, name, value string) {
	if d.chance(percent) {
		c.Env[name] = value
	}
}

func (d *configDrawer) netrc(root string, c *configCase) {
	for _, path := range []string{"home/.netrc", "home/_netrc", "named.netrc"} {
		if d.chance(40) {
			text := fmt.Sprintf("machine a.example login %s password pw\n", path)
			d.write(filepath.Join(root, path), d.one(text, text, text+"default login any password thing\n", "machine a.example login\n", "nonsense\n"))
		}
	}
	c.maybe(d, 30, "NETRC", d.one(root+"/named.netrc", root+"/missing", "", "~/_netrc"))
}
