package packages

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/internal/spec"
	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/pipwheel/index"
)

var six = pipwheel.Distribution{Name: "six", Version: "1.16.0"}

// TestNothingToFind: where the base has all, or nothing is asked for, no index is spoken to.
func TestNothingToFind(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		words spec.Packages
		asked bool
		base  string
	}{
		"no word":           {nil, spec.Packages{}, false, ""},
		"the project's own": {map[string]string{"requirements.txt": "six\n"}, spec.Packages{}, true, "six"},
		"an empty file":     {map[string]string{"r.txt": "# nothing\n"}, spec.Packages{Files: []string{"r.txt"}}, true, ""},
		"words":             {nil, spec.Packages{Words: []string{"SIX>=1.10 six"}}, true, "six"},
		"for others":        {nil, spec.Packages{Words: []string{`winonly; sys_platform == "win32"`}}, true, ""},
		"an empty lock":     {map[string]string{"pylock.toml": "lock-version = '1.0'\ncreated-by = 'x'\npackages = []\n"}, spec.Packages{Files: []string{"pylock.toml"}}, true, ""},
		"offline":           {nil, spec.Packages{Words: []string{"six"}, Offline: true}, true, "six"},
	} {
		p := newProject(t, c.files, c.words, nil)
		found, err := p.Find(t.Context(), debian(six))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if found.Asked != c.asked || len(found.Wheels) != 0 || strings.Join(found.Base, " ") != c.base {
			t.Errorf("%s: %+v", name, found)
		}
	}
}

// TestFind chooses among what an index and the host have.
func TestFind(t *testing.T) {
	prefect := pipwheel.Distribution{Name: "prefect", Version: "2.20.0", Requires: []string{"pendulum<3", `moto; extra == "aws"`}}
	pendulum := pipwheel.Distribution{Name: "pendulum", Version: "2.1.2"}
	shelved := func() *shelf {
		return &shelf{wheels: slices.Clone(append(
			plain("app 1.0", "app 2.0", "part 1.0", "part 2.0b1", "prefect 3.0", "pendulum 3.0", "moto 1.0", "six 1.17.0"),
			pure("flow", "1.0", "prefect>=2"), pure("newflow", "1.0", "prefect>=3"), pure("clock", "1.0", "pendulum"), pure("needs", "1.0", "app<2"),
		)), sdists: []string{"built-1.0.tar.gz"}}
	}
	for _, c := range []struct {
		name  string
		words spec.Packages
		files map[string]string
		want  string
	}{
		{"the newest", spec.Packages{Words: []string{"app"}}, nil, "app-2.0*"},
		{"what is needed", spec.Packages{Words: []string{"needs"}}, nil, "app-1.0 needs-1.0*"},
		{"both named", spec.Packages{Words: []string{"needs app"}}, nil, "app-1.0* needs-1.0*"},
		{"a constraint", spec.Packages{Words: []string{"app"}, Constraints: []string{"c"}}, map[string]string{"c": "app<2\n"}, "app-1.0*"},
		{"an override", spec.Packages{Words: []string{"needs"}, Overrides: []string{"o"}}, map[string]string{"o": "app>=2\n"}, "app-2.0 needs-1.0*"},
		{"no final", spec.Packages{Words: []string{"part>1.5a0"}}, nil, "part-2.0b1*"},
		{"pre-releases", spec.Packages{Words: []string{"part"}, Prereleases: true}, nil, "part-2.0b1*"},
		{"the base's own", spec.Packages{Words: []string{"flow clock six"}}, nil, "clock-1.0* flow-1.0*"},
		{"another version of the base's", spec.Packages{Words: []string{"six>1.16"}}, nil, "six-1.17.0*"},
		{"an extra of the base's", spec.Packages{Words: []string{"prefect[aws]"}}, nil, "moto-1.0"},
		{"another prefect, named", spec.Packages{Words: []string{"prefect>=3"}}, nil, "prefect-3.0*"},
		{"upgrade", spec.Packages{Words: []string{"six"}, Upgrade: true}, nil, "six-1.17.0*"},
		{"files and words", spec.Packages{Words: []string{"app"}, Files: []string{"sub/r.txt"}}, map[string]string{"sub/r.txt": "-r more.txt\n", "sub/more.txt": "part\n", "requirements.txt": "nowhere\n"}, "app-2.0* part-1.0*"},
		{"a project", spec.Packages{Files: []string{"pyproject.toml"}, Extras: []string{"e"}, Groups: []string{"g"}}, map[string]string{"pyproject.toml": tomlProject}, "app-2.0* needs"},
	} {
		p := newProject(t, c.files, c.words, shelved())
		got, err := p.found(t, debian(pendulum, prefect, six))
		if c.name == "a project" {
			refused(t, err, "pyproject.toml", "app>=2", "app<2")
			continue
		}
		if err != nil || got != c.want {
			t.Errorf("%s: %q, want %q: %v", c.name, got, c.want, err)
		}
	}
	// Prefect's own pins stay, whatever others would like better.
	for words, why := range map[string]string{"newflow": "prefect>=3", "prefect pendulum>=3": "pendulum<3", "built": "built-1.0.tar.gz", "nowhere": "nothing named nowhere"} {
		_, err := newProject(t, nil, spec.Packages{Words: []string{words}}, shelved()).found(t, debian(pendulum, prefect, six))
		refused(t, err, why)
	}
}

