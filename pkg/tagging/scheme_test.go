package tagging

import (
	"fmt"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/refusal"
)

func TestScheme(t *testing.T) {
	all := Values{Version: "3.1.9", Python: "3.12", Revision: "0123ABCDEF0123abcdef", Branch: "feature/My_Flow", Name: "Größe", Unique: "0a0a0a0a0a0a"}
	conda, pre, dev, none := all, all, all, Values{Python: "3.12"}
	conda.Flavour, pre.Version, dev.Version = "conda", "3.2.0rc1", "3.1.9+5.g0123abc"
	for _, c := range []struct {
		scheme string
		values Values
		tags   string
		left   int
	}{
		{"prefect", all, "3.1.9-python3.12 3.1-python3.12 sha-0123abc-python3.12", 0},
		{"prefect", conda, "3.1.9-python3.12-conda 3.1-python3.12-conda sha-0123abc-python3.12-conda", 0},
		{"prefect", pre, "3.2.0rc1-python3.12 sha-0123abc-python3.12", 1},
		{"prefect", dev, "sha-0123abc-python3.12", 2},
		{"prefect", Values{Version: "3.1.9", Python: "3.12"}, "3.1.9-python3.12 3.1-python3.12", 1},
		{"{branch}, {sha}", all, "feature-My_Flow 0123abc", 0},
		{"{major}-{name}-{unique},{revision}", all, "3-Grosse-0a0a0a0a0a0a 0123abcdef0123abcdef", 0},
		{"latest,latest[-{flavour}][.{python}]", all, "latest latest.3.12", 0},
		{"a[-{sha}]", none, "a", 0},
	} {
		s, err := ParseScheme(c.scheme)
		if err != nil {
			t.Errorf("%s: %v", c.scheme, err)
			continue
		}
		tags, left, err := s.Tags(c.values)
		if err != nil || strings.Join(tags, " ") != c.tags || len(left) != c.left {
			t.Errorf("%s: %q, %v, %v; want %s", c.scheme, tags, left, err, c.tags)
		}
		for _, l := range left {
			if l.Why == "" || l.Pattern == "" {
				t.Errorf("%s: %+v", c.scheme, l)
			}
		}
		if again, err := ParseScheme(s.String()); err != nil || fmt.Sprint(again) != fmt.Sprint(s) {
			t.Errorf("%s prints %s: %v", c.scheme, s, err)
		}
	}
}

func TestSchemeRefuses(t *testing.T) {
	for in, want := range map[string]string{
		"":             "a tag is empty",
		"a,,b":         "a tag is empty",
		"prefect,a":    "prefect stands alone",
		"{sha":         "'{' without its other half",
		"sha}":         "'}' without its other half",
		"[a":           "'[' without its other half",
		"[a[b]]":       "brackets inside brackets",
		"[{sha]":       "'{' without its other half",
		"{date}":       "there is no field {date}; there are version minor",
		"a[-{Branch}]": "there is no field {Branch}",
	} {
		if _, err := ParseScheme(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", in, err)
		}
	}
	for _, c := range []struct {
		scheme string
		values Values
		want   string
	}{
		{"prefect", Values{}, "the version of Prefect is not known"},
		{"{sha}", Values{}, "no git revision is known"},
		{"{branch}", Values{}, "no git branch is known"},
		{"{branch}", Values{Branch: "!"}, `nothing of the branch's name "!"`},
		{"{python}", Values{}, "the version of Python is not known"},
		{"{flavour}", Values{}, "the base has no flavour"},
		{"{name}", Values{}, "no value is known for {name}"},
		{"{minor}", Values{Version: "3.0rc1"}, "version 3.0rc1 gives no {minor}"},
		{"{version}", Values{Version: "x"}, "not a version"},
		{"{sha}", Values{Revision: "xyz"}, "not a commit"},
		{"{branch}", Values{Branch: ".x"}, `it gives ".x", which is no tag`},
		{"{branch}-x", Values{Branch: strings.Repeat("b", 200)}, "which is no tag"},
		{"a/b", Values{}, "which is no tag"},
	} {
		s, err := ParseScheme(c.scheme)
		if err != nil {
			t.Errorf("%s: %v", c.scheme, err)
			continue
		}
		if tags, _, err := s.Tags(c.values); !refusal.Is(err) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %q, %v", c.scheme, tags, err)
		}
	}
}

func FuzzScheme(f *testing.F) {
	for _, s := range []string{"prefect", "{version}-python{python}[-{flavour}]", "{branch},{sha}", "[a[b]]", "}{", "x,"} {
		f.Add(s, "feature/x", "3.1.9")
	}
	f.Fuzz(func(t *testing.T, s, branch, version string) {
		scheme, err := ParseScheme(s)
		if err != nil {
			return
		}
		if again, err := ParseScheme(scheme.String()); err != nil || again.String() != scheme.String() {
			t.Fatalf("%q prints %q: %v", s, scheme, err)
		}
		tags, _, err := scheme.Tags(Values{Version: version, Python: "3.12", Revision: "0123abcdef", Branch: branch, Name: branch, Unique: "0a0a"})
		if err != nil && !refusal.Is(err) || err == nil && len(tags) == 0 {
			t.Fatalf("%q: %q, %v", s, tags, err)
		}
		for _, tag := range tags {
			if !ValidTag(tag) {
				t.Fatalf("%q gives %q", s, tag)
			}
		}
	})
}
