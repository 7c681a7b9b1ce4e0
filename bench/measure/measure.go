// Package measure runs contenders in turns and keeps what each of them took.
//
// Everything that is compared is run once in every round, so that a machine that becomes slower
// or faster is so for all; the order rotates, so that nobody always comes after the same one.
package measure

import (
	"context"
	"fmt"
	"time"
)

// Result is what one run took and made.
type Result struct {
	User time.Duration // CPU time in user mode, of all processes that are the contender's
	Wall time.Duration
	Size int64 // of the output, in bytes; 0 where there is none to compare
}

// Step is the result of one named part of a run, such as the first build of two.
type Step struct {
	Name string
	Result
}

// Contender is one of those that are compared.
type Contender struct {
	Name string
	// Run does the work once, checks the output and returns what its steps took. round counts from 0.
	Run func(ctx context.Context, round int) ([]Step, error)
	// MaxRounds is the most rounds it takes part in; 0 is all of them.
	MaxRounds int
}

// Key names a series: a contender and one of its steps.
type Key struct{ Contender, Step string }

// Series holds all results of a contender's step, in the order in which they came.
type Series map[Key][]Result

// Rounds runs all contenders n times, in turns. say is told what goes on.
func Rounds(ctx context.Context, n int, all []Contender, say func(string)) (Series, error) {
	series := Series{}
	for round := range n {
		for i := range all {
			c := all[(i+round)%len(all)]
			if c.MaxRounds > 0 && round >= c.MaxRounds {
				continue
			}
			steps, err := c.Run(ctx, round)
			if err != nil {
				return nil, fmt.Errorf("round %d of %s: %w", round+1, c.Name, err)
			}
			for _, s := range steps {
				k := Key{c.Name, s.Name}
				series[k] = append(series[k], s.Result)
				say(fmt.Sprintf("round %d: %s %s: user %.3f s, wall %.3f s, %d bytes",
					round+1, c.Name, s.Name, s.User.Seconds(), s.Wall.Seconds(), s.Size))
			}
		}
	}
	return series, nil
}
