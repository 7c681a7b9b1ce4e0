package version

import (
	"slices"
	"strings"
	"testing"
)

func mustSet(s string) Set {
	set, err := ParseSet(s)
	if err != nil {
		panic(err)
	}
	return set
}

func TestMatch(t *testing.T) {
	for _, c := range []struct{ set, in, out string }{
		{"", "1.0 1.0.dev1 0.dev0 99!1+x", ""},
		{">=1.2", "1.2 1.2+x 1.2.post0 1.2.0 2 1!0", "1.2rc1 1.2.dev0 1.1.9"},
		{"<=1.2", "1.2 1.2+x 1.2rc1 1.1", "1.2.post0 1.2.post0.dev0 1.2.0.1.dev0 1!0"},
		{"<1.2", "1.1 1.1.post9+x 1.1.99999999999", "1.2 1.2.dev0 1.2rc1 1.2.post1"},
		{"<1.2rc1", "1.2b9 1.2.dev0 1.2rc1.dev0", "1.2rc1 1.2"},
		{"<1.2.post1", "1.2 1.2.post0 1.2+x", "1.2.post1.dev0 1.2.post1"},
		{"<0", "", "0.dev0 0a1 0"},
		{">1.2", "1.2.1 1.3.dev0 1.2.0.1.dev0", "1.2 1.2+x 1.2.post1 1.2.post1.dev2 1.2.0"},
		{">1.2.post1", "1.2.post2 1.2.post2.dev0 1.3", "1.2.post1 1.2.post1+x 1.2.post1.dev3"},
		{">1.2rc1", "1.2rc2.dev0 1.2rc2 1.2", "1.2rc1 1.2rc1.post1 1.2rc1.post9.dev1 1.2rc1+x"},
		{">1.2.dev4294967294", "1.2.dev4294967295 1.2", "1.2.dev4294967294 1.2.dev4294967294+x"},
		{"==1.2", "1.2 1.2.0 1.2+x 1.2.0+y.1", "1.2.post0 1.2.1 1.2rc1"},
		{"==1.2+x", "1.2+x 1.2.0+X", "1.2 1.2+x.1 1.2+y"},
		{"!=1.2", "1.2.post0 1.2rc1 1.3", "1.2 1.2+x"},
		{"!=1.2+x", "1.2 1.2+x.1 1.2+y", "1.2+x"},
		{"==1.2.*", "1.2 1.2.0 1.2.9 1.2.dev0 1.2rc1 1.2.post1 1.2+x", "1.1 1.3.dev0 1.20 1!1.2"},
		{"!=1.2.*", "1.1 1.3.dev0 1.20", "1.2 1.2.dev0 1.2.9+x"},
		{"==0.*", "0.dev0 0.9", "1.dev0"},
		{"==1!2.*", "1!2.0", "2.0 7!2.0"},
		{"==4294967294.*", "4294967294.1", "4294967295"},
		{"~=2.2", "2.2 2.9 2.2.post1", "3.0 3.dev0 2.1 2.2rc1"},
		{"~=2.2.0", "2.2.5 2.2.0+x", "2.3 2.3.dev0 2.2rc1"},
		{"~=2.2rc1", "2.2rc1 2.2 2.9", "2.2b1 3"},
		{"~=1.4.5.post1", "1.4.5.post1 1.4.6", "1.4.5 1.5"},
		{"===1.2", "1.2", "1.2.0 1.2+x"},
		{"===1.2RC1", "1.2rc1", "1.2"},
		{"===nonsense", "", "1"},
		{">=1,!=1.5.*,<2", "1 1.4.9 1.6", "1.5 1.5.3 2 2rc1"},
		{">=2,<1", "", "1.5 2 1 0"},
	} {
		s := mustSet(c.set)
		for v := range strings.FieldsSeq(c.in) {
			if !s.Match(must(v), true) {
				t.Errorf("%s is not in %q (%s)", v, c.set, s.Range())
			}
		}
		for v := range strings.FieldsSeq(c.out) {
			if s.Match(must(v), true) {
				t.Errorf("%s is in %q (%s)", v, c.set, s.Range())
			}
		}
	}
}

