package measure

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		in   []int64
		want int64
	}{
		{nil, 0},
		{[]int64{7}, 7},
		{[]int64{9, 1, 5}, 5},
		{[]int64{4, 1, 3, 100}, 3}, // (3+4)/2, rounded down
		{[]int64{-8, -2}, -5},
	} {
		in := slices.Clone(c.in)
		if got := Median(in); got != c.want {
			t.Errorf("median of %v is %d, want %d", c.in, got, c.want)
		}
		if !slices.Equal(in, c.in) {
			t.Errorf("the values were changed: %v, were %v", in, c.in)
		}
	}
}

// runner notes its turns and takes as many seconds as rounds went before.
func runner(name string, turns *[]string) Contender {
	return Contender{Name: name, Run: func(_ context.Context, round int) ([]Step, error) {
		*turns = append(*turns, name)
		d := time.Duration(round) * time.Second
		return []Step{{"first", Result{User: d, Wall: 2 * d, Size: 10}}, {"second", Result{Size: 1}}}, nil
	}}
}

func TestRoundsTakeTurns(t *testing.T) {
	var turns []string
	a, b, c := runner("a", &turns), runner("b", &turns), runner("c", &turns)
	c.MaxRounds = 2
	var said []string
	s, err := Rounds(t.Context(), 3, []Contender{a, b, c}, func(line string) { said = append(said, line) })
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(turns, ""), "abc"+"bca"+"ab"; got != want {
		t.Errorf("the turns were %s, want %s", got, want)
	}
	if len(said) != 16 {
		t.Errorf("%d lines were said, want one for each of 16 steps", len(said))
	}
	got, ok := s.Median("a", "first")
	if want := (Result{time.Second, 2 * time.Second, 10}); !ok || got != want {
		t.Errorf("the median is %v, %v; want %v", got, ok, want)
	}
	if n := len(s[Key{"c", "second"}]); n != 2 {
		t.Errorf("c has %d results, want 2", n)
	}
	if _, ok := s.Median("a", "third"); ok {
		t.Error("a step that nobody ran has a median")
	}
}

func TestRoundsStopAtAFailure(t *testing.T) {
	var turns []string
	broken := Contender{Name: "broken", Run: func(context.Context, int) ([]Step, error) { return nil, errors.New("other bytes") }}
	_, err := Rounds(t.Context(), 2, []Contender{broken, runner("a", &turns)}, func(string) {})
	if err == nil || !strings.Contains(err.Error(), "round 1 of broken: other bytes") {
		t.Errorf("the error is %v", err)
	}
	if len(turns) > 0 {
		t.Errorf("%v ran after the failure", turns)
	}
}
