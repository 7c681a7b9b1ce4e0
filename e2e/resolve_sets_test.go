//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/sync/errgroup"
)

// different are the sets for which we choose otherwise than uv, the distributions of which we do, and why.
var different = map[string]struct {
	names  []string
	reason string
}{
	"prereleases": {
		[]string{"pydantic", "pydantic-core"},
		"pydantic>=2.11.0b1 names a pre-release: pip 26 takes that as asking for pre-releases (PEP 440, \"Handling of pre-releases\") and so do we; " +
			"uv 0.13 takes them only where no final version is left",
	},
}

// testProjects: what projects ask for, on a plain Python, gets the versions that uv chooses.
func testProjects(t *testing.T, r *resolver) {
	files := sets(t, "resolve")
	if len(files) != 40 {
		t.Errorf("%d sets, want 40", len(files))
	}
	got := make([]result, len(files))
	r.all(t, files, func(i int) { got[i] = r.run(t, r.locking(r.plain["3.11.9"], "-r", files[i])) })
	equal, packages := 0, 0
	for i, file := range files {
		name := setName(file)
		t.Run(name, func(t *testing.T) {
			if got[i].code != 0 {
				t.Fatalf("ended with %d\n%s", got[i].code, got[i].stderr)
			}
			theirs := pinned(read(t, filepath.Join(r.answers, "resolve", name+".txt")))
			lock := parsePylock(t, got[i].stdout)
			lines := unequal(theirs, lock.versions(t))
			packages += len(theirs)
			why := different[name]
			if len(lines) == 0 {
				equal++
			}
			for _, n := range why.names {
				if !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, n+": ") }) {
					t.Errorf("%s is no longer different: correct the table", n)
				}
			}
			for _, l := range lines {
				n, _, _ := strings.Cut(l, ":")
				if !slices.Contains(why.names, n) {
					t.Error(l)
				} else {
					t.Logf("%s, because %s", l, why.reason)
				}
			}
		})
	}
	t.Logf("%d of %d sets get the versions of uv, %d packages", equal, len(files), packages)
	if equal < 38 {
		t.Errorf("%d sets get the versions of uv, want at least 38", equal)
	}
}

// all runs a function for each file, some at a time: most of the time is spent waiting for an index.
func (r *resolver) all(t *testing.T, files []string, run func(i int)) {
	t.Helper()
	var group errgroup.Group
	group.SetLimit(4)
	var finished atomic.Int64
	for i := range files {
		group.Go(func() error {
			run(i) // which may end the goroutine
			finished.Add(1)
			return nil
		})
	}
	if err := group.Wait(); err != nil || int(finished.Load()) != len(files) {
		t.Fatalf("%d of %d runs came to an end: %v", finished.Load(), len(files), err)
	}
}

// numbers are what may move in a message: versions, and how many of them there are.
var numbers = regexp.MustCompile(`\d+(\.\d+)*((a|b|rc|\.?post|\.?dev)\d+)*`)

// testRefused: what uv refuses is refused, with the message in sets/refused.
func testRefused(t *testing.T, r *resolver) {
	files := sets(t, "refused")
	if len(files) < 10 {
		t.Errorf("%d sets, want ten", len(files))
	}
	got := make([]result, len(files))
	r.all(t, files, func(i int) {
		c := r.locking(r.plain["3.11.9"], "-r", filepath.Base(files[i]))
		c.dir = filepath.Dir(files[i])
		got[i] = r.run(t, c)
	})
	for i, file := range files {
		t.Run(setName(file), func(t *testing.T) {
			if got[i].code != 4 || got[i].stdout != "" {
				t.Errorf("ended with %d, want 4, and nothing on stdout:\n%s", got[i].code, got[i].stdout)
			}
			theirs := read(t, filepath.Join(r.answers, "refused", filepath.Base(file)))
			if !strings.Contains(theirs, "No solution found") {
				t.Errorf("uv says\n%s", theirs)
			}
			golden := strings.TrimSuffix(file, ".txt") + ".message"
			if *update {
				if err := os.WriteFile(golden, []byte(got[i].stderr), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want := read(t, golden)
			if numbers.ReplaceAllString(got[i].stderr, "N") != numbers.ReplaceAllString(want, "N") {
				t.Errorf("the message is\n%s\nwant, but for numbers,\n%s", got[i].stderr, want)
			}
			for _, part := range []string{"so the requirements cannot be met", "what would help:\n    - "} {
				if !strings.Contains(got[i].stderr, part) {
					t.Errorf("the message has no %q:\n%s", part, got[i].stderr)
				}
			}
		})
	}
}

// testOnPrefect: on Prefect's base what is missing is chosen as uv does that is to keep the base's versions where they do.
func testOnPrefect(t *testing.T, r *resolver) {
	files := sets(t, "based")
	base := pinned(read(t, filepath.Join(strings.Split(r.prefect, ":")[1], "constraints.txt")))
	moment := strings.TrimSpace(read(t, filepath.Join(r.answers, "based", "day")))
	got := make([]result, len(files))
	r.all(t, files, func(i int) {
		got[i] = r.run(t, r.locking(r.prefect, "--exclude-newer", moment, "-r", files[i])) // the base is younger than that day
	})
	replaced := 0
	for i, file := range files {
		t.Run(setName(file), func(t *testing.T) {
			if got[i].code != 0 {
				t.Fatalf("ended with %d\n%s", got[i].code, got[i].stderr)
			}
			theirs := pinned(read(t, filepath.Join(r.answers, "based", filepath.Base(file))))
			for name, version := range theirs {
				if base[name] == version {
					delete(theirs, name) // the base has it: it needs no wheel
				} else if base[name] != "" {
					replaced++
				}
			}
			lock := parsePylock(t, got[i].stdout)
			for _, l := range unequal(theirs, lock.versions(t)) {
				t.Error(l)
			}
			t.Logf("%d wheels beside the base's", len(theirs))
		})
	}
	t.Logf("%d sets, %d distributions of the base replaced", len(files), replaced)
	if len(files) < 6 || replaced == 0 {
		t.Error("too little to mean anything")
	}
}
