//go:build oracle

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/spf13/pflag"
)

// configured is what flags, variables and files come to, as packages_oracle.py writes it.
type configured struct {
	Error          string
	Index          string
	Extra, Links   []string
	NoIndex        bool
	Trusted        []string
	Constraints    []string
	Pre            bool
	RequireHashes  bool
	PriorTo        string
	CA, ClientCert string
	Proxy          string
	Netrc          map[string]string
}

// configCase is one machine and command line.
type configCase struct {
	Env  map[string]string `json:"env"`
	Args []string          `json:"args"`
}

// TestPipIsConfiguredTheSame draws 300 machines and command lines and compares what they come to with the newest pip of the configured index.
func TestPipIsConfiguredTheSame(t *testing.T) {
	python := pipPython(t)
	d := drawConfigs(t)
	var cases []configCase
	var in bytes.Buffer
	for range 300 {
		c := d.draw()
		cases = append(cases, c)
		line, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		in.Write(append(line, '\n'))
	}
	script, err := filepath.Abs("packages_oracle.py")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(d.dir)
	// Each case has files of its own, in a folder of its own: they are all there at once.
	cmd := exec.Command(python, "-B", "-W", "ignore", script)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = &in, &out, &errs
	cmd.Env = append(os.Environ(), "PYTHONUTF8=1")
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, errs.Bytes())
	}
	scan, failed := bufio.NewScanner(&out), 0
	seen := map[string]int{}
	for _, c := range cases {
		if !scan.Scan() {
			t.Fatalf("the oracle stopped early\n%s", errs.Bytes())
		}
		var want configured
		if err := json.Unmarshal(scan.Bytes(), &want); err != nil {
			t.Fatalf("%s: %v", scan.Bytes(), err)
		}
		got := ourConfigured(t, c)
		want.count(seen)
		if want.Proxy != "" && !strings.Contains(want.Proxy, "://") {
			want.Proxy = "http://" + want.Proxy // requests does it when it connects
		}
		if want.Error != "" && got.Error != "" {
			failed++
			continue
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%v\n%v\n%spip -, ours +\n%s", c.Env, c.Args, filesOf(t, c), diff)
		}
	}
	t.Logf("%d cases, refused by both: %d; settings seen: %v", len(cases), failed, seen)
	for _, name := range []string{"index", "extra", "links", "noIndex", "trusted", "constraints", "pre", "requireHashes", "priorTo", "ca", "clientCert", "proxy", "netrc"} {
		if seen[name] < 20 {
			t.Errorf("%s was set in %d cases only", name, seen[name])
		}
	}
	if failed < 10 || failed > 100 {
		t.Error("the cases are not what they were meant to be")
	}
}

// filesOf are the configuration files of a case that count, for messages.
func filesOf(t *testing.T, at configCase) string {
	t.Helper()
	var b strings.Builder
	for _, path := range (&command{env: at.Env}).pipPaths() {
		if text, err := os.ReadFile(path); err == nil {
			fmt.Fprintf(&b, "%s:\n%s\n", path, text)
		}
	}
	return b.String()
}

// count notes which settings differ from a bare machine's.
func (c configured) count(seen map[string]int) {
	for name, set := range map[string]bool{
		"index": c.Index != "" && c.Index != bareIndex, "extra": len(c.Extra) > 0, "links": len(c.Links) > 0, "noIndex": c.NoIndex, "trusted": len(c.Trusted) > 0,
		"constraints": len(c.Constraints) > 0, "pre": c.Pre, "requireHashes": c.RequireHashes, "priorTo": c.PriorTo != "", "ca": c.CA != "",
		"clientCert": c.ClientCert != "", "proxy": c.Proxy != "", "netrc": c.Netrc["a.example"] != "",
	} {
		if set {
			seen[name]++
		}
	}
}

const bareIndex = "https://pypi.org/simple" // as pip writes it

// ourConfigured runs the same case here.
func ourConfigured(t *testing.T, at configCase) configured {
	t.Helper()
	c := &command{env: at.Env, stdout: io.Discard, stderr: io.Discard}
	f := &packageFlags{}
	set := pflag.NewFlagSet("build", pflag.ContinueOnError)
	f.register(set)
	if err := set.Parse(at.Args); err != nil {
		t.Fatal(err)
	}
	p, host, err := f.complete(c, set)
	if err != nil {
		return configured{Error: err.Error()}
	}
	pip, err := c.pipConfig(c.pipPaths())
	if err != nil {
		t.Fatal(err)
	}
	ca, _ := c.pipCA(pip)
	out := configured{
		Index: p.IndexURL, Extra: p.ExtraIndexURLs, Links: p.FindLinks, NoIndex: p.NoIndex, Trusted: p.TrustedHosts,
		Constraints: p.Constraints, Pre: p.Prereleases, RequireHashes: p.RequireHashes,
		CA: ca, ClientCert: pip.expand(pip.ClientCert), Proxy: host.Proxy, Netrc: map[string]string{},
	}
	if out.Index == "" {
		out.Index = bareIndex
	}
	if !p.ExcludeNewer.IsZero() {
		out.PriorTo = p.ExcludeNewer.Format("2006-01-02T15:04:05-07:00")
	}
	for _, name := range []string{"a.example", "b.example"} {
		out.Netrc[name] = netrcUser(t, host.Netrc, name)
	}
	return out
}

// pipPython is the interpreter of a new virtual environment with the newest pip.
func pipPython(t *testing.T) string {
	t.Helper()
	name := os.Getenv("PYTHON3")
	if name == "" {
		name = "python3"
	}
	venv := filepath.Join(t.TempDir(), "venv")
	python := filepath.Join(venv, "bin", "python")
	for _, args := range [][]string{
		{name, "-m", "venv", venv},
		{python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade", "pip"},
	} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("the oracle needs Python 3 (PYTHON3 names it): %v: %v\n%s", args, err, out)
		}
	}
	return python
}

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