func TestParseSetRefuses(t *testing.T) {
	for _, in := range []string{
		"1.0", "=1.0", "=>1", "~=1", "~=1.*", "~=1.2.*", ">=1.*", "<1.2.*", "==1.2.dev1.*", "==1.2+x.*", "==1.2rc1.*", ">=1+x", "~=1.2+x",
		"==", ">=", "== v 1", ">=1 <2", ">=1;", "===a b", "===a;b", "==*", "==1*", "~=1.2.3po\u017ft1", "\"==1\"", ">=1.0 .*", "!1", "<>1",
	} {
		if s, err := ParseSet(in); err == nil {
			t.Errorf("ParseSet(%q) = %s, want an error", in, s)
		}
	}
}

func TestSetText(t *testing.T) {
	for in, want := range map[string]string{
		"":                             "",
		" , ,":                         "",
		">= 1.0 , <2":                  "<2,>=1.0",
		"==1.0,==1.0.0,==v1":           "==1.0",
		"~=1.0,~=1.0.0":                "~=1.0,~=1.0.0",
		"==\u00a01.*\u2003":            "==1.*",
		"===  Foo+1,":                  "===Foo+1",
		"!=1.3.*,>=1.2rc1,<2,>=1.2rc1": "!=1.3.*,<2,>=1.2rc1",
	} {
		s, err := ParseSet(in)
		if err != nil || s.String() != want {
			t.Errorf("ParseSet(%q) = %q, %v, want %q", in, s, err, want)
		}
	}
	a, b := mustSet(">=1"), mustSet("<2,>=1.0")
	if got := a.And(b).String(); got != "<2,>=1" {
		t.Errorf("And gives %s", got)
	}
	if got := a.And(Set{}).And(Set{}).String(); got != ">=1" || !(Set{}).And(Set{}).IsEmpty() {
		t.Errorf("And of an empty set gives %s", got)
	}
	var back Set
	text, err := b.MarshalText()
	if err != nil || back.UnmarshalText(text) != nil || back.String() != b.String() || len(back.Specifiers()) != 2 {
		t.Errorf("%q reads back as %s, %v", text, back, err)
	}
}

func TestPrereleases(t *testing.T) {
	for _, c := range []struct {
		set, from, ifNeeded, excluded string
	}{
		{"", "1 2rc1", "1", "1"},
		{"", "1rc1 2.dev1", "1rc1 2.dev1", ""},
		{">=1", "0.5 1rc1 2rc1", "2rc1", ""},
		{">=1", "2rc1 1 3b1", "1", "1"},
		{">=1rc1", "2rc1 1 3b1", "2rc1 1 3b1", "1"},
		{"!=1rc1", "1rc1 2rc1 1", "1", "1"},
		{"==1.*", "1rc1 1", "1", "1"},
		{"===1rc1", "1rc1 1", "1rc1", ""},
	} {
		s := mustSet(c.set)
		var from []Version
		for v := range strings.FieldsSeq(c.from) {
			from = append(from, must(v))
		}
		for mode, want := range map[Prereleases]string{PrereleasesIfNeeded: c.ifNeeded, PrereleasesExcluded: c.excluded} {
			var got []string
			for _, v := range s.Filter(from, mode) {
				got = append(got, v.String())
			}
			if !slices.Equal(got, strings.Fields(want)) {
				t.Errorf("%q filters %q to %q in mode %d, want %q", c.set, c.from, got, mode, want)
			}
		}
		for _, v := range from {
			if s.Match(v, false) && v.IsPrerelease() {
				t.Errorf("%q matches %s without pre-releases", c.set, v)
			}
		}
	}
	if mustSet(">=1").ContainsString("foo", PrereleasesAllowed) || !mustSet("").ContainsString("foo", PrereleasesExcluded) ||
		!mustSet("===Foo").ContainsString("foo", PrereleasesIfNeeded) || mustSet("===foo,>=1").ContainsString("foo", PrereleasesIfNeeded) {
		t.Error("a text that is no version satisfies the wrong sets")
	}
	if mustSet("").Match(Version{}, true) || mustSet("").Range().Contains(Version{}) {
		t.Error("the zero value belongs to a set")
	}
}

