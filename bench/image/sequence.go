package image

import (
	"context"
	"fmt"
	"strings"
	"syscall"
	"time"

	"github.com/layerpack/layerpack/bench/measure"
)

// The steps, in the order of the table.
const (
	Unknown   = "cold, base unknown"
	Known     = "cold, base known"
	Unchanged = "nothing changed"
	Changed   = "one file changed"
	Fresh     = "one file changed, empty cache"
)

// Steps are all of them.
func Steps() []string { return []string{Unknown, Known, Unchanged, Changed, Fresh} }

// unchangedLimit ends repeating a build of which nothing changed: who needs seconds for one is
// not measured twenty times.
const unchangedLimit = 4 * time.Second

// Sequences makes contenders of tools, for builds of one job.
type Sequences struct {
	Registry *Registry
	Job      *Job
	Repeat   int // how often nothing changes, in one round
	check    *checker
}

// NewSequences reads the prepared job once, to know what every image must hold.
func NewSequences(ctx context.Context, r *Registry, job *Job, repeat int) (*Sequences, error) {
	check, err := newChecker(ctx, job)
	return &Sequences{r, job, repeat, check}, err
}

// Contender runs all steps that the tool's traits allow, in each round with repositories that are new.
func (s *Sequences) Contender(t Tool, traits Traits, maxRounds int) measure.Contender {
	return measure.Contender{Name: t.Name(), MaxRounds: maxRounds, Run: func(ctx context.Context, round int) ([]measure.Step, error) {
		q := &sequence{s: s, tool: t, repo: fmt.Sprintf("%s/bench/%s-%d", s.Registry.Host, slug(t.Name()), round)}
		err := q.run(ctx, traits)
		return q.steps, err
	}}
}

// slug makes a repository's name of a tool's: what is no letter or digit becomes one dash.
func slug(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}), "-")
}

type sequence struct {
	s     *Sequences
	tool  Tool
	repo  string
	steps []measure.Step
}

func (q *sequence) run(ctx context.Context, traits Traits) error {
	if err := q.tool.Forget(ctx); err != nil {
		return err
	}
	if err := q.step(ctx, Unknown, q.repo+":1"); err != nil {
		return err
	}
	if !traits.Remembers {
		q.steps = append(q.steps, measure.Step{Name: Known, Result: q.steps[0].Result})
	}
	var spent time.Duration
	for i := 0; i < q.s.Repeat && spent < unchangedLimit; i++ {
		if err := q.step(ctx, Unchanged, q.repo+":1"); err != nil {
			return err
		}
		spent += q.steps[len(q.steps)-1].Wall
	}
	if err := q.edited(ctx, Changed, q.repo+":1"); err != nil {
		return err
	}
	if traits.AsksRegistry {
		if err := q.tool.Forget(ctx); err != nil {
			return err
		}
		if err := q.edited(ctx, Fresh, q.repo+":2"); err != nil {
			return err
		}
	}
	if !traits.Remembers {
		return nil
	}
	if err := q.tool.Forget(ctx); err != nil {
		return err
	}
	if err := q.tool.LearnBase(ctx); err != nil {
		return err
	}
	return q.step(ctx, Known, q.repo+"-known:1")
}

func (q *sequence) edited(ctx context.Context, name, tag string) error {
	if err := q.s.Job.Edit(); err != nil {
		return err
	}
	return q.step(ctx, name, tag)
}

// step builds once and checks the image in the registry. What others left to be written is on the
// disk before the time begins.
func (q *sequence) step(ctx context.Context, name, tag string) error {
	syscall.Sync()
	start := time.Now()
	user, err := q.tool.Build(ctx, tag)
	wall := time.Since(start)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	size, err := q.s.check.check(ctx, tag)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	q.steps = append(q.steps, measure.Step{Name: name, Result: measure.Result{User: user, Wall: wall, Size: size}})
	return nil
}
