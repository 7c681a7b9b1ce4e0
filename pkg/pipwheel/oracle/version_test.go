//go:build oracle

package oracle

import (
	"slices"

	"github.com/layerpack/layerpack/pkg/pipwheel/version"
)

func (o *oracle) version(line []byte) {
	var c struct {
		Text, Str, Canonical, Public, Base, Local, Epoch string
		Release                                          []string
		OK, Pre, Post, Dev                               bool
	}
	read(o.t, line, &c)
	v, err := version.Parse(c.Text)
	o.same("version", c.Text, "validity", err == nil, c.OK)
	if err != nil || !c.OK {
		return
	}
	o.same("version", c.Text, "normal form", v, c.Str)
	o.same("version", c.Text, "canonical form", v.Canonical(), c.Canonical)
	o.same("version", c.Text, "public version", v.Public(), c.Public)
	o.same("version", c.Text, "base version", v.Base(), c.Base)
	o.same("version", c.Text, "local label", v.Local(), c.Local)
	o.same("version", c.Text, "epoch", v.Epoch(), c.Epoch)
	o.same("version", c.Text, "release", v.Release(), c.Release)
	o.same("version", c.Text, "pre, post, dev", []bool{v.IsPrerelease(), v.IsPostrelease(), v.IsDev()}, []bool{c.Pre, c.Post, c.Dev})
}

// versions compares the order of every pair.
func (o *oracle) versions(line []byte) {
	var c struct {
		Texts []string
		Ranks []int
	}
	read(o.t, line, &c)
	parsed := parseAll(o, c.Texts)
	for i, v := range parsed {
		for j, w := range parsed {
			o.compared["order"]++
			if got, want := v.Compare(w), min(1, max(-1, c.Ranks[i]-c.Ranks[j])); got != want {
				o.same("order", c.Texts[i], "compared with "+c.Texts[j], got, want)
			}
		}
	}
}

func parseAll(o *oracle, texts []string) []version.Version {
	var out []version.Version
	for _, s := range texts {
		v, err := version.Parse(s)
		if err != nil {
			o.t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

func (o *oracle) readMembers(line []byte) {
	var c struct{ Texts, Odd []string }
	read(o.t, line, &c)
	o.members, o.odd = c.Texts, c.Odd
}

func (o *oracle) set(line []byte) {
	var c struct {
		Text, Str, None, True, False, Strings string
		OK, Broken, Asks                      bool
		Unsatisfiable                         *bool
		Some                                  []int
		Filtered                              [][]int
	}
	read(o.t, line, &c)
	s, err := version.ParseSet(c.Text)
	o.same("set", c.Text, "validity", err == nil, c.OK)
	if err != nil || !c.OK || c.Broken {
		return
	}
	members := parseAll(o, o.members)
	o.same("set", c.Text, "text", s, c.Str)
	o.same("set", c.Text, "asking for pre-releases", s.AsksForPrereleases(), c.Asks)
	for want, mode := range map[string]version.Prereleases{
		c.None: version.PrereleasesIfNeeded, c.True: version.PrereleasesAllowed, c.False: version.PrereleasesExcluded,
	} {
		o.bits("contains", c.Text, "member", o.members, func(i int) bool { return s.Contains(members[i], mode) }, want)
	}
	texts := slices.Concat(o.members, o.odd)
	o.bits("contains", c.Text, "text", texts, func(i int) bool { return s.ContainsString(texts[i], version.PrereleasesIfNeeded) }, c.Strings)
	if c.Unsatisfiable != nil {
		o.same("set", c.Text, "unsatisfiable", s.Range().IsEmpty(), *c.Unsatisfiable)
	}
	var some []version.Version
	for _, i := range c.Some {
		some = append(some, members[i])
	}
	for i, mode := range []version.Prereleases{version.PrereleasesIfNeeded, version.PrereleasesAllowed, version.PrereleasesExcluded} {
		var want []version.Version
		for _, j := range c.Filtered[i] {
			want = append(want, members[j])
		}
		o.same("filter", c.Text, "filtered", s.Filter(some, mode), want)
	}
}

// syntax holds sets that were spoiled: only what is valid, and how it is written, matters.
func (o *oracle) syntax(line []byte) {
	var c struct {
		Text, Str  string
		OK, Broken bool
	}
	read(o.t, line, &c)
	s, err := version.ParseSet(c.Text)
	o.same("syntax", c.Text, "validity", err == nil, c.OK)
	if err == nil && c.OK && !c.Broken {
		o.same("syntax", c.Text, "text", s, c.Str)
	}
}

func (o *oracle) algebra(line []byte) {
	var c struct {
		A, B                       string
		Subset, Superset, Disjoint bool
	}
	read(o.t, line, &c)
	a, err := version.ParseSet(c.A)
	if err != nil {
		o.t.Fatal(err)
	}
	b, err := version.ParseSet(c.B)
	if err != nil {
		o.t.Fatal(err)
	}
	x, y := a.Range(), b.Range()
	text := c.A + " with " + c.B
	o.same("algebra", text, "subset", x.SubsetOf(y), c.Subset)
	o.same("algebra", text, "superset", y.SubsetOf(x), c.Superset)
	o.same("algebra", text, "disjoint", x.Disjoint(y), c.Disjoint)
	o.same("algebra", text, "subset by union", x.Union(y).Equal(y), c.Subset)
	o.same("algebra", text, "subset by complement", x.Disjoint(y.Complement()), c.Subset)
}