// TestOnlySource: where pip would build a newer version from source, that is said; one of another major version is not left
// out without being asked.
func TestOnlySource(t *testing.T) {
	other := pure("clock", "2.1")
	other.Tag = "cp39-cp39-manylinux_2_17_x86_64"
	shelved := func() *shelf {
		return &shelf{
			wheels: append(plain("clock 0.4", "clock 1.0"), other, pure("flow", "1.0", "clock<3"), pure("slow", "1.0", "clock<2"), pure("old", "1.0", "clock<1")),
			sdists: []string{"clock-1.5.tar.gz", "clock-2.1.tar.gz", "clock-3.0.tar.gz", "clock-2.0rc1.tar.gz"},
		}
	}
	for words, want := range map[string]string{
		"slow": "clock-1.0 slow-1.0* warning: clock 1.0 is taken because 1.5", "old": "clock-0.4 old-1.0*", "flow clock==1.0": "clock-1.0* flow-1.0*",
	} {
		p := newProject(t, nil, spec.Packages{Words: []string{words}}, shelved())
		var notes string
		p.Note = func(format string, args ...any) { notes += " " + fmt.Sprintf(format, args...) }
		got, err := p.found(t, debian())
		if err != nil || !strings.HasPrefix(got+notes, want) || !strings.Contains(want, "warning") && notes != "" {
			t.Errorf("%s: %s%s, %v; want %s", words, got, notes, err, want)
		}
	}
	// What else is asked for ruled out a newer wheel: another choice is not plain.
	s := shelved()
	s.wheels = append(s.wheels, pure("clock", "2.0", "flow<1"))
	if got, err := newProject(t, nil, spec.Packages{Words: []string{"flow"}}, s).found(t, debian()); err != nil || got != "clock-1.0 flow-1.0*" {
		t.Errorf("%s, %v", got, err)
	}
	_, err := newProject(t, nil, spec.Packages{Words: []string{"flow"}}, shelved()).found(t, debian())
	refused(t, err, "flow asks for clock<3, of which 2.1 would do", "the newest with a wheel is 1.0", "pip wheel --no-deps clock==2.1", "--pip clock==1.0")
	_, err = newProject(t, nil, spec.Packages{Words: []string{"clock"}}, shelved()).found(t, debian())
	refused(t, err, "--pip asks for clock, of which 3.0 would do")
}

const tomlProject = "[project]\nname = 'x'\nversion = '1'\ndependencies = ['app>=2']\n[project.optional-dependencies]\ne = ['needs']\n[dependency-groups]\ng = ['part']\n"

