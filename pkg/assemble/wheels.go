package assemble

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/layerpack/layerpack/internal/plan"
	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/internal/source"
	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// wheelFacts is the collection of the store that keeps facts of wheels, by the SHA-256 of their files.
const wheelFacts = "wheelfacts"

// readWheels chooses among the wheels by their names, then hashes the chosen ones and learns what they hold: from
// facts where they are known, else by opening them.
func (r *run) readWheels(ctx context.Context, b *base, in *inputs) ([]plan.Wheel, error) {
	found := in.hand.files
	if len(found) == 0 {
		return nil, nil
	}
	if b.profile.Python == nil {
		return nil, refusal.New(r.build.Base.Given, "the base has no Python that wheels could be installed for: "+b.profile.PythonNote,
			"use a base with Python, or leave --wheels out")
	}
	names := make([]string, len(found))
	for i, w := range found {
		names[i] = w.Name
	}
	choice, err := pipwheel.Choose(names, *b.profile.Python)
	if err != nil {
		return nil, fmt.Errorf("--wheels: %w", err)
	}
	for _, i := range choice.PassedOver {
		r.say(progress.Detail, "%s: passed over, another wheel of it fits better", names[i])
	}
	out := make([]plan.Wheel, len(choice.Chosen))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for n, i := range choice.Chosen {
		g.Go(func() error {
			w, err := in.hand.read[i](ctx, reader{r, b})
			out[n] = w
			out[n].Order = i
			return err
		})
	}
	return out, g.Wait()
}

// readWheel hashes a wheel and learns what it holds.
func (r *run) readWheel(ctx context.Context, b *base, in *inputs, file source.WheelFile) (plan.Wheel, error) {
	sum, err := r.hash(ctx, file)
	if err != nil {
		return plan.Wheel{}, fmt.Errorf("hashing %s: %w", file.Name, err)
	}
	how := pipwheel.Options{StrictRecord: r.build.StrictRecord}
	open := func() (*pipwheel.Wheel, error) { return in.openWheel(file, how) }
	key := hex.EncodeToString(sum[:])
	if raw, ok := r.factsOfWheel(b, key); ok && !r.distrust {
		w, err := pipwheel.FromFacts(raw, file.Name, how, open)
		if err == nil {
			return plan.Wheel{Wheel: w, SHA256: sum}, nil
		}
		if !errors.Is(err, pipwheel.ErrFacts) {
			return plan.Wheel{}, err
		}
		r.say(progress.Detail, "%s is opened: %v", file.Name, err)
	}
	w, err := open()
	if err != nil {
		return plan.Wheel{}, err
	}
	// A wheel that has none will be refused, or is in the base already.
	if raw, err := w.Facts(); err == nil {
		r.keep(wheelFacts, key, raw)
	}
	return plan.Wheel{Wheel: w, SHA256: sum}, nil
}

// factsOfWheel finds facts on this machine, or in the cache manifest where that has been read already: opening a
// wheel that is here is faster than asking.
func (r *run) factsOfWheel(b *base, key string) ([]byte, bool) {
	if raw, err := r.store.Get(wheelFacts, key); err == nil {
		return raw, true
	}
	if c := b.cached.contents; c != nil {
		raw, ok := c.Wheels[key]
		return raw, ok
	}
	return nil, false
}

// openWheel opens a wheel, which stays open until the run is over.
func (in *inputs) openWheel(file source.WheelFile, how pipwheel.Options) (*pipwheel.Wheel, error) {
	f, err := file.Open()
	if err != nil {
		return nil, fmt.Errorf("--wheels: %w", err)
	}
	in.mu.Lock()
	in.open = append(in.open, f)
	in.mu.Unlock()
	return pipwheel.Open(f, file.Size, file.Name, how)
}

// settled is how long a file must have been as it is for its stamp to be believed.
const settled = 2 * time.Second

// hash returns the SHA-256 of a wheel, without reading it where it has not changed since it was
// last read.
func (r *run) hash(ctx context.Context, file source.WheelFile) (sum [sha256.Size]byte, err error) {
	stamp, changed := file.Stamp()
	if stamp == "" || r.host.Now == nil || r.host.Now().Sub(changed) < settled {
		return file.SHA256(ctx)
	}
	key := digestOf([]byte(stamp)).String()
	if kept, err := r.store.Get("wheels", key); err == nil && len(kept) == len(sum) {
		copy(sum[:], kept)
		return sum, nil
	}
	if sum, err = file.SHA256(ctx); err == nil {
		r.keep("wheels", key, sum[:])
	}
	return sum, err
}
