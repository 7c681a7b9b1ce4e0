package assemble

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/layerpack/layerpack/internal/packages"
	"github.com/layerpack/layerpack/internal/plan"
	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/internal/source"
	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/pipwheel/index"
)

// fetchAll learns what the wheels hold that were found. Of those whose facts are not known only the ends are read.
func (r *run) fetchAll(ctx context.Context, b *base, in *inputs, f *packages.Finder, found *packages.Found) ([]plan.Wheel, error) {
	out := make([]plan.Wheel, len(found.Wheels))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(inFlight)
	for i := range found.Wheels {
		g.Go(func() (err error) {
			w := found.Wheels[i]
			switch {
			case w.Hand >= 0:
				out[i], err = in.hand.read[w.Hand](gctx, reader{r, b})
			case w.Path() != "":
				out[i], err = r.localWheel(gctx, b, in, f, w)
			default:
				out[i], err = r.fetched(ctx, gctx, b, in, f, w)
			}
			out[i].Order, out[i].Transitive = i, !w.Requested
			if err == nil && w.DirectURL != "" {
				out[i].DirectURL, err = pipwheel.RecordedURL(w.DirectURL)
			}
			return err
		})
	}
	return out, g.Wait()
}

// localWheel reads a wheel of the host that is not among those of --wheels: by a path, or in a folder of links. What is
// built of it is what was hashed, or nothing.
func (r *run) localWheel(ctx context.Context, b *base, in *inputs, f *packages.Finder, w packages.Wheel) (plan.Wheel, error) {
	in.mu.Lock()
	key := w.Path() + " " + w.SHA256
	read := in.local[key]
	if read == nil {
		read = once(func(ctx context.Context, by reader) (plan.Wheel, error) {
			return by.run.pathWheel(ctx, by.base, in, f, w)
		})
		in.local[key] = read
	}
	in.mu.Unlock()
	return read(ctx, reader{r, b})
}

func (r *run) pathWheel(ctx context.Context, b *base, in *inputs, f *packages.Finder, w packages.Wheel) (plan.Wheel, error) {
	files, err := source.Wheels([]string{w.Path()})
	if err != nil {
		return plan.Wheel{}, err
	}
	promised := ""
	if w.Promised() {
		if promised, _, err = f.Sum(ctx, &w); err != nil {
			return plan.Wheel{}, err
		}
	}
	out, err := r.readWheel(ctx, b, in, files[0])
	if err == nil && promised != "" && promised != hex.EncodeToString(out.SHA256[:]) {
		err = fmt.Errorf("%s: %w while it was read", w.Path(), source.ErrChanged)
	}
	return out, err
}

// fetched learns what a wheel holds that is not on this machine, or may not be. life is how long the wheel may be read.
func (r *run) fetched(life, ctx context.Context, b *base, in *inputs, f *packages.Finder, w packages.Wheel) (plan.Wheel, error) {
	in.arrivals.expect(w.File)
	how := pipwheel.Options{StrictRecord: r.build.StrictRecord}
	arrive := func() (*arrival, error) {
		return in.arrivals.begin(w.File+" "+w.Address()+" "+w.SHA256, func() (*arrival, error) { return r.arrive(life, in, f, w) })
	}
	open := sync.OnceValues(func() (*pipwheel.Wheel, error) {
		came, err := arrive()
		if err != nil {
			return nil, err
		}
		opened, err := pipwheel.Open(came, came.Size(), w.File, how)
		return opened, came.why(life, err)
	})
	if w.SHA256 == "" { // nobody says what it should be, so that it must be here to know what it is
		came, err := arrive()
		if err != nil {
			return plan.Wheel{}, err
		}
		if w.SHA256, err = came.settled(ctx); err != nil {
			return plan.Wheel{}, err
		}
		in.arrivals.settle(came, w.SHA256)
		arrive = func() (*arrival, error) { return came, nil } // it was begun with when nothing was promised of it
	}
	opened, err := r.wheelFrom(ctx, b, w, how, arrive, open)
	if err != nil {
		return plan.Wheel{}, err
	}
	if err := w.Said(index.MetadataOf(opened.Metadata)); err != nil {
		return plan.Wheel{}, errors.Join(err, f.Forget(&w))
	}
	out := plan.Wheel{Wheel: opened}
	if n, err := hex.Decode(out.SHA256[:], []byte(w.SHA256)); err != nil || n != len(out.SHA256) {
		return plan.Wheel{}, fmt.Errorf("%s: %q is no SHA-256", w.File, w.SHA256)
	}
	return out, nil
}