// TestWheelsAtHand: of what the user gave, the best wheel of a version; of that name, nothing else.
func TestWheelsAtHand(t *testing.T) {
	native, old := pure("app", "1.0"), pure("app", "0.9")
	native.Tag = "cp311-cp311-manylinux_2_17_x86_64"
	s := &shelf{wheels: plain("app 3.0", "part 1.0")}
	p := newProject(t, nil, spec.Packages{Words: []string{"app part"}}, s).hand(old, pure("app", "1.0"), native)
	found, err := p.Find(t.Context(), debian())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(found.Wheels, func(w Wheel) bool { return w.Name == "app" })
	if w := found.Wheels[i]; w.Hand != 2 || w.File != native.Filename() || !w.Requested {
		t.Errorf("%+v", w)
	}
	if slices.Contains(s.asked, "app") {
		t.Errorf("asked for %q", s.asked)
	}
	if _, err := p.Locked(t.Context(), found); err == nil {
		t.Error("a file of this machine is in a lock")
	} else {
		refused(t, err, native.Filename())
	}
	// Versions that are not at hand are nowhere.
	_, err = newProject(t, nil, spec.Packages{Words: []string{"app>1"}}, s).hand(old, native).found(t, debian())
	refused(t, err, "app>1")
	// Nor is a name of which nothing at hand fits.
	other := pure("app", "1.0")
	other.Tag = "cp312-cp312-manylinux_2_17_x86_64"
	s.asked = nil
	_, err = newProject(t, nil, spec.Packages{Words: []string{"app"}}, s).hand(other).found(t, debian())
	refused(t, err, "app")
	if len(s.asked) > 0 {
		t.Errorf("asked for %q, of which a wheel was given", s.asked)
	}
}

// TestSaid: what was believed of a wheel when it was chosen is held against what it says.
func TestSaid(t *testing.T) {
	s := &shelf{wheels: plain("app 1.0")}
	found, err := newProject(t, nil, spec.Packages{Words: []string{"app"}}, s).Find(t.Context(), debian())
	if err != nil || len(found.Wheels) != 1 {
		t.Fatal(found, err)
	}
	w := &found.Wheels[0]
	own := index.Metadata{Name: "app", Version: "1.0"}
	if err := w.Said(own); err != nil {
		t.Error(err)
	}
	for what, m := range map[string]index.Metadata{
		"name":            {Name: "evil", Version: "1.0"},
		"version":         {Name: "app", Version: "1.1"},
		"Requires-Dist":   {Name: "app", Version: "1.0", RequiresDist: []string{"evil"}},
		"Requires-Python": {Name: "app", Version: "1.0", RequiresPython: ">=4"},
	} {
		refused(t, w.Said(m), what)
	}
	if err := (&Wheel{}).Said(own); err != nil {
		t.Errorf("nothing was believed: %v", err)
	}
}

// TestOffline says what to do.
func TestOffline(t *testing.T) {
	_, err := newProject(t, nil, spec.Packages{Words: []string{"app"}, Offline: true}, &shelf{}).found(t, debian())
	if !errors.As(err, new(*index.OfflineError)) || strings.Count(err.Error(), "without --offline") != 1 {
		t.Errorf("%v", err)
	}
}

// TestNobodySends: a finder without a way to send requests says so when one is needed.
func TestNobodySends(t *testing.T) {
	p := newProject(t, nil, spec.Packages{Words: []string{"app"}}, &shelf{})
	p.HTTP = nil
	p.Finder = New(p.Options)
	if _, err := p.found(t, debian()); err == nil || !strings.Contains(err.Error(), "sends requests") {
		t.Errorf("%v", err)
	}
}

// TestStopped: a run that is given up asks no further.
func TestStopped(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := newProject(t, nil, spec.Packages{Words: []string{"app"}}, &shelf{}).Find(ctx, debian()); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// TestNoPython: a base without Python cannot be given wheels, but what asks for none is no matter.
func TestNoPython(t *testing.T) {
	base := debian()
	base.Python, base.PythonNote = nil, "there is no python3 in PATH"
	_, err := newProject(t, nil, spec.Packages{Words: []string{"app"}}, nil).found(t, base)
	refused(t, err, "there is no python3 in PATH")
	if _, err := newProject(t, map[string]string{"requirements.txt": "\n"}, spec.Packages{}, nil).found(t, base); err != nil {
		t.Error(err)
	}
}
