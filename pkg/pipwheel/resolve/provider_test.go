package resolve

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/layerpack/layerpack/pkg/pipwheel/version"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// wrapped is a memory whose answers a test changes.
type wrapped struct {
	*memory
	candidates func(ctx context.Context, name string) error
	metadata   func(ctx context.Context, c Candidate) error
}

func (w *wrapped) Candidates(ctx context.Context, name string) (Candidates, error) {
	if w.candidates != nil {
		if err := w.candidates(ctx, name); err != nil {
			return Candidates{}, err
		}
	}
	return w.memory.Candidates(ctx, name)
}

func (w *wrapped) Metadata(ctx context.Context, c Candidate) (Metadata, error) {
	if w.metadata != nil {
		if err := w.metadata(ctx, c); err != nil {
			return Metadata{}, err
		}
	}
	return w.memory.Metadata(ctx, c)
}

var errBroken = errors.New("the line is cut")

func TestProviderErrors(t *testing.T) {
	const lines = "a 2: b\na 1\nb 1\nask a"
	w := parseWorld(t, lines)
	p := &wrapped{memory: &w.memory, candidates: func(_ context.Context, name string) error {
		if name == "b" {
			return errBroken
		}
		return nil
	}}
	if _, err := Resolve(context.Background(), w.in, p); !errors.Is(err, errBroken) || !strings.Contains(err.Error(), "b: ") || refusal.Is(err) {
		t.Errorf("a list that cannot be had: %v", err)
	}
	w = parseWorld(t, lines)
	p = &wrapped{memory: &w.memory, metadata: func(context.Context, Candidate) error { return errBroken }}
	if _, err := Resolve(context.Background(), w.in, p); !errors.Is(err, errBroken) || !strings.Contains(err.Error(), "a 2: ") {
		t.Errorf("metadata that cannot be had: %v", err)
	}
	w = parseWorld(t, lines)
	p = &wrapped{memory: &w.memory, candidates: func(_ context.Context, name string) error {
		if name == "b" {
			return &Unusable{Reason: "no index can be asked", Err: errBroken}
		}
		return nil
	}}
	if s, err := Resolve(context.Background(), w.in, p); err != nil || s.Packages[0].Version.String() != "1" {
		t.Errorf("a name that cannot be used: %v, %v", s, err)
	}
}

// What is fetched ahead and not needed may fail.
func TestErrorsAheadDoNotCount(t *testing.T) {
	w := parseWorld(t, "a 1: b<2\nb 2\nb 1\nask b\nask a\nlimit b<2")
	p := &wrapped{memory: &w.memory, metadata: func(_ context.Context, c Candidate) error {
		if c.Name == "b" && c.Version.String() == "2" {
			return errBroken
		}
		return nil
	}}
	if _, err := Resolve(context.Background(), w.in, p); err != nil {
		t.Error(err)
	}
}

// Calls run at the same time, and none is left when the answer is there or the caller gives up.
func TestCallsEnd(t *testing.T) {
	w := parseWorld(t, "a 1\nb 1\nc 1\nask a\nask b\nask c")
	var now, most atomic.Int32
	p := &wrapped{memory: &w.memory, candidates: func(ctx context.Context, _ string) error {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
			return nil
		}
	}}
	if _, err := Resolve(context.Background(), w.in, p); err != nil || most.Load() != 3 || now.Load() != 0 {
		t.Errorf("%v; %d calls at the same time, want 3; %d still run", err, most.Load(), now.Load())
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
	defer cancel()
	if _, err := Resolve(ctx, w.in, p); !errors.Is(err, context.DeadlineExceeded) || now.Load() != 0 {
		t.Errorf("%v; %d calls still run", err, now.Load())
	}
}

func TestTwoURLs(t *testing.T) {
	_, err := parseWorld(t, "ask a @ https://h/a.whl\nask a @ https://i/a.whl").resolve()
	if !refusal.Is(err) || !strings.Contains(err.Error(), "requirements.txt:2") {
		t.Error(err)
	}
}

func TestEnvironmentWithoutPython(t *testing.T) {
	if _, err := Resolve(context.Background(), Input{}, &memory{}); err == nil {
		t.Error("an environment without a Python version was accepted")
	}
	if _, err := Resolve(context.Background(), Input{Python: parseVersion(t, "3.11")}, &memory{}); err != nil {
		t.Error(err)
	}
}

func TestParseMetadata(t *testing.T) {
	m, repairs, err := ParseMetadata([]string{"a >=1.9.*", "b"}, ">=3.8", []string{"All_Of.It"})
	if err != nil || len(m.Requires) != 2 || len(repairs) != 1 || m.Extras[0] != "all-of-it" || m.RequiresPython.String() != ">=3.8" {
		t.Errorf("%+v, %v, %v", m, repairs, err)
	}
	if m, _, err = ParseMetadata(nil, "three", nil); err != nil || !m.RequiresPython.IsEmpty() {
		t.Errorf("a Requires-Python that cannot be read: %+v, %v", m, err)
	}
	_, _, err = ParseMetadata([]string{"a b"}, "", nil)
	var no *Unusable
	if !errors.As(err, &no) || !strings.Contains(err.Error(), `"a b"`) {
		t.Errorf("a requirement that cannot be read: %v", err)
	}
}

// Terms follow the rules of logic.
func TestTerms(t *testing.T) {
	var all []term
	for _, s := range []string{"", ">=2", "<2", ">=2,<4", "==3", "!=3", ">5,<1"} {
		set, err := version.ParseSet(s)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, in(set.Range()), in(set.Range()).not())
	}
	holds := func(x term, v string) bool { // of a version, or of none
		if v == "" {
			return x.neg
		}
		return x.rng.Contains(parseVersion(t, v)) != x.neg
	}
	points := []string{"", "0", "1", "2", "3", "4", "5", "6", "2.5", "3.5"}
	for _, a := range all {
		for _, b := range all {
			both, either, inside, apart := a.and(b), a.or(b), true, true
			for _, v := range points {
				x, y := holds(a, v), holds(b, v)
				if holds(both, v) != (x && y) || holds(either, v) != (x || y) || holds(a.not(), v) == x {
					t.Errorf("%v, %v at %q", a, b, v)
				}
				inside, apart = inside && (!x || y), apart && (!x || !y)
			}
			if got := a.tell(b); !(a.rng.IsEmpty() && !a.neg) && ((got == satisfied) != inside || (got == contradicted) != apart) {
				t.Errorf("%v tells %d of %v", a, got, b)
			}
		}
	}
}
