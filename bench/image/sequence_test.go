package image

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSlugIsARepository(t *testing.T) {
	for name, want := range map[string]string{
		"layerpack":                         "layerpack",
		"crane append + mutate, go1.26.8":   "crane-append-mutate-go1-26-8",
		"BuildKit v0.26.3":                  "buildkit-v0-26-3",
		"  odd, name + ":                    "odd-name",
		"crane append + mutate, go1.27rc2+": "crane-append-mutate-go1-27rc2",
	} {
		if got := slug(name); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
}

func TestEditIsNeverTheSame(t *testing.T) {
	j := &Job{Dir: t.TempDir()}
	if err := os.MkdirAll(j.Project(), 0o755); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for range 3 {
		if err := j.Edit(); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(j.Project(), "flows.py"))
		if err != nil {
			t.Fatal(err)
		}
		seen[string(text)] = true
	}
	if len(seen) != 3 {
		t.Errorf("three edits made %d texts", len(seen))
	}
}

func TestWalkAndCompare(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "a"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]os.FileMode{"a/x": 0o644, "run": 0o755} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), mode); err != nil {
			t.Fatal(err)
		}
	}
	got := files{}
	if err := walk(dir, "opt", got); err != nil {
		t.Fatal(err)
	}
	want := files{}
	for name, exec := range map[string]os.FileMode{"a/x": 0o600, "run": 0o700} {
		f, err := fact(exec, strings.NewReader(name))
		if err != nil {
			t.Fatal(err)
		}
		want["opt/"+name] = f
	}
	if err := compare(got, want); err != nil {
		t.Error(err)
	}
	other := maps.Clone(want)
	other["opt/run"] = want["opt/a/x"]
	more := maps.Clone(want)
	more["opt/y"] = "more"
	for what, f := range map[string]files{"another file": other, "a file more": more, "none": {}} {
		if compare(got, f) == nil {
			t.Errorf("no difference from %s", what)
		}
		if compare(f, got) == nil {
			t.Errorf("no difference of %s", what)
		}
	}
}