func TestParseSetLenient(t *testing.T) {
	for _, c := range []struct {
		in, want string
		repairs  int
	}{
		{">=1,<2", "<2,>=1", 0},
		{">=3.6,", ">=3.6", 0},
		{">=7.2.0<8.0.0", "<8.0.0,>=7.2.0", 1},
		{">=2.7!=3.0.*", "!=3.0.*,>=2.7", 1},
		{">=1!2.0<3", "<3,>=1!2.0", 1},
		{"!=~5.0,>=4.12", "!=5.0.*,>=4.12", 1},
		{"!=~5", "!=5.*", 1},
		{">=1.9.*", ">=1.9", 1},
		{">=2.7,!=3.0.*,<3.4.*", "!=3.0.*,<3.4,>=2.7", 1},
		{">=2.7,!=3.0*,!=3.1*", "!=3.0.*,!=3.1.*,>=2.7", 2},
		{">dev", ">0.0.0.dev0", 1},
		{">=9.0.0a1.0", ">=9.0.0a1", 1},
		{">= '2.7'", ">=2.7", 1},
		{"\">=3.6\"", ">=3.6", 1},
		{">=1.3.0,<1.4.0',", "<1.4.0,>=1.3.0", 1},
		{">=2.7, !=3.0.*', !=3.1*'", "!=3.0.*,!=3.1.*,>=2.7", 3},
	} {
		s, repairs, err := ParseSetLenient(c.in)
		if err != nil || s.String() != c.want || len(repairs) != c.repairs {
			t.Errorf("ParseSetLenient(%q) = %q, %v, %v, want %q after %d repairs", c.in, s, repairs, err, c.want, c.repairs)
		}
	}
	for _, in := range []string{"3.6", ">=x", "~=1", "latest", ">=1.0.dev.x", "<>2"} {
		if s, _, err := ParseSetLenient(in); err == nil {
			t.Errorf("ParseSetLenient(%q) = %s, want an error", in, s)
		}
	}
}

func FuzzParseSet(f *testing.F) {
	for _, s := range []string{">=1.21,!=1.22.*,<3", "~=2.2rc1", "===Foo+1,", "==1!1.*", ">9999999999.post1", "!=~5.0,>dev", ">=1<2'", "<=1.0.dev4294967294"} {
		f.Add(s, "1.22.1rc1+x")
	}
	f.Fuzz(func(t *testing.T, in, ver string) {
		s, err := ParseSet(in)
		if lenient, repairs, bad := ParseSetLenient(in); (err == nil) && (bad != nil || len(repairs) > 0 || lenient.String() != s.String()) {
			t.Fatalf("%q is valid but was repaired: %s, %v, %v", in, lenient, repairs, bad)
		}
		if err != nil {
			return
		}
		again, err := ParseSet(s.String())
		if err != nil || again.String() != s.String() || !again.Range().Equal(s.Range()) {
			t.Fatalf("%q reads as %q, and that as %q, %v", in, s, again, err)
		}
		v, err := Parse(ver)
		if err != nil {
			return
		}
		each := true
		for _, sp := range s.Specifiers() {
			each = each && sp.Match(v)
		}
		if s.Match(v, true) != each || s.Range().Complement().Contains(v) == s.Range().Contains(v) {
			t.Fatalf("%q and %s: set %v, clauses %v, complement %v", in, v, s.Match(v, true), each, s.Range().Complement().Contains(v))
		}
	})
}
