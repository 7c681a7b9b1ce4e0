package check_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerpack/layerpack/internal/check"
	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
)

// dist reads "name version: requirement | requirement", with a leading "+" for one from a wheel.
func dist(s string) check.Distribution {
	s, isNew := strings.CutPrefix(s, "+")
	head, requires, _ := strings.Cut(s, ": ")
	name, version, _ := strings.Cut(head, " ")
	d := check.Distribution{Name: name, Version: version}
	if requires != "" {
		d.Requires = strings.Split(requires, " | ")
	}
	if isNew {
		d.Wheel = name + "-" + version + "-py3-none-any.whl"
	}
	return d
}

func dists(lines ...string) []check.Distribution {
	var out []check.Distribution
	for _, l := range lines {
		out = append(out, dist(l))
	}
	return out
}

func TestClosure(t *testing.T) {
	env := marker.Linux("x86_64", "3.11.2", "cpython")
	for name, c := range map[string]struct {
		before, after []check.Distribution
		want          []string // "rule subject cause", a warning in parentheses
	}{
		"sound": {
			dists("prefect 2.20.1: anyio>=3,<4", "anyio 3.7.1"),
			dists("prefect 2.20.1: anyio>=3,<4", "anyio 3.7.1", "+six 1.17.0"), nil,
		},
		"the base's pin": {
			dists("prefect 2.20.1: anyio>=3,<4", "anyio 3.7.1"),
			dists("prefect 2.20.1: anyio>=3,<4", "+anyio 4.1.0"),
			[]string{"unmet-requirement the base's prefect 2.20.1: needs anyio<4,>=3; the image would have 4.1.0 (anyio-4.1.0-py3-none-any.whl) in place of the base's 3.7.1"},
		},
		"broken before": {
			dists("a 1: b<2 | c", "b 2"),
			dists("a 1: b<2 | c", "+b 3"), nil,
		},
		"broken before in another way": {
			dists("a 1: b<2", "b 2"),
			dists("+a 2: b<3", "b 3"),
			[]string{"unmet-requirement a 2: needs b<3; the base has 3"},
		},
		"missing": {
			nil, dists("+pandas 2: numpy>=1 | pytz; python_version<'3' | pytest; extra=='test'"),
			[]string{"missing-requirement pandas 2: needs numpy>=1, which is not installed"},
		},
		"removed": {
			dists("a 1: b", "b 1"), dists("a 1: b"),
			[]string{"missing-requirement the base's a 1: needs b; the build removes the base's 1"},
		},
		"pre-releases, local versions and names are as pip takes them": {
			nil, dists("+a 1: My.Pkg>=1 | torch==2.1 | c", "+my_pkg 2.0rc1", "+torch 2.1+cpu", "+C 0.0.1.dev1"), nil,
		},
		"extras are not looked at, URLs have no version": {
			nil, dists("+a 1: uvicorn[standard]>=0.14 | b @ https://example.org/b.whl", "+uvicorn 0.20", "+b 7"), nil,
		},
		"the host's kernel is not known": {nil, dists("+a 1: b; platform_release>'5'"), nil},
		"first of two counts": {
			nil, dists("+b 1", "b 9", "+a 1: b<2"), nil,
		},
		"once": {
			nil, dists("+a 1: b>1 | b>1; python_version>'3'"),
			[]string{"missing-requirement a 1: needs b>1, which is not installed"},
		},
		"lenient and not": {
			nil, dists("+a 1: b>=1.* | b >>1", "+b 2"),
			[]string{`(unreadable-requirement) a 1: its requirement "b >>1" cannot be read, and is not checked`},
		},
		"a version that is none": {nil, dists("+a 1: b===weird | c>=1", "+b weird", "+c weird"), []string{"unmet-requirement a 1: needs c>=1; the image would have weird (c-weird-py3-none-any.whl)"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, texts(check.Closure(c.before, c.after, env))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// texts are findings without their fixes.
func texts(findings []check.Finding) []string {
	var out []string
	for _, f := range findings {
		rule := string(f.Rule)
		if f.Warning {
			rule = "(" + rule + ")"
		}
		out = append(out, rule+" "+f.Subject+": "+f.Cause)
	}
	return out
}

func TestRequiresPython(t *testing.T) {
	env := marker.Linux("x86_64", "3.11.2", "cpython")
	for requires, want := range map[string]int{"": 0, ">=3.8": 0, ">=3.12": 1, "<3.11": 1, "!=3.11.*": 1, ">=3.11.2rc1": 0, "three": 0, ">=3.6.*": 0} {
		d := dist("+numpy 2.0")
		d.RequiresPython = requires
		if got := check.Python([]check.Distribution{d}, env); len(got) != want {
			t.Errorf("Requires-Python %q: %v", requires, got)
		}
		d.Wheel = ""
		if got := check.Python([]check.Distribution{d}, env); got != nil {
			t.Errorf("Requires-Python %q of the base: %v", requires, got)
		}
	}
}

func TestInstalled(t *testing.T) {
	got := check.Installed([]pipwheel.Distribution{{Name: "a", Version: "1", Requires: []string{"b"}}})
	if diff := cmp.Diff(dists("a 1: b"), got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
