package page

import (
	"testing"
	"time"

	"github.com/layerpack/layerpack/bench/measure"
)

// results has the reference "us", "them" and a floor without output.
func results() measure.Series {
	of := func(user, wall time.Duration, size int64) []measure.Result {
		return []measure.Result{{User: user, Wall: wall, Size: size}}
	}
	return measure.Series{
		{Contender: "us"}:                      append(of(1*time.Second, 500*time.Millisecond, 2_000_000), of(3*time.Second, 1500*time.Millisecond, 2_000_000)...),
		{Contender: "them"}:                    of(5*time.Second, 12340*time.Millisecond, 1_900_000),
		{Contender: "floor"}:                   of(1600*time.Millisecond, 900*time.Millisecond, 0),
		{Contender: "us", Step: "warm"}:        of(0, 20*time.Millisecond, 0),
		{Contender: "them", Step: "only them"}: of(0, time.Second, 0),
	}
}

func TestCompare(t *testing.T) {
	got := Compare(results(), "", "us", []string{"us", "them", "floor", "nobody"}).String()
	want := `|  | user CPU, s | wall, s | user ratio | wall ratio | MB out | size ratio | rounds |
|---|---:|---:|---:|---:|---:|---:|---:|
| us | 2.00 | 1.00 | 1.00 | 1.00 | 2.0 | 1.00 | 2 |
| them | 5.00 | 12.3 | 2.50 | 12.34 | 1.9 | 0.95 | 1 |
| floor | 1.60 | 0.900 | 0.80 | 0.90 | - | - | 1 |
`
	if got != want {
		t.Errorf("the table is\n%s, want\n%s", got, want)
	}
}

func TestCompareWithoutReference(t *testing.T) {
	got := Compare(results(), "", "nobody", []string{"floor"})
	if r := got.Rows[0]; r[3] != missing || r[4] != missing {
		t.Errorf("there are ratios to nothing: %v", r)
	}
}

func TestSteps(t *testing.T) {
	wall := func(r measure.Result) time.Duration { return r.Wall }
	got := Steps(results(), []string{"", "warm", "only them"}, "us", []string{"us", "them"}, wall).String()
	want := `|  |  | warm | only them |
|---|---:|---:|---:|
| us | 1.00 s | 0.020 s | - |
| them | 12.3 s (12.34×) | - | 1.00 s |
`
	if got != want {
		t.Errorf("the table is\n%s, want\n%s", got, want)
	}
}

func TestCellsCannotBreakTheTable(t *testing.T) {
	if got, want := (Table{Head: []string{"a|b", "c"}}).String(), "| a\\|b | c |\n|---|---:|\n"; got != want {
		t.Errorf("the table is %q, want %q", got, want)
	}
}

func TestReplace(t *testing.T) {
	begin, end := Markers("x")
	doc := "before\n" + begin + "\nold\n" + end + "\nafter\n"
	got, err := Replace(doc, "x", "\nnew\n\n")
	if want := "before\n" + begin + "\nnew\n" + end + "\nafter\n"; err != nil || got != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	for name, doc := range map[string]string{
		"no begin": "x\n" + end, "no end": begin + "\n", "wrong order": end + "\n" + begin,
		"two": doc + doc, "two begins": begin + doc, "two ends": doc + end,
	} {
		if got, err := Replace(doc, "x", "new"); err == nil {
			t.Errorf("%s: no error, but %q", name, got)
		}
	}
}
