//go:build oracle

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
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
	for _, path := range (&command{env: at.Env}).pipPaths(runtime.GOOS) {
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
	pip, err := c.pipConfig(c.pipPaths(runtime.GOOS))
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
