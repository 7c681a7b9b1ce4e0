package tag

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestParseFilename(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"numpy-2.0.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "numpy 2.0.1  [cp311-cp311-manylinux_2_17_x86_64 cp311-cp311-manylinux2014_x86_64]"},
		{"Foo.Bar_baz-1!2.0rc1.post2.dev3+Local.1-1a_b-PY2.py3-None-ANY.whl", "Foo.Bar_baz 1!2.0rc1.post2.dev3+Local.1 1a_b [py2-none-any py3-none-any]"},
		{"a-1-py3.py3-none-any.whl", "a 1  [py3-none-any]"},
		{"a-1-99999999999999999999999-py3-none-any.whl", "a 1 99999999999999999999999 [py3-none-any]"},
		{"a- 1 -py3-none-any.whl", "a  1   [py3-none-any]"},
	} {
		f, err := ParseFilename(tc.in)
		if got := fmt.Sprintf("%s %s %s %v", f.Name, f.Version, f.Build, f.Tags); err != nil || got != tc.want {
			t.Errorf("%s: %s, %v, want %s", tc.in, got, err, tc.want)
		}
	}
}

func TestParseFilenameRefuses(t *testing.T) {
	for _, tc := range []struct{ in, why string }{
		{"", "does not end in .whl"},
		{"a-1-py3-none-any.WHL", "does not end in .whl"},
		{"a-1-py3-none-any.whl\n", "does not end in .whl"},
		{"a-1-none-any.whl", "4 parts"},
		{"a-1-1-py3-none-any-variant.whl", "7 parts"},
		{"a-1-py3-none-any-variant.whl", "build tag"},
		{"a-1--py3-none-any.whl", "build tag"},
		{"a__b-1-py3-none-any.whl", "name"},
		{"-1-py3-none-any.whl", "name"},
		{"a+b-1-py3-none-any.whl", "name"},
		{"a-x-py3-none-any.whl", "not a version"},
		{"a-1-3py-none-any.whl", "not a Python tag"},
		{"a-1-py3.-none-any.whl", "is empty"},
		{"a-1-py3--any.whl", "is empty"},
		{"a-1-py3-none-.whl", "is empty"},
		{"a-1-py3-none-a..b.whl", "is empty"},
		{"é-1-py3-none-any.whl", "character"},
		{"../a-1-py3-none-any.whl", "character '/'"},
		{`c:\a-1-py3-none-any.whl`, `character '\\'`},
		{"a-1-py3-none-any\x00.whl", "character"},
		{"a-1-" + strings.Repeat("py3.", 1024) + "py3-none-any.whl", "more than 1024 tags"},
	} {
		if f, err := ParseFilename(tc.in); err == nil || !strings.Contains(err.Error(), tc.why) {
			t.Errorf("%q: %v, %v, want %q", tc.in, f, err, tc.why)
		}
	}
}

func TestCompareBuild(t *testing.T) {
	sorted := []string{"", "0", "0a", "1", "001b", "2", "10", "10_x", "99999999999999999999", "100000000000000000000"}
	for i, a := range sorted {
		for j, b := range sorted {
			if got := CompareBuild(a, b); (got < 0) != (i < j) || (got > 0) != (i > j) {
				t.Errorf("%q and %q: %d", a, b, got)
			}
		}
	}
	if CompareBuild("007", "7") != 0 {
		t.Error("leading zeros count")
	}
}

func FuzzParseFilename(f *testing.F) {
	for _, s := range []string{"a-1-py3-none-any.whl", "A.b_c-1!2.0rc1+x.1-1a-cp311.cp312-abi3.none-linux_x86_64.any.whl", "a-1-1-2-3-4.whl", "-----.whl"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := ParseFilename(s)
		if err != nil {
			return
		}
		if len(n.Tags) == 0 || len(n.Tags) > maxTags {
			t.Fatalf("%d tags", len(n.Tags))
		}
		if !strings.HasPrefix(s, n.Name+"-"+n.Version+"-"+n.Build) {
			t.Fatalf("%q is %+v", s, n)
		}
		// One tag alone makes a name again that reads the same.
		one := n.Name + "-" + n.Version + "-"
		if n.Build != "" {
			one += n.Build + "-"
		}
		again, err := ParseFilename(one + n.Tags[0].String() + ".whl")
		if err != nil || !slices.Equal(again.Tags, n.Tags[:1]) || again.Build != n.Build {
			t.Fatalf("%q, then %+v, %v", s, again, err)
		}
		if Explain(debian(11), n) == "" {
			t.Fatal("no words")
		}
	})
}
