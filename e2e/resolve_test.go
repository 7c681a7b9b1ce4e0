//go:build e2e

package e2e

import (
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"

	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
)

var update = flag.Bool("update", false, "write the messages of sets/refused anew")

// TestResolve compares what layerpack chooses with what uv, pip and pdm do. It needs neither root nor engines.
func TestResolve(t *testing.T) {
	r := newResolver(t)
	for _, test := range []struct {
		name string
		run  func(*testing.T, *resolver)
	}{
		{"Projects", testProjects},
		{"Refused", testRefused},
		{"OnPrefect", testOnPrefect},
		{"UVLock", testUVLock},
		{"Pylock", testPylock},
		{"Written", testWritten},
		{"NoIndex", testNoIndex},
		{"Speed", testResolveSpeed},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, r) })
	}
}

// resolver is what these tests share: of the rig they use the binary and a cache that outlives them, so that what an
// index says of a wheel is fetched once.
type resolver struct {
	rig
	answers string   // of others, see resolve.sh
	prefect string   // the base of the other tests, as a layout
	index   *index   // in front of the configured one
	uv      []string // the program with its cache
	pip     []string // the program
	plain   map[string]string
}

// day is when the index is looked at, as in resolve.sh: later uploads do not count.
const day = "2026-09-15T00:00:00Z"

func newResolver(t *testing.T) *resolver {
	t.Helper()
	base := setting(t, "LAYERPACK_E2E_BASE")
	kept, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	kept = filepath.Join(kept, "layerpack-e2e")
	r := &resolver{prefect: "oci:" + base + ":" + baseTag, plain: map[string]string{}}
	r.answers = strings.TrimSpace(command(t, "bash", "resolve.sh", base))
	r.cache = filepath.Join(kept, "resolve-store")
	r.uv = []string{filepath.Join(kept, "bin", "uv"), "--no-config", "--no-python-downloads", "--cache-dir", filepath.Join(kept, "uv")}
	r.pip = []string{"python3", filepath.Join(r.answers, "pip", "pip")}
	r.index = startIndex(t, filepath.Join(r.answers, "pages"), false)
	r.binary = filepath.Join(t.TempDir(), "layerpack")
	command(t, "go", "build", "-o", r.binary, "../cmd/layerpack")
	for _, python := range []string{"3.11.9", "3.12.4"} {
		r.plain[python] = plainBase(t, python)
	}
	return r
}

// locking is a call of layerpack lock that asks the index as it was on that day.
func (r *resolver) locking(base string, args ...string) call {
	return call{env: r.index.env(), args: slices.Concat([]string{"lock", "--base", base, "--exclude-newer", day, "--index-url", r.index.simple(), "-q"}, args)}
}

// lock runs layerpack lock and reads what it wrote to stdout.
func (r *resolver) lock(t *testing.T, base string, args ...string) pylock {
	t.Helper()
	return parsePylock(t, r.ok(t, r.locking(base, args...)))
}

// pylock is what the tests read of a pylock.toml (PEP 751).
type pylock struct {
	Environments []string
	Packages     []struct {
		Name, Version, Marker string
		Wheels                []lockedWheel
	}
}

type lockedWheel struct {
	Name, URL string
	Hashes    map[string]string
}

func parsePylock(t *testing.T, text string) (p pylock) {
	t.Helper()
	if err := toml.Unmarshal([]byte(text), &p); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return p
}

// versions of a lock that is for one environment alone.
func (p *pylock) versions(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, g := range p.Packages {
		if g.Marker != "" || out[g.Name] != "" || len(g.Wheels) == 0 {
			t.Errorf("%s %s: marker %q, %d wheels; want each distribution once, for one environment", g.Name, g.Version, g.Marker, len(g.Wheels))
		}
		out[g.Name] = g.Version
	}
	return out
}

// files of a lock that is for one environment alone, with their hashes.
func (p *pylock) files(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, g := range p.Packages {
		if len(g.Wheels) != 1 {
			t.Errorf("%s %s: %d wheels, want the one that fits", g.Name, g.Version, len(g.Wheels))
			continue
		}
		w := g.Wheels[0]
		name := w.Name
		if name == "" {
			name = w.URL[strings.LastIndexByte(w.URL, '/')+1:]
		}
		out[strings.ReplaceAll(name, "%2B", "+")] = w.Hashes["sha256"]
	}
	return out
}

// pinned reads lines "name==version".
func pinned(text string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(text) {
		name, version, ok := strings.Cut(strings.TrimSpace(line), "==")
		if ok && !strings.HasPrefix(name, "#") {
			out[distname.Normalize(name)] = version
		}
	}
	return out
}

// unequal lists what two answers differ in, a line each.
func unequal(theirs, ours map[string]string) (lines []string) {
	names := maps.Clone(theirs)
	maps.Copy(names, ours)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if a, b := theirs[name], ours[name]; a != b {
			lines = append(lines, name+": theirs "+or(a, "none")+", ours "+or(b, "none"))
		}
	}
	return lines
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// sets lists the files of one folder of sets.
func sets(t *testing.T, kind string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("sets", kind, "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("sets/%s: %d files, %v", kind, len(files), err)
	}
	for i := range files {
		if files[i], err = filepath.Abs(files[i]); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func setName(file string) string { return strings.TrimSuffix(filepath.Base(file), ".txt") }

// commandErr runs what must succeed and answers its standard error.
func commandErr(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	var errs strings.Builder
	cmd.Stderr = &errs
	if out, err := cmd.Output(); err != nil {
		t.Fatalf("%s: %v\n%s%s", cmd, err, out, errs.String())
	}
	return errs.String()
}
