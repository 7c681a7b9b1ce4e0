package refusal

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"
)

func TestMessage(t *testing.T) {
	under := errors.New("underneath")
	for want, e := range map[string]*Error{
		"why":                 New("", "why", ""),
		"in: why":             New("in", "why", ""),
		"in: why; do this":    New("in", "why", "do this"),
		"in: 2 of 3":          Newf("in", "%d of %d", 2, 3),
		"in: why: underneath": {Input: "in", Cause: "why", Err: under},
		"in: why: underneath; run:\n  this\n  that": {Input: "in", Cause: "why", Err: under, Fix: "run:\n  this\n  that"},
	} {
		if got := e.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestIs(t *testing.T) {
	r := &Error{Cause: "why", Err: fs.ErrNotExist}
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"nothing":           {nil, false},
		"another error":     {fs.ErrNotExist, false},
		"itself":            {r, true},
		"wrapped":           {fmt.Errorf("base x: %w", r), true},
		"beside another":    {errors.Join(fs.ErrClosed, fmt.Errorf("x: %w", r)), true},
		"text of a refusal": {errors.New(r.Error()), false},
	} {
		if Is(c.err) != c.want {
			t.Errorf("%s: %t", name, !c.want)
		}
	}
	if !errors.Is(fmt.Errorf("x: %w", r), fs.ErrNotExist) {
		t.Error("the error underneath cannot be found")
	}
}
