package version

import (
	"strings"
	"testing"
)

// ranges are sets that meet each other in all ways.
func ranges() []Range {
	out := []Range{{}, Any(), Exactly(must("1.0")), Exactly(must("1.0+b")), Exactly(must("9999999999.1"))}
	for s := range strings.FieldsSeq("<1.0 <=1.0 >1.0 >=1.0 ==1.0 !=1.0 ==1.0.* !=1.0.* ~=1.0 ~=1.0.post1 ==1.0+b !=1.0+b >1.0a1 >1.0.post0 " +
		"<1.0.post0.dev0 >=1.0.post0.dev0 >=1.0a2.dev0 <0 >=0.dev0 <=1.0.dev1 ==2.* >=1!0 ==1.0,>1.0 >=1.0,<2.0,!=1.10 <1.0a1.dev1 >1.0.dev1") {
		out = append(out, mustSet(s).Range())
	}
	return out
}

func members() []Version {
	var out []Version
	for s := range strings.FieldsSeq(ascending) {
		out = append(out, must(s))
	}
	return out
}

func TestRangeAlgebraAgreesWithMembership(t *testing.T) {
	all, vs := ranges(), members()
	for _, a := range all {
		if not := a.Complement(); !not.Complement().Equal(a) || !a.Intersect(not).IsEmpty() || !a.Union(not).IsAny() {
			t.Errorf("%s has the complement %s", a, not)
		}
		for _, b := range all {
			both, either := a.Intersect(b), a.Union(b)
			if !both.Equal(b.Intersect(a)) || !either.Equal(b.Union(a)) || !either.Complement().Equal(a.Complement().Intersect(b.Complement())) {
				t.Errorf("%s and %s: %s, %s", a, b, both, either)
			}
			if a.SubsetOf(b) != either.Equal(b) || a.Disjoint(b) != a.SubsetOf(b.Complement()) || a.Equal(b) != (a.SubsetOf(b) && b.SubsetOf(a)) {
				t.Errorf("%s and %s: subset %v, disjoint %v", a, b, a.SubsetOf(b), a.Disjoint(b))
			}
			for _, v := range vs {
				if both.Contains(v) != (a.Contains(v) && b.Contains(v)) || either.Contains(v) != (a.Contains(v) || b.Contains(v)) {
					t.Errorf("%s in %s and %s", v, a, b)
				}
			}
		}
	}
}

// Sets that hold the same versions must be equal, whichever clauses say so: a resolver compares them.
func TestRangesHaveOneForm(t *testing.T) {
	for _, c := range [][2]string{
		{"<=1.0", "<1.0.post0.dev0"},
		{">1.0a1", ">=1.0a2.dev0"},
		{">1.0.post1", ">=1.0.post2.dev0"},
		{"==1.0.dev3", ">=1.0.dev3,<1.0.dev4"},
		{"==1.*", ">=1.dev0,<2.dev0"},
		{"<2", "<2.dev0"},
		{">=0.dev0", ""},
		{"<0", ">2,<1"},
		{"~=1.4.5", ">=1.4.5,==1.4.*"},
		{"!=1.0,!=1.0.post0", "!=1.0.post0,!=1.0.0"},
	} {
		if a, b := mustSet(c[0]).Range(), mustSet(c[1]).Range(); !a.Equal(b) {
			t.Errorf("%s is %s, but %s is %s", c[0], a, c[1], b)
		}
	}
	if mustSet("==1.0").Range().Equal(Exactly(must("1.0"))) || !Exactly(must("1.0")).SubsetOf(mustSet("==1.0").Range()) {
		t.Error("==1.0 admits local versions, Exactly does not")
	}
}

func TestRangeString(t *testing.T) {
	for in, want := range map[string]string{
		"":             "(-∞, ∞)",
		">=2,<1":       "∅",
		">=1.0,<2":     "[1.0, 2.dev0)",
		"!=1.5.*":      "(-∞, 1.5.dev0) or [1.6.dev0, ∞)",
		">1.0":         "(1.0+post*, ∞)",
		"!=1.0+x,<2.0": "(-∞, 1.0+x) or (1.0+x, 2.0.dev0)",
	} {
		if got := mustSet(in).Range().String(); got != want {
			t.Errorf("%q is %s, want %s", in, got, want)
		}
	}
	if got := mustSet(">1.0").Range().Complement().String(); got != "(-∞, 1.0+post*]" {
		t.Error(got)
	}
}
