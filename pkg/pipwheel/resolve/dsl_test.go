package resolve

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
)

// A world is written in lines:
//
//	foo 1.0 [yanked=why] [python=>=3.12] [extras=a,b] [bad=why]: bar>=1 | baz; extra == "a"   a file of the index
//	foo 1.1 [platform=why] [sdist] [new]                                       a version without a file that fits
//	url https://h/foo.whl foo 1.0: bar                                         what a URL holds
//	base foo 1.0 [url=...]: bar                                                what is installed
//	ask foo>=1; limit foo<2; override foo==1; keep foo; prefer foo 1.0; upgrade [foo]; pre [foo]; final; nodeps; python 3.12.1
type world struct {
	in Input
	memory
}

// memory is a provider that counts what is asked, and answers after a while.
type memory struct {
	lists  map[string]*Candidates
	direct map[string]Candidate
	metas  map[string]Metadata
	bad    map[string]string
	delay  func()

	mu    sync.Mutex
	asked map[string]int
}

func (m *memory) note(what string) {
	m.mu.Lock()
	m.asked[what]++
	m.mu.Unlock()
	if m.delay != nil {
		m.delay()
	}
}

func (m *memory) Candidates(_ context.Context, name string) (Candidates, error) {
	m.note(name)
	if c := m.lists[name]; c != nil {
		return *c, nil
	}
	return Candidates{}, nil
}

func (m *memory) Direct(_ context.Context, name, url string) (Candidate, error) {
	m.note(url)
	c, ok := m.direct[url]
	if !ok {
		return Candidate{}, &Unusable{Reason: "nothing is there"}
	}
	return c, nil
}

func (m *memory) Metadata(_ context.Context, c Candidate) (Metadata, error) {
	id := c.ID.(string)
	m.note(id)
	if why := m.bad[id]; why != "" {
		return Metadata{}, &Unusable{Reason: why}
	}
	return m.metas[id], nil
}

// metadataAsked returns how many metadata files were asked for.
func (m *memory) metadataAsked() int {
	n := 0
	for what := range m.asked {
		if strings.Contains(what, " ") {
			n++
		}
	}
	return n
}

var flagged = regexp.MustCompile(`\[(\w+)=?([^\]]*)\]`)

// release is one version with its flags and requirements.
type release struct {
	name string
	v    version.Version
	flag map[string]string
	meta Metadata
}

func parseRelease(t testing.TB, line string) release {
	t.Helper()
	head, deps, _ := strings.Cut(line+" ", ": ")
	r := release{flag: map[string]string{}}
	for _, m := range flagged.FindAllStringSubmatch(head, -1) {
		r.flag[m[1]] = m[2]
	}
	words := strings.Fields(flagged.ReplaceAllString(head, ""))
	if len(words) != 2 {
		t.Fatalf("%q: not a name and a version", line)
	}
	var requires, extras []string
	for d := range strings.SplitSeq(deps, "|") {
		if d = strings.TrimSpace(d); d != "" {
			requires = append(requires, d)
		}
	}
	if e := r.flag["extras"]; e != "" {
		extras = strings.Split(e, ",")
	}
	r.name, r.v = words[0], parseVersion(t, words[1])
	var err error
	if r.meta, _, err = ParseMetadata(requires, r.flag["metapython"], extras); err != nil {
		t.Fatal(err)
	}
	return r
}

func parseVersion(t testing.TB, s string) version.Version {
	t.Helper()
	v, err := version.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func parseWorld(t testing.TB, text string) *world {
	t.Helper()
	w := &world{memory: memory{
		lists: map[string]*Candidates{}, direct: map[string]Candidate{}, metas: map[string]Metadata{}, bad: map[string]string{}, asked: map[string]int{},
	}}
	w.in.Environment = marker.Linux("x86_64", "3.11.2", "cpython")
	w.in.Preferences = map[string]version.Version{}
	w.in.PrereleasesOf = map[string]version.Prereleases{}
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			w.line(t, line)
		}
	}
	for _, c := range w.lists {
		slices.SortStableFunc(c.Fit, func(a, b Candidate) int { return b.Version.Compare(a.Version) })
	}
	return w
}

