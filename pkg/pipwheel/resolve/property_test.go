package resolve

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
)

// drawWorld writes a small world: up to five names with up to four versions, dependencies of every kind of range, extras,
// and with base also something installed.
func drawWorld(rng *rand.Rand, base bool) string {
	var b strings.Builder
	names := []string{"a", "b", "c", "d", "e"}[:2+rng.IntN(4)]
	spec := func() string {
		v := 1 + rng.IntN(4)
		return []string{"", "", fmt.Sprintf(">=%d", v), fmt.Sprintf("<%d", v+1), fmt.Sprintf("==%d", v), fmt.Sprintf("!=%d", v), fmt.Sprintf("~=%d.0", v)}[rng.IntN(7)]
	}
	need := func() string {
		extra := ""
		if rng.IntN(6) == 0 {
			extra = "[x]"
		}
		return names[rng.IntN(len(names))] + extra + spec()
	}
	needs := func() string {
		var out []string
		for range rng.IntN(3) {
			out = append(out, need())
		}
		if rng.IntN(3) == 0 {
			out = append(out, need()+`; extra == "x"`)
		}
		if rng.IntN(8) == 0 {
			out = append(out, need()+`; sys_platform == "win32"`)
		}
		return strings.Join(out, " | ")
	}
	for _, n := range names {
		for v := 1; v <= 4; v++ {
			if rng.IntN(4) == 0 {
				continue
			}
			flags := []string{"", "", "", "", " [bad=bad]", " [metapython=>=3.12]", " [python=<3]"}[rng.IntN(7)]
			fmt.Fprintf(&b, "%s %d%s: %s\n", n, v, flags, needs())
		}
	}
	for range 1 + rng.IntN(3) {
		fmt.Fprintf(&b, "ask %s\n", need())
	}
	if rng.IntN(3) == 0 {
		fmt.Fprintf(&b, "limit %s%s\n", names[rng.IntN(len(names))], spec())
	}
	if base {
		for _, n := range names {
			if rng.IntN(2) == 0 {
				fmt.Fprintf(&b, "base %s %d: %s\n", n, 1+rng.IntN(5), needs())
			}
		}
	}
	return b.String()
}

// brute decides a world by trying everything: whether some choice of versions satisfies all that is reached. held says
// what must hold of a choice besides.
func (w *world) brute(held func(at map[string]option) bool) bool {
	r, err := newRules(w.in)
	if err != nil {
		panic(err)
	}
	universes := map[string]*universe{}
	for _, n := range []string{"a", "b", "c", "d", "e"} {
		var c Candidates
		if w.lists[n] != nil {
			c = *w.lists[n]
		}
		universes[n] = r.universe(n, c)
	}
	var search func(at map[string]option) bool
	search = func(at map[string]option) bool {
		missing, ok := w.check(r, at)
		switch {
		case !ok:
			return false
		case missing == "":
			return held(at)
		}
		for _, o := range universes[missing].options {
			at[missing] = o
			if search(at) {
				return true
			}
		}
		delete(at, missing)
		return false
	}
	return search(map[string]option{})
}

// check walks what is reached with some versions chosen. It returns the first name without a version, or none; ok is false
// when a requirement is broken.
func (w *world) check(r *rules, at map[string]option) (missing string, ok bool) {
	type visit struct{ name, extra string }
	seen := map[visit]bool{}
	var queue []visit
	ask := func(q Requirement) bool {
		for _, e := range append([]string{""}, q.ExtraKeys()...) {
			if v := (visit{q.Key(), e}); !seen[v] {
				seen[v] = true
				queue = append(queue, v)
			}
		}
		o, there := at[q.Key()]
		return !there || q.Specifiers.Match(o.version, true)
	}
	for _, q := range r.wanted {
		if !ask(q) {
			return "", false
		}
	}
	for i := 0; i < len(queue); i++ {
		o, there := at[queue[i].name]
		if !there {
			if missing == "" {
				missing = queue[i].name
			}
			continue
		}
		for _, c := range r.constraints {
			if c.Key() == queue[i].name && !c.Specifiers.Match(o.version, true) {
				return "", false
			}
		}
		md, id := Metadata{}, ""
		if o.installed != nil {
			md = o.installed.Metadata
		} else {
			id = o.candidate.ID.(string)
			md = w.metas[id]
			if w.bad[id] != "" || !md.RequiresPython.Match(r.python, true) {
				return "", false
			}
		}
		needs, err := r.needs(md, queue[i].extra, o.installed != nil)
		if err != nil {
			return "", false
		}
		for _, q := range needs {
			if !ask(q) {
				return "", false
			}
		}
	}
	return missing, true
}

// baseHolds reports whether what stays in the base is not broken.
func (w *world) baseHolds(at map[string]option) bool {
	for _, inst := range w.in.Installed {
		if _, reached := at[distname.Normalize(inst.Name)]; reached {
			continue
		}
		for _, q := range inst.Requires {
			o, chosen := at[q.Key()]
			if ok, _ := q.Marker.Evaluate(w.in.Environment); ok && chosen && o.installed == nil && !q.Specifiers.Match(o.version, true) {
				return false
			}
		}
	}
	return true
}

