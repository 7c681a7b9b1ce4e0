package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"
)

// PruneOptions say what goes.
type PruneOptions struct {
	// MaxSize is the most that is left, in bytes on disk; 0 leaves nothing.
	MaxSize int64
	// OlderThan, if not 0, is how long an entry may have been unused, whatever there is room for.
	OlderThan time.Duration
	// DryRun removes nothing and says what would go.
	DryRun bool
}

// Pruned is what went.
type Pruned struct {
	Dir string `json:"dir"`
	Total
	Collections []Collection `json:"collections"`
	// Unfinished is what earlier runs left when they were stopped.
	Unfinished Total `json:"unfinished"`
	Left       Total `json:"left"`
	DryRun     bool  `json:"dryRun"`
}

const (
	// scratchAge is when a file that is being written must be a dead process's.
	scratchAge = time.Hour
	// partAge is how long content that is not complete waits to be gone on with.
	partAge = 7 * 24 * time.Hour
)

// Prune removes what was not used for longest until the rest fits, and what stopped runs left.
// What another process holds open stays readable for it; what it needs again is a miss.
func (s *Store) Prune(ctx context.Context, o PruneOptions) (*Pruned, error) {
	if s.dir == "" {
		return &Pruned{Collections: []Collection{}, DryRun: o.DryRun}, nil
	}
	items, err := s.scan(ctx)
	if err != nil {
		return nil, err
	}
	return s.prune(ctx, items, o)
}

func (s *Store) prune(ctx context.Context, items []item, o PruneOptions) (*Pruned, error) {
	going, left := choose(items, o, s.clock())
	var went []item
	var errs []error
	p := &Pruned{Dir: s.dir, DryRun: o.DryRun}
	for _, it := range going {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		gone, err := o.DryRun, error(nil)
		if !o.DryRun {
			gone, err = remove(it)
		}
		switch {
		case err != nil && len(errs) < 3: // the others fail for the same reason
			errs = append(errs, fmt.Errorf("removing from the cache: %w", err))
		case err != nil:
		case !gone:
			left.add(it)
		case it.kind == entry:
			went = append(went, it)
		default:
			p.Unfinished.add(it)
		}
	}
	p.Collections, p.Total = tally(went)
	p.Left = left
	if !o.DryRun {
		_ = s.setTally(left.Bytes) // where it cannot be written, the next run counts again
	}
	return p, errors.Join(errs...)
}

func (s *Store) clock() time.Time {
	if s.now == nil {
		return time.Time{}
	}
	return s.now()
}

// choose decides what goes. From the newest on, what fits stays; so the oldest go first, and
// before them what is too large to stay with anything else.
func choose(items []item, o PruneOptions, now time.Time) (going []item, left Total) {
	age := func(it item) time.Duration {
		if now.IsZero() {
			return 0
		}
		return now.Sub(it.used)
	}
	doubtful := func(it item) int { // a stamp of the future says nothing of its use
		if age(it) < -noted {
			return 1
		}
		return 0
	}
	order := slices.Clone(items)
	slices.SortFunc(order, func(a, b item) int {
		return cmp.Or(doubtful(a)-doubtful(b), b.used.Compare(a.used), strings.Compare(a.path, b.path))
	})
	for _, it := range order {
		old := it.kind == scratch && age(it) > scratchAge || it.kind == part && age(it) > partAge ||
			o.OlderThan > 0 && age(it) > o.OlderThan
		full := it.kind != scratch && left.Bytes+it.size > o.MaxSize
		if old || full || it.kind == wreck {
			going = append(going, it)
		} else {
			left.add(it)
		}
	}
	return going, left
}

// remove takes a file away, unless it has been used or written since it was listed.
func remove(it item) (gone bool, err error) {
	info, err := os.Lstat(it.path)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	if !info.ModTime().Equal(it.used) {
		return false, nil
	}
	switch it.kind {
	case wreck:
		if !empty(it.path) {
			return false, nil // somebody put something into it
		}
		return true, removeFolder(it.path)
	case scratch, part:
		return removeUnlocked(it.path)
	}
	return true, ignoreGone(os.Remove(it.path))
}

// removeUnlocked removes a file that no running process writes. One that another user has, who
// may be writing it, stays.
func removeUnlocked(path string) (gone bool, err error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrPermission) {
		return false, nil
	}
	if err != nil {
		return errors.Is(err, fs.ErrNotExist), ignoreGone(err)
	}
	if tryLock(f) {
		gone, err = true, ignoreGone(os.Remove(path))
	}
	return gone, errors.Join(err, f.Close())
}
