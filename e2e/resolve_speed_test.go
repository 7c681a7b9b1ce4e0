//go:build e2e

package e2e

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// testResolveSpeed tells how long layerpack takes beside uv, as medians of runs in turn. What is slower on a busy machine is no
// fault, so that nothing but coming to an end is demanded here.
//
// The index is on this machine, with the headers of pypi.org and all files at hand: what is measured are the clients.
func testResolveSpeed(t *testing.T, r *resolver) {
	x := startIndex(t, filepath.Join(r.answers, "files"), true)
	r.speedOfChoice(t, x)
	r.speedOfDownload(t, x)
}

// contest is one way to do a thing, and how long it took.
type contest struct {
	name  string
	words []string
	env   []string
	ready func() // before each run
	took  []time.Duration
	cpu   []time.Duration
}

func (c *contest) run(t *testing.T) {
	t.Helper()
	if c.ready != nil {
		c.ready()
	}
	cmd := exec.CommandContext(t.Context(), c.words[0], c.words[1:]...)
	cmd.Env = append(os.Environ(), c.env...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	start := time.Now()
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, errs.Bytes())
	}
	c.took = append(c.took, time.Since(start))
	c.cpu = append(c.cpu, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
}

func median(all []time.Duration) time.Duration { return slices.Sorted(slices.Values(all))[len(all)/2] }

// race runs all in turn and tells of each beside the first.
func race(t *testing.T, what string, rounds int, all ...*contest) {
	t.Helper()
	for range rounds {
		for _, c := range all {
			c.run(t)
		}
	}
	for _, c := range all {
		t.Logf("%s: %-28s %6d ms, %.2f of %s's; %6d ms of CPU, %.2f", what, c.name, median(c.took).Milliseconds(),
			float64(median(c.took))/float64(median(all[0].took)), all[0].name,
			median(c.cpu).Milliseconds(), float64(median(c.cpu))/float64(median(all[0].cpu)))
	}
}

// uvWords is a line of uv for the plain base.
func (r *resolver) uvWords(x *index, cache string, words ...string) []string {
	line := []string{r.uv[0], "--no-config", "--no-python-downloads", "--quiet", "--cache-dir", cache}
	line = append(line, words...)
	return append(line, "--default-index", x.simple(), "--python-version", targets[0].python, "--python-platform", targets[0].platform)
}

// speedOfChoice: some hundred distributions whose metadata is known, with pages that are fresh, and asked for again.
func (r *resolver) speedOfChoice(t *testing.T, x *index) {
	set, err := filepath.Abs(filepath.Join("sets", "resolve", "mlflow.txt"))
	if err != nil {
		t.Fatal(err)
	}
	out, cache := t.TempDir(), t.TempDir()
	uv := r.uvWords(x, cache, "pip", "compile", "--no-header", "--no-annotate", "--only-binary", ":all:", "-o", filepath.Join(out, "uv.txt"), set)
	ours := []string{r.binary, "lock", "--base", r.plain[targets[0].python], "--index-url", x.simple(), "-q", "-r", set, "--cache-dir", t.TempDir()}
	clear := func() {
		if err := os.RemoveAll(filepath.Join(out, "uv.txt")); err != nil { // else its versions are preferred
			t.Fatal(err)
		}
	}
	race(t, "not known", 1, &contest{name: "uv", words: uv, ready: clear, env: x.env()}, &contest{name: "layerpack", words: ours, env: x.env()})
	race(t, "fresh", 5, &contest{name: "uv", words: uv, ready: clear}, &contest{name: "layerpack", words: ours})
	race(t, "asked again", 3, &contest{name: "uv", words: append(slices.Clone(uv), "--refresh"), ready: clear},
		&contest{name: "layerpack", words: append(slices.Clone(ours), "--refresh")})
	t.Logf("%d distributions", len(pinned(read(t, filepath.Join(out, "uv.txt")))))
}

// speedOfDownload: forty wheels of which nothing is known. uv unpacks what it downloads, into a folder; layerpack writes an
// image. Both do it once more with what they keep, to tell downloading from the rest.
func (r *resolver) speedOfDownload(t *testing.T, x *index) {
	dir := t.TempDir()
	some := pinned(read(t, filepath.Join(r.answers, "resolve", "fastapi.txt")))
	var lines strings.Builder
	for _, name := range slices.Sorted(maps.Keys(some))[:40] {
		fmt.Fprintf(&lines, "%s==%s\n", name, some[name])
	}
	list, lock := filepath.Join(dir, "forty.txt"), filepath.Join(dir, "pylock.toml")
	if err := os.WriteFile(list, []byte(lines.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	base := r.plain[targets[0].python]
	command(t, r.binary, "lock", "--base", base, "--index-url", x.simple(), "-q", "-r", list, "--no-deps", "--cache-dir", t.TempDir(), "-o", lock)

	n := 0
	fresh := func(kind string) string {
		n++
		return filepath.Join(dir, fmt.Sprintf("%s-%d", kind, n))
	}
	uvCache, ourCache := "", ""
	uv := func(c *contest, cold bool) func() {
		return func() {
			if cold {
				uvCache = fresh("uv-cache")
			}
			c.words = r.uvWords(x, uvCache, "pip", "install", "--no-deps", "--no-build", "--link-mode", "copy", "--target", fresh("uv-target"), "-r", lock)
		}
	}
	ours := func(c *contest, cold bool, verb ...string) func() {
		return func() {
			if cold {
				ourCache = fresh("cache")
			}
			c.words = append([]string{r.binary}, verb...)
			c.words = append(c.words, "--base", base, "--no-source", "--no-deps", "--allow-missing-lib", "*", "-q", "-r", lock, "--cache-dir", ourCache)
			if len(verb) == 0 {
				c.words = append(c.words, "-o", "oci:"+fresh("layout"))
			}
		}
	}
	all := []*contest{
		{name: "uv, nothing known"},
		{name: "uv, with what it keeps"},
		{name: "layerpack plan, nothing known"},
		{name: "layerpack, nothing known"},
		{name: "layerpack, with what it keeps"},
	}
	all[0].ready, all[1].ready = uv(all[0], true), uv(all[1], false)
	all[2].ready = ours(all[2], true, "plan")
	all[3].ready, all[4].ready = ours(all[3], true), ours(all[4], false)
	for _, c := range all { // the index has all files after that
		c.run(t)
		c.took, c.cpu = nil, nil
	}
	race(t, "forty wheels", 3, all...)
}