// verify fails unless a solution satisfies everything.
func (w *world) verify(s *Solution) error {
	r, err := newRules(w.in)
	if err != nil {
		return err
	}
	at := map[string]option{}
	for _, p := range s.Packages {
		at[p.Name] = option{version: p.Version, candidate: p.Candidate}
		if p.Installed {
			at[p.Name] = option{version: p.Version, installed: r.installed[p.Name]}
		}
	}
	missing, ok := w.check(r, at)
	if !ok || missing != "" || !w.baseHolds(at) {
		return fmt.Errorf("the solution breaks a requirement (%v) or lacks %q: %v", ok, missing, at)
	}
	return nil
}

// readable reports whether a proof is made of facts and conclusions, with the right conclusion at its end, and every number
// that is referred to stands before.
func readable(u *Unsolvable) bool {
	labels := map[string]bool{}
	label := regexp.MustCompile(` \((\d+)\)$|as \((\d+)\) says`)
	for i, l := range u.Proof {
		word := strings.Fields(l)[0]
		if i == 0 && word != "because" || !slices.Contains([]string{"because", "and", "so"}, word) || strings.Contains(l, "∅") {
			return false
		}
		for _, m := range label.FindAllStringSubmatch(l, -1) {
			if m[2] != "" && !labels[m[2]] {
				return false
			}
			labels[m[1]] = true
		}
	}
	return strings.TrimSpace(u.Proof[len(u.Proof)-1]) == "so the requirements cannot be met" && len(u.Fixes) > 0 && len(u.Proof) < 60
}

func TestAgainstBruteForce(t *testing.T) {
	solved, refused, strict := 0, 0, 0
	for seed := range uint64(6000) {
		text := drawWorld(rand.New(rand.NewPCG(seed, 7)), seed%2 == 1)
		w := parseWorld(t, text)
		s, err := Resolve(context.Background(), w.in, w)
		var u *Unsolvable
		switch {
		case err == nil:
			solved++
			if err := w.verify(s); err != nil {
				t.Fatalf("seed %d: %v\n%s", seed, err, text)
			}
		case !errors.As(err, &u):
			t.Fatalf("seed %d: %v\n%s", seed, err, text)
		case !readable(u):
			t.Fatalf("seed %d: the proof is not one\n%v\nof\n%s", seed, u, text)
		case w.brute(w.baseHolds):
			// Known: what stays in the base once stays for good (see hold).
			if !strings.Contains(err.Error(), "therefore stays") {
				t.Fatalf("seed %d: there is a solution, and not: %v\n%s", seed, err, text)
			}
			strict++
		default:
			refused++
		}
	}
	t.Logf("%d solved, %d unsolvable, %d refused for the base's sake", solved, refused, strict)
	if solved < 1000 || refused < 1000 || strict > 60 {
		t.Errorf("%d solved, %d unsolvable, %d refused for the base's sake: the worlds are not mixed", solved, refused, strict)
	}
}

// The answer is the same, to the letter, however the index orders what it knows, and however long it takes.
func TestDeterminism(t *testing.T) {
	for seed := range uint64(150) {
		rng := rand.New(rand.NewPCG(seed, 8))
		text := drawWorld(rng, seed%2 == 1)
		var answers []string
		for range 3 {
			w := parseWorld(t, text)
			w.delay = slow(rng)
			rng.Shuffle(len(w.in.Installed), func(i, j int) {
				w.in.Installed[i], w.in.Installed[j] = w.in.Installed[j], w.in.Installed[i]
			})
			got, err := w.resolve()
			if err != nil {
				got = err.Error()
			}
			if answers = append(answers, got); got != answers[0] {
				t.Fatalf("seed %d: two answers\n%s\n%s\nfor\n%s", seed, answers[0], got, text)
			}
		}
	}
}

// Reasons are complete and right: each names a requirement that the dependent has.
func TestNeededBy(t *testing.T) {
	w := parseWorld(t, `
		a 1: b[x]>=1 | c; sys_platform == "linux"
		b 1 [extras=x]: c<9; extra == "x"
		c 1
		ask a
		ask c>0`)
	s, err := Resolve(context.Background(), w.in, w)
	if err != nil {
		t.Fatal(err)
	}
	c := s.Packages[slices.IndexFunc(s.Packages, func(p Package) bool { return p.Name == "c" })]
	want := []Dependent{{"", "requirements.txt:2", "c>0"}, {"a", "", "c"}, {"b[x]", "", "c<9"}}
	if !slices.Equal(c.NeededBy, want) || !c.Requested {
		t.Errorf("got %+v, want %+v", c, want)
	}
	if a := s.Packages[0]; !slices.Equal(a.Needs, []string{"b", "c"}) || !a.Requested {
		t.Errorf("got %+v", a)
	}
	if b := s.Packages[1]; b.Requested || !slices.Equal(b.Extras, []string{"x"}) {
		t.Errorf("got %+v", b)
	}
}

func TestMarkerOfTheUser(t *testing.T) {
	bad, err := marker.ParseRequirement(`a; sys_platform ~= "1.0"`)
	if err != nil {
		t.Fatal(err)
	}
	w := parseWorld(t, "a 1")
	w.in.Requirements = []Requirement{{bad, "requirements.txt:4"}}
	if _, err := w.resolve(); err == nil || !strings.Contains(err.Error(), "requirements.txt:4") {
		t.Error(err)
	}
}
