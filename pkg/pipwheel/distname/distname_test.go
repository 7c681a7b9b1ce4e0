package distname_test

import (
	"testing"

	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
)

func TestSpelling(t *testing.T) {
	for _, c := range []struct {
		name, normal, escaped string
		valid                 bool
	}{
		{"requests", "requests", "requests", true},
		{"Django", "django", "django", true},
		{"oslo.concurrency", "oslo-concurrency", "oslo_concurrency", true},
		{"A__b-._C", "a-b-c", "a_b_c", true},
		{"ruamel.yaml.clib", "ruamel-yaml-clib", "ruamel_yaml_clib", true},
		{"zope_interface", "zope-interface", "zope_interface", true},
		{"a", "a", "a", true},
		{"7", "7", "7", true},
		{"", "", "", false},
		{"-a", "-a", "_a", false},
		{"__a", "-a", "_a", false},
		{"a-", "a-", "a_", false},
		{"a b", "a b", "a b", false},
		{"a\n", "a\n", "a\n", false},
		{"\u212a", "\u212a", "\u212a", false}, // KELVIN SIGN folds to k in Unicode
		{"é", "é", "é", false},
	} {
		if got := distname.Normalize(c.name); got != c.normal {
			t.Errorf("Normalize(%q) = %q, want %q", c.name, got, c.normal)
		}
		if got := distname.Escape(c.name); got != c.escaped {
			t.Errorf("Escape(%q) = %q, want %q", c.name, got, c.escaped)
		}
		if got := distname.Valid(c.name); got != c.valid {
			t.Errorf("Valid(%q) = %v, want %v", c.name, got, c.valid)
		}
	}
}

func TestNormalizeDoesNotAllocateForNormalNames(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { distname.Normalize("typing-extensions") }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func FuzzNormalize(f *testing.F) {
	f.Add("A__b-._C")
	f.Add("--")
	f.Add("\u0130\xff")
	f.Fuzz(func(t *testing.T, s string) {
		n := distname.Normalize(s)
		if again := distname.Normalize(n); again != n {
			t.Errorf("Normalize(%q) = %q, once more %q", s, n, again)
		}
		if e := distname.Escape(s); distname.Normalize(e) != n {
			t.Errorf("Escape(%q) = %q names another distribution than %q", s, e, n)
		}
		if distname.Valid(s) != distname.Valid(n) {
			t.Errorf("Valid(%q) differs from Valid(%q)", s, n)
		}
	})
}
