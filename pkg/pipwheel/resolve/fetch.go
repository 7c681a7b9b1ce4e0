package resolve

import (
	"context"
	"sync"
)

// atOnce bounds how many calls to the provider run at the same time.
const atOnce = 50

// fetcher asks the provider everything once, in the background. What is fetched ahead never shows in the answer: the solver
// sees an answer only when it waits for it.
type fetcher struct {
	provider Provider
	slots    chan struct{}
	running  sync.WaitGroup

	mu       sync.Mutex
	lists    map[string]*answer[*universe]
	metadata map[fileKey]*answer[Metadata]
}

// fileKey names a candidate.
type fileKey struct{ name, version string }

// answer is what a call returned, once done is closed.
type answer[T any] struct {
	done  chan struct{}
	value T
	err   error
}

func newFetcher(p Provider) *fetcher {
	return &fetcher{
		provider: p,
		slots:    make(chan struct{}, atOnce),
		lists:    map[string]*answer[*universe]{},
		metadata: map[fileKey]*answer[Metadata]{},
	}
}

// ask returns the answer for a key, and starts the call if nobody did.
func ask[K comparable, T any](ctx context.Context, f *fetcher, all map[K]*answer[T], key K, call func() (T, error)) *answer[T] {
	f.mu.Lock()
	defer f.mu.Unlock()
	if a := all[key]; a != nil {
		return a
	}
	a := &answer[T]{done: make(chan struct{})}
	all[key] = a
	f.running.Go(func() {
		defer close(a.done)
		select {
		case f.slots <- struct{}{}:
			defer func() { <-f.slots }()
			a.value, a.err = call()
		case <-ctx.Done():
			a.err = ctx.Err()
		}
	})
	return a
}

// wait returns the answer when it is there.
func (a *answer[T]) wait(ctx context.Context) (T, error) {
	select {
	case <-a.done:
		return a.value, a.err
	default:
	}
	select {
	case <-a.done:
		return a.value, a.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

func (f *fetcher) list(ctx context.Context, r *rules, name string) *answer[*universe] {
	return ask(ctx, f, f.lists, name, func() (*universe, error) {
		if url := r.urls[name]; url != "" {
			c, err := f.provider.Direct(ctx, name, url)
			return r.single(name, c), err
		}
		c, err := f.provider.Candidates(ctx, name)
		return r.universe(name, c), err
	})
}

func (f *fetcher) meta(ctx context.Context, c Candidate) *answer[Metadata] {
	return ask(ctx, f, f.metadata, fileKey{c.Name, c.Version.Canonical()}, func() (Metadata, error) {
		return f.provider.Metadata(ctx, c)
	})
}

// ahead fetches what will be asked for if a name is decided while its versions are limited to a range.
func (f *fetcher) ahead(ctx context.Context, r *rules, name string, known term) {
	list := f.list(ctx, r, name)
	guess := func() {
		u, err := list.wait(ctx)
		if err != nil {
			return
		}
		if i := u.best(known.rng, r.preferences[name]); i >= 0 && u.options[i].installed == nil {
			f.meta(ctx, u.options[i].candidate)
		}
	}
	select {
	case <-list.done:
		guess()
	default:
		f.running.Go(guess)
	}
}