func (w *world) line(t testing.TB, line string) {
	t.Helper()
	verb, rest, _ := strings.Cut(line, " ")
	requirement := func(file string, n int) Requirement {
		r, err := marker.ParseRequirement(rest)
		if err != nil {
			t.Fatal(err)
		}
		return Requirement{r, fmt.Sprintf("%s:%d", file, n+1)}
	}
	switch verb {
	case "ask":
		w.in.Requirements = append(w.in.Requirements, requirement("requirements.txt", len(w.in.Requirements)))
	case "limit":
		w.in.Constraints = append(w.in.Constraints, requirement("constraints.txt", len(w.in.Constraints)))
	case "override":
		w.in.Overrides = append(w.in.Overrides, requirement("overrides.txt", len(w.in.Overrides)))
	case "keep":
		w.in.Keep = append(w.in.Keep, rest)
	case "prefer":
		r := parseRelease(t, rest)
		w.in.Preferences[r.name] = r.v
	case "upgrade":
		if w.in.Upgrade = rest == ""; rest != "" {
			w.in.UpgradeNames = append(w.in.UpgradeNames, rest)
		}
	case "pre":
		if rest == "" {
			w.in.Prereleases = version.PrereleasesAllowed
		} else {
			w.in.PrereleasesOf[rest] = version.PrereleasesAllowed
		}
	case "final":
		w.in.Prereleases = version.PrereleasesExcluded
	case "nodeps":
		w.in.NoDeps = true
	case "python":
		w.in.Environment = marker.Linux("x86_64", rest, "cpython")
	case "base":
		r := parseRelease(t, rest)
		w.in.Installed = append(w.in.Installed, Installed{Name: r.name, Version: r.v, Metadata: r.meta, URL: r.flag["url"]})
	case "url":
		url, rest, _ := strings.Cut(rest, " ")
		r := parseRelease(t, rest)
		w.direct[url] = Candidate{Version: r.v, ID: url + " file"}
		w.metas[url+" file"] = r.meta
	default:
		w.release(t, line)
	}
}

// release adds a version to the index.
func (w *world) release(t testing.TB, line string) {
	t.Helper()
	r := parseRelease(t, line)
	c := w.lists[r.name]
	if c == nil {
		c = &Candidates{}
		w.lists[r.name] = c
	}
	for name, why := range map[string]Why{"platform": WrongPlatform, "sdist": OnlySource, "new": TooNew} {
		if text, ok := r.flag[name]; ok {
			c.Unfit = append(c.Unfit, Unfit{Version: r.v, Why: why, Text: text})
			return
		}
	}
	id := r.name + " " + r.v.String()
	o := Candidate{Version: r.v, ID: id}
	o.YankedReason, o.Yanked = r.flag["yanked"]
	python, err := version.ParseSet(r.flag["python"])
	if err != nil {
		t.Fatal(err)
	}
	o.RequiresPython = python
	c.Fit = append(c.Fit, o)
	w.metas[id], w.bad[id] = r.meta, r.flag["bad"]
}

// resolve writes the solution as "name version", with what is special about it.
func (w *world) resolve() (string, error) {
	s, err := Resolve(context.Background(), w.in, w)
	if err != nil {
		return "", err
	}
	var out []string
	for _, p := range s.Packages {
		text := p.Name
		if len(p.Extras) > 0 {
			text += "[" + strings.Join(p.Extras, ",") + "]"
		}
		text += " " + p.Version.String()
		if p.Installed {
			text += " base"
		}
		if !p.Replaces.IsZero() {
			text += " for " + p.Replaces.String()
		}
		out = append(out, text)
	}
	for _, warning := range s.Warnings {
		out = append(out, "warning: "+warning)
	}
	return strings.Join(out, "\n"), nil
}

// slow makes every answer come after a random while.
func slow(rng *rand.Rand) func() {
	var mu sync.Mutex
	return func() {
		mu.Lock()
		d := time.Duration(rng.IntN(300)) * time.Microsecond
		mu.Unlock()
		time.Sleep(d)
	}
}