// wheelFrom plans a wheel from facts that are known, else from those that its end tells, else from all of it.
func (r *run) wheelFrom(ctx context.Context, b *base, w packages.Wheel, how pipwheel.Options, arrive func() (*arrival, error), open func() (*pipwheel.Wheel, error)) (*pipwheel.Wheel, error) {
	if r.distrust {
		return open()
	}
	if raw, ok := r.factsAnywhere(ctx, b, w.SHA256); ok {
		opened, err := pipwheel.FromFacts(raw, w.File, how, open)
		if !errors.Is(err, pipwheel.ErrFacts) {
			return opened, err
		}
		r.say(progress.Detail, "the facts of %s are read anew: %v", w.File, err)
	}
	came, err := arrive()
	if err != nil {
		return nil, err
	}
	raw, err := came.tell(w.File, how)
	if err != nil {
		return open() // one that has none is refused there, or is in the base already
	}
	return pipwheel.FromFacts(raw, w.File, how, open)
}

// factsAnywhere finds facts of a wheel on this machine or in the cache manifest, which is asked: that moves less than the wheel.
func (r *run) factsAnywhere(ctx context.Context, b *base, key string) ([]byte, bool) {
	if raw, err := r.store.Get(wheelFacts, key); err == nil {
		return raw, true
	}
	if r.build.Cache.Off || r.distrust {
		return nil, false
	}
	if c := b.cached.facts(ctx); c != nil {
		raw, ok := c.Wheels[key]
		return raw, ok
	}
	return nil, false
}

// arrive begins with a wheel, which stays readable until the run is over.
func (r *run) arrive(ctx context.Context, in *inputs, f *packages.Finder, w packages.Wheel) (*arrival, error) {
	remote, err := f.Open(ctx, &w)
	if err != nil {
		return nil, err
	}
	in.mu.Lock()
	in.open = append(in.open, remote)
	in.mu.Unlock()
	a := &arrival{Remote: remote, forget: func() error { return f.Forget(&w) }, sha256: w.SHA256}
	in.arrivals.add(w.File, a)
	return a, nil
}

// start begins with the wheels of a layer that is to be built. The layer's wheels that were planned from facts are
// opened now.
func (b *blobs) start(l *blob) error {
	if err := l.layer.Complete(); err != nil {
		return err
	}
	for _, a := range b.arrivals.of(l) {
		a.Start()
	}
	return nil
}

// arrived is closed when all wheels of a layer are here; nil where nothing is waited for.
func (b *blobs) arrived(ctx context.Context, l *blob) <-chan struct{} {
	of := b.arrivals.of(l)
	if len(of) == 0 {
		return nil
	}
	all := make(chan struct{})
	go func() {
		defer close(all)
		for _, a := range of {
			_, _, _ = a.Wait(ctx) // who reads the wheel is told what failed
		}
	}()
	return all
}

// verified waits until all wheels of a layer have been verified, and keeps what they told. That they are the recipe's is
// what its key promises.
func (b *blobs) verified(ctx context.Context, l *blob) error {
	for _, a := range b.arrivals.of(l) {
		sum, err := a.settled(ctx)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(l.layer.Recipe.Wheels, func(w layers.WheelInput) bool { return w.SHA256 == sum }) {
			return fmt.Errorf("a wheel of layer %s has sha256 %s, which the plan does not know", l.layer.Title, sum)
		}
		if a.facts != nil {
			b.run.keep(wheelFacts, sum, a.facts)
		}
	}
	return nil
}

// allVerified waits for every wheel that anything was read of: what the plan and the checks were told by the end of a wheel
// counts only once all of it is right, also where its layer need not be built.
func (b *blobs) allVerified(ctx context.Context) error {
	for _, l := range b.list {
		if err := b.verified(ctx, l); err != nil {
			return fmt.Errorf("layer %s: %w", l.layer.Title, room(err, moreRoom))
		}
	}
	return nil
}

// turn waits until a layer may be built. One whose wheels are here takes one of the builders' places; a single one may
// be built while its wheels arrive, beside those.
func (b *blobs) turn(ctx context.Context, l *blob) (release func(), err error) {
	if all := b.arrived(ctx, l); all != nil {
		select {
		case <-all:
		case b.arriving <- struct{}{}:
			return func() { <-b.arriving }, nil
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	select {
	case b.building <- struct{}{}:
		return func() { <-b.building }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// builders is how many layers are built at a time, beside the one that is built while its wheels arrive.
func builders(cores int, arriving bool) int {
	most := layers.MaxAtOnce
	if arriving {
		most--
	}
	return min(cores, most)
}
