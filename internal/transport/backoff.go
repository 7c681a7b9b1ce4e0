package transport

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// Defaults of [Backoff].
const (
	DefaultBudget = 2 * time.Minute
	DefaultFirst  = 500 * time.Millisecond
	DefaultMax    = 15 * time.Second
)

// Backoff is how long and how often something is tried again: the waits double from First to Max,
// each shortened at random by up to a half, until Budget is spent since the first try. The zero
// value holds the defaults and the real clock.
type Backoff struct {
	Budget, First, Max time.Duration
	// Now, Sleep and Random (0 <= n < 1) are replaced in tests.
	Now    func() time.Time
	Sleep  func(context.Context, time.Duration) error
	Random func() float64
}

// Time returns the clock's time.
func (b Backoff) Time() time.Time {
	if b.Now == nil {
		return time.Now()
	}
	return b.Now()
}

// Start begins to count tries of one thing.
func (b Backoff) Start() *Tries {
	b.Budget = orDefault(b.Budget, DefaultBudget)
	b.First = orDefault(b.First, DefaultFirst)
	b.Max = orDefault(b.Max, DefaultMax)
	if b.Sleep == nil {
		b.Sleep = sleep
	}
	if b.Random == nil {
		b.Random = rand.Float64
	}
	return &Tries{b: b, start: b.Time(), wait: b.First}
}

// Tries is a run of tries under one [Backoff]. It is not safe for parallel use.
type Tries struct {
	b     Backoff
	start time.Time
	wait  time.Duration
	count int
}

// BudgetError says that no further try fits into the budget.
type BudgetError struct {
	Tries  int           // how many were made
	Spent  time.Duration // since the first
	Asked  time.Duration // the wait that the server asked for, if it did
	Budget time.Duration
}

func (e *BudgetError) Error() string {
	if e.Asked > 0 {
		return fmt.Sprintf("the server asks to wait %s, which is over what is left of %s for retries", e.Asked, e.Budget)
	}
	return fmt.Sprintf("gave up after %d tries in %s", e.Tries, e.Spent.Round(time.Millisecond))
}

// Again waits before the next try, at least as long as the server asked for (0 where it did not).
// It returns a [BudgetError] where that would pass the budget, and the context's error where the
// context ends first.
func (t *Tries) Again(ctx context.Context, asked time.Duration) error {
	t.count++
	// Jitter shortens our own wait, never the server's.
	wait := t.wait - time.Duration(t.b.Random()*float64(t.wait)/2)
	t.wait = min(2*t.wait, t.b.Max)
	wait = max(wait, asked)
	spent := t.b.Time().Sub(t.start)
	if spent+wait > t.b.Budget {
		return &BudgetError{Tries: t.count, Spent: spent, Asked: asked, Budget: t.b.Budget}
	}
	return t.b.Sleep(ctx, wait)
}

// Progress starts the budget and the waits anew: something got through.
func (t *Tries) Progress() {
	t.start, t.wait, t.count = t.b.Time(), t.b.First, 0
}

// Spent returns the time since the first try or the last progress.
func (t *Tries) Spent() time.Duration { return t.b.Time().Sub(t.start) }

func orDefault(d, otherwise time.Duration) time.Duration {
	if d <= 0 {
		return otherwise
	}
	return d
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
