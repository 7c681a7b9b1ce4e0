//go:build e2e

package e2e

import (
	"encoding/json"
	"maps"
	"path"
	"reflect"
	"regexp"
	"slices"
	"sync"
	"testing"
)

// sight is what inside/behaviour.py tells of a container.
type sight struct {
	Check    ended              `json:"pip check"`
	List     ended              `json:"pip list"`
	Metadata map[string]any     `json:"metadata"`
	Imports  map[string]loading `json:"imports"`
	Scripts  map[string]ended   `json:"scripts"`
}

// ended is how a process ended: its exit status, or a word.
type ended struct {
	Code     any
	Out, Err string
}

// loading is how an import ended: in "imported" or with the type of an exception.
type loading struct {
	Code any
	End  string
}

// sights counts what was seen the same from inside in both images.
type sights struct {
	distributions, imports, raised, scripts, failed int
}

// compare looks around in two containers at once, and holds them to the same view.
func (s *sights) compare(t *testing.T, theirs, ours container, infos, scripts []string) {
	t.Helper()
	var args []string
	for _, name := range infos {
		args = append(args, path.Base(name))
	}
	args = append(args, "--")
	for _, name := range scripts {
		args = append(args, path.Base(name))
	}
	// All that is normalised: debugpy begins lines with the time that has passed.
	elapsed := regexp.MustCompile(`(?m)^\d+\.\d\ds - `)
	var a, b sight
	var wait sync.WaitGroup
	wait.Go(func() { a = theirs.look(t, args) })
	wait.Go(func() { b = ours.look(t, args) })
	wait.Wait()
	if a.Metadata == nil || b.Metadata == nil {
		t.Fatal("nothing to compare")
	}
	same(t, "pip check", a.Check, b.Check)
	same(t, "pip list", a.List, b.List)
	bySame(t, "metadata of ", a.Metadata, b.Metadata)
	bySame(t, "import of ", a.Imports, b.Imports)
	for _, scripts := range []map[string]ended{a.Scripts, b.Scripts} {
		for name, e := range scripts {
			e.Err = elapsed.ReplaceAllString(e.Err, "")
			scripts[name] = e
		}
	}
	bySame(t, "--help of ", a.Scripts, b.Scripts)
	for _, l := range b.Imports {
		if s.imports++; l.End != "imported" {
			s.raised++
		}
	}
	for _, e := range b.Scripts {
		if s.scripts++; e.Code != 0.0 {
			s.failed++
		}
	}
	t.Logf("pip check in both: %v %s", b.Check.Code, b.Check.Out)
}

func (c container) look(t *testing.T, args []string) (s sight) {
	t.Helper()
	o := c.exec(t, slices.Concat([]string{c.id, "python", "/inside/scripts/behaviour.py"}, args)...)
	if o.code != 0 {
		t.Errorf("behaviour.py ended with %d\n%s", o.code, o.stderr)
		return sight{}
	}
	if err := json.Unmarshal([]byte(o.stdout), &s); err != nil {
		t.Errorf("%v\n%s", err, o.stdout)
		return sight{}
	}
	return s
}

func same(t *testing.T, what string, theirs, ours any) {
	t.Helper()
	if !reflect.DeepEqual(theirs, ours) {
		t.Errorf("%s is different\ntheirs %+v\nours   %+v", what, theirs, ours)
	}
}

func bySame[V any](t *testing.T, what string, theirs, ours map[string]V) {
	t.Helper()
	if len(theirs) == 0 {
		t.Errorf("%snothing: nothing was compared", what)
	}
	same(t, "the names of: "+what, slices.Sorted(maps.Keys(theirs)), slices.Sorted(maps.Keys(ours)))
	for name, v := range theirs {
		same(t, what+name, v, ours[name])
	}
}
