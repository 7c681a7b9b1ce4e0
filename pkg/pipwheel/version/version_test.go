package version

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func must(s string) Version {
	v, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return v
}

func TestParseNormalizes(t *testing.T) {
	for in, want := range map[string]string{
		"1":                      "1",
		"v1.0":                   "1.0",
		"V1.0":                   "1.0",
		" \t1.0\n":               "1.0",
		"\u20031.0\u00a0\x1c":    "1.0",
		"01.002.0":               "1.2.0",
		"1.0ALPHA1":              "1.0a1",
		"1.0-beta_2":             "1.0b2",
		"1.0c3":                  "1.0rc3",
		"1.0.pre":                "1.0rc0",
		"1.0_preview-4":          "1.0rc4",
		"1.0-1":                  "1.0.post1",
		"1.0.r2":                 "1.0.post2",
		"1.0rev":                 "1.0.post0",
		"1.0post-3":              "1.0.post3",
		"1.0a.post1":             "1.0a0.post1",
		"1.0a-":                  "1.0a0",
		"1.0a--1":                "1.0a0.post1",
		"1.0DEV7":                "1.0.dev7",
		"1.0rc1.post2.dev3":      "1.0rc1.post2.dev3",
		"0!1.0":                  "1.0",
		"7!1.0":                  "7!1.0",
		"1.0+Ubuntu-01_x.007":    "1.0+ubuntu.1.x.7",
		"1.2.3.4.5":              "1.2.3.4.5",
		"20240101123456":         "20240101123456",
		"1.0.dev4294967295":      "1.0.dev4294967295",
		"1.0.post4294967294":     "1.0.post4294967294",
		"1.0a99999999999999999":  "1.0a99999999999999999",
		"0099999999999999999999": "99999999999999999999",
		strings.Repeat("9", 100): strings.Repeat("9", 100),
	} {
		v, err := Parse(in)
		if err != nil || v.String() != want {
			t.Errorf("Parse(%q) = %q, %v, want %q", in, v, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, in := range []string{
		"", " ", "v", "vv1", "1.", ".1", "1..2", "1 .0", "1.0x", "1.x", "1.0-", "1.0+", "1.0+a..b", "1.0+a.", "1.0+ä", "!1", "1!",
		"1!v2", "1.0.post1.post2", "1.0.dev1a1", "1.0a1b1", "1.0po\u017ft1", "1.0.prev\u0131ew1", "\u0661.0", "1.0.*", "1.0+a+b",
		"1.0\x001", "-1", "1,0", "latest",
	} {
		v, err := Parse(in)
		if e := (*Error)(nil); !errors.As(err, &e) || e.Input != in || !v.IsZero() {
			t.Errorf("Parse(%q) = %q, %v, want an *Error", in, v, err)
		}
	}
}

// ascending holds a version a line, smaller ones first; those on one line are equal.
const ascending = `
0.dev0
0a0
0 0.0 v0.0.0.0.0
0.0.1
1.0.dev0 1.dev
1.0.dev1
1.0.dev4294967294
1.0.dev4294967295
1.0.dev4294967296
1.0a0.dev1
1.0a0
1.0a1.dev1
1.0a1 1.0alpha01
1.0a1.post0.dev1
1.0a1.post0
1.0a2
1.0b1
1.0rc1 1c1 1.0.0-pre1
1.0 1 1.0.0.0.0.0
1.0+a.1
1.0+a.1.0
1.0+b
1.0+1
1.0+1.a
1.0+2
1.0+10
1.0.post0.dev0
1.0.post0 1.0-0
1.0.post0+x
1.0.post1.dev0
1.0.post1
1.0.post4294967295
1.0.0.0.1.dev0
1.0.0.0.1
1.0.1
1.2.3.4
1.2.3.4.5
1.10
20240101123456
99999999999999999999999
1!0.dev0
1!0.1
2!0
10!0
`

func TestCompareOrdersAsPEP440(t *testing.T) {
	type ranked struct {
		v    Version
		rank int
	}
	var all []ranked
	for rank, line := range strings.Split(strings.TrimSpace(ascending), "\n") {
		for _, s := range strings.Fields(line) {
			all = append(all, ranked{must(s), rank})
		}
	}
	for _, a := range all {
		if zero := (Version{}); zero.Compare(a.v) != -1 || a.v.Compare(zero) != 1 {
			t.Errorf("the zero value does not sort before %s", a.v)
		}
		for _, b := range all {
			want := min(1, max(-1, a.rank-b.rank))
			if got := a.v.Compare(b.v); got != want {
				t.Errorf("%s compared with %s gives %d, want %d", a.v, b.v, got, want)
			}
			if (a.v.Canonical() == b.v.Canonical()) != (want == 0) {
				t.Errorf("canonical forms %q and %q", a.v.Canonical(), b.v.Canonical())
			}
		}
	}
}

func TestParts(t *testing.T) {
	for _, c := range []struct {
		in, public, base, local, epoch string
		pre, post, dev                 bool
	}{
		{"1.2", "1.2", "1.2", "", "0", false, false, false},
		{"1!1.2rc1.post3.dev4+X.1", "1!1.2rc1.post3.dev4", "1!1.2", "x.1", "1", true, true, true},
		{"2.4.0+cpu", "2.4.0", "2.4.0", "cpu", "0", false, false, false},
		{"1.2.dev3", "1.2.dev3", "1.2", "", "0", true, false, true},
		{"1.2.post3", "1.2.post3", "1.2", "", "0", false, true, false},
		{"1.2.3.4.5b1", "1.2.3.4.5b1", "1.2.3.4.5", "", "0", true, false, false},
		{"9999999999.post1", "9999999999.post1", "9999999999", "", "0", false, true, false},
	} {
		v := must(c.in)
		got := []string{v.Public().String(), v.Base().String(), v.Local(), v.Epoch()}
		if want := []string{c.public, c.base, c.local, c.epoch}; !slices.Equal(got, want) {
			t.Errorf("%s has public, base, local, epoch %q, want %q", c.in, got, want)
		}
		if v.IsPrerelease() != c.pre || v.IsPostrelease() != c.post || v.IsDev() != c.dev {
			t.Errorf("%s: pre %v, post %v, dev %v", c.in, v.IsPrerelease(), v.IsPostrelease(), v.IsDev())
		}
	}
	v := must("3.11.0.99999999999")
	if n, ok := v.Number(1); n != 11 || !ok {
		t.Errorf("number 1 is %d, %v", n, ok)
	}
	if _, ok := v.Number(3); ok {
		t.Error("number 3 does not fit but was returned")
	}
	if n, ok := v.Number(4); n != 0 || !ok {
		t.Errorf("number 4 is %d, %v", n, ok)
	}
	if got := v.Release(); !slices.Equal(got, []string{"3", "11", "0", "99999999999"}) {
		t.Errorf("release %q", got)
	}
	var zero Version
	if !zero.IsZero() || zero.IsPrerelease() || zero.IsDev() || zero.String() != "" || !zero.Base().IsZero() || !zero.Public().IsZero() {
		t.Error("the zero value is a version")
	}
}

func TestCompareDoesNotAllocate(t *testing.T) {
	a, b := must("2.10.1rc1.post2.dev3"), must("2.10.1rc1.post2.dev4")
	if n := testing.AllocsPerRun(100, func() { a.Compare(b) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
	if n := testing.AllocsPerRun(100, func() { _, _ = Parse("2.10.1rc1.post2.dev3") }); n != 0 {
		t.Errorf("parsing: %v allocations, want 0", n)
	}
}

func TestTextMarshalling(t *testing.T) {
	v := must("1.0-1")
	text, err := v.MarshalText()
	var back Version
	if err != nil || string(text) != "1.0.post1" || back.UnmarshalText(text) != nil || !back.Equal(v) {
		t.Errorf("%q, %v, %s", text, err, back)
	}
	if err := back.UnmarshalText([]byte("x")); err == nil || !back.IsZero() {
		t.Errorf("%v, %s", err, back)
	}
}

func FuzzParse(f *testing.F) {
	for line := range strings.Lines(ascending) {
		for s := range strings.FieldsSeq(line) {
			f.Add(s, "1.0")
		}
	}
	f.Add("1.0A--1+X_01", "v1\u00a0")
	f.Fuzz(func(t *testing.T, a, b string) {
		v, err := Parse(a)
		if err != nil {
			return
		}
		again, err := Parse(v.String())
		if err != nil || again.String() != v.String() || again.Compare(v) != 0 {
			t.Fatalf("%q reads as %s, and that as %s, %v", a, v, again, err)
		}
		if c := must(v.Canonical()); !c.Equal(v) {
			t.Fatalf("%q has the canonical form %s", a, c)
		}
		if v.Public().Compare(v) > 0 || v.Base().Local() != "" {
			t.Fatalf("%s: public %s, base %s", v, v.Public(), v.Base())
		}
		w, err := Parse(b)
		if err != nil {
			return
		}
		if v.Compare(w) != -w.Compare(v) || v.Equal(w) != (v.Canonical() == w.Canonical()) {
			t.Fatalf("%s and %s compare as %d and %d", v, w, v.Compare(w), w.Compare(v))
		}
	})
}
