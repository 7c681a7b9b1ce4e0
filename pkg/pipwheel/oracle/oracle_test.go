//go:build oracle

package oracle

import (
	"fmt"
	"slices"
	"testing"

	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
)

// TestPackagingAgrees gives our answers to the cases of version_oracle.py and marker_oracle.py.
func TestPackagingAgrees(t *testing.T) {
	o := &oracle{t: t, compared: map[string]int{}, excused: map[string]int{}}
	handlers := map[string]func([]byte){
		"packaging": func(line []byte) {
			var c struct{ Version string }
			read(t, line, &c)
			t.Logf("packaging %s", c.Version)
		},
		"version": o.version, "versions": o.versions, "members": o.readMembers, "set": o.set, "syntax": o.syntax, "algebra": o.algebra,
		"environments": o.readEnvironments, "marker": o.marker, "extras": o.multipleExtras, "lock": o.lock,
		"requirement": o.requirement, "name": o.name,
	}
	python := newPython(t)
	for _, script := range []string{"version_oracle.py", "marker_oracle.py"} {
		each(t, run(t, python, "-B", script), func(kind string, line []byte) {
			handle, ok := handlers[kind]
			if !ok {
				t.Fatalf("%s wrote a case of unknown kind %q", script, kind)
			}
			handle(line)
		})
	}
	o.report()
}

// oracle counts comparisons and judges differences.
type oracle struct {
	t            *testing.T
	members      []string // versions that sets are asked for
	odd          []string // texts that are no versions
	environments []marker.Environment
	extras       [][]string
	compared     map[string]int // by kind
	excused      map[string]int // by reason
	unlisted     int
}

// same compares one answer of ours to theirs.
func (o *oracle) same(kind, text, what string, got, want any) {
	o.t.Helper()
	o.compared[kind]++
	if fmt.Sprint(got) == fmt.Sprint(want) {
		return
	}
	for _, d := range differences() {
		if d.kind == kind && d.applies(text, what, fmt.Sprint(got), fmt.Sprint(want)) {
			o.excused[d.kind+": "+d.reason]++
			return
		}
	}
	if o.unlisted++; o.unlisted <= 40 {
		o.t.Errorf("%s %q: %s is %v, packaging says %v", kind, text, what, got, want)
	}
}

// bits compares answers that the script wrote as a string of digits, one for each of names.
func (o *oracle) bits(kind, text, what string, names []string, got func(i int) bool, want string) {
	o.t.Helper()
	if len(want) != len(names) {
		o.t.Fatalf("%s %q: %d answers for %d versions", kind, text, len(want), len(names))
	}
	for i := range want {
		if got(i) == (want[i] == '1') {
			o.compared[kind]++
			continue
		}
		o.same(kind, text, fmt.Sprintf("%s %q", what, names[i]), got(i), want[i] == '1')
	}
}

func (o *oracle) report() {
	total, excused := 0, 0
	for _, kind := range slices.Sorted(mapKeys(o.compared)) {
		o.t.Logf("%-12s %8d comparisons", kind, o.compared[kind])
		total += o.compared[kind]
	}
	for _, d := range differences() {
		n := o.excused[d.kind+": "+d.reason]
		excused += n
		o.t.Logf("listed: %-12s %6d %s", d.kind, n, d.reason)
		if n == 0 {
			o.t.Errorf("this difference is listed but does not occur: %s: %s", d.kind, d.reason)
		}
	}
	o.t.Logf("%d comparisons, %d listed differences, %d others", total, excused, o.unlisted)
	if total < 100_000 {
		o.t.Errorf("%d comparisons, want at least 100,000", total)
	}
	if o.unlisted > 0 {
		o.t.Errorf("%d differences that are not listed", o.unlisted)
	}
}

func mapKeys(m map[string]int) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}
