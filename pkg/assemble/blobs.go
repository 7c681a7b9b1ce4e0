package assemble

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/internal/cache"
	"github.com/layerpack/layerpack/internal/plan"
	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/internal/store"
	"github.com/layerpack/layerpack/pkg/layers"
)

// blobs are the layers of an image, or of all, as they become bytes. One whose record is known is built
// only when someone asks for its bytes.
type blobs struct {
	*workshop
	list []*blob
}

// workshop is where layers are built, the same for all images.
type workshop struct {
	run     *run
	builder *layers.Builder
	// building has room for the layers that are built at the same time.
	building chan struct{}
	// arriving has room for the one layer that is built while its wheels arrive.
	arriving chan struct{}
	arrivals *arrivals
}

type blob struct {
	layer  *plan.Layer
	run    *run // of its image, or of all where several have it
	images int  // that have it
	record *layers.Record
	reused bool         // the record was known
	origin cache.Origin // of a record that was known
	tapped *tapped      // what was seen while it was built in this run
	facts  []byte       // of its native files, once they are known
	cached *cached

	mu    sync.Mutex
	spool *store.Spool
}

// blobs makes the layers of all images: one that several have is one blob.
func (j *job) blobs() *blobs {
	cores := runtime.GOMAXPROCS(0)
	shop := &workshop{run: j.run, builder: layers.NewBuilder(cores), arriving: make(chan struct{}, 1), arrivals: &j.inputs.arrivals}
	shop.building = make(chan struct{}, builders(cores, len(j.inputs.arrivals.named) > 0))
	all := &blobs{workshop: shop}
	byKey := map[layers.Key]*blob{}
	for _, p := range j.images {
		p.blobs = &blobs{workshop: shop}
		for i := range p.plan.Images[0].Layers {
			l := &p.plan.Images[0].Layers[i]
			b := byKey[l.Key]
			if b == nil {
				b = &blob{layer: l, run: p.run, record: j.run.record(l.Key), reused: true, cached: p.base.cached}
				byKey[l.Key] = b
				all.list = append(all.list, b)
			} else {
				b.run = j.run
			}
			b.images++
			p.blobs.list = append(p.blobs.list, b)
		}
	}
	return all
}

// record looks a layer's record up in the store.
func (r *run) record(key layers.Key) *layers.Record {
	raw, err := r.store.Get("records", string(key))
	if err != nil {
		return nil
	}
	var rec layers.Record
	if err := json.Unmarshal(raw, &rec); err != nil || rec.Key != key {
		return nil
	}
	return &rec
}

// build builds a layer that has no record, and keeps its record.
func (b *blobs) build(ctx context.Context, l *blob) error {
	l.reused = false
	if err := b.fill(ctx, l); err != nil {
		return err
	}
	raw, err := json.Marshal(l.record)
	if err != nil {
		return fmt.Errorf("recording layer %s: %w", l.layer.Title, err)
	}
	b.run.keep("records", string(l.record.Key), raw)
	return nil
}

// estimate is the size that the layer's blob will have, in bytes: exactly where it is known, else what its
// files hold, compressed where they are.
func (l *blob) estimate() int64 {
	if l.record != nil {
		return l.record.Size
	}
	var n int64
	for _, e := range l.layer.Entries() {
		if e.Deflate != nil {
			n += e.Deflate.Len
		} else {
			n += e.Size
		}
	}
	return n
}

// fill builds one layer into its spool. A layer that was built before must come out the same.
func (b *blobs) fill(ctx context.Context, l *blob) error {
	spool, err := b.run.store.Spool()
	if err != nil {
		return err
	}
	l.run.say(progress.Step, "building layer %s: %s", l.layer.Recipe.Role, l.layer.Title)
	how, err := l.layer.Recipe.Options()
	if err == nil {
		err = l.layer.Complete()
	}
	switch {
	case err != nil:
	case l.record != nil:
		err = b.builder.RebuildAs(ctx, spool, l.layer.Entries(), l.record, how)
	default:
		l.record, err = b.write(ctx, spool, l, how)
	}
	// What is wrong with a wheel that came says more than what reading it ran into.
	err = cmp.Or(b.verified(ctx, l), err)
	if err != nil {
		if errors.Is(err, layers.ErrNotReproducible) && !l.origin.Local() {
			err = &distrusted{fmt.Errorf("%s: %w", l.origin, err)}
		} else if errors.Is(err, layers.ErrNotReproducible) {
			// Said once; the next run builds the layer as if it had never been built.
			err = errors.Join(err, b.run.store.Delete("records", string(l.layer.Key)))
		}
		err = room(err, "set --cache-dir or TMPDIR to a folder with more of it")
		return errors.Join(fmt.Errorf("building layer %s: %w", l.layer.Title, err), spool.Close())
	}
	l.spool = spool
	return nil
}

// write builds a layer for the first time, and takes the facts of its native files on the way.
func (b *blobs) write(ctx context.Context, w io.Writer, l *blob, how layers.Options) (*layers.Record, error) {
	seen := newTapped()
	how.Tap = seen.tap
	rec, err := b.builder.WriteAs(ctx, w, l.layer.Entries(), how)
	if err != nil {
		return nil, err
	}
	rec.Key = l.layer.Key
	l.tapped = seen
	return rec, nil
}

// rebuild builds a layer whose record is known, when there is room for it.
func (b *blobs) rebuild(ctx context.Context, l *blob) error {
	select {
	case b.building <- struct{}{}:
		defer func() { <-b.building }()
		return b.fill(ctx, l)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// opener returns the way to a layer's bytes: from its spool, from the registry that told of it, or by building it now.
func (b *blobs) opener(ctx context.Context, l *blob) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.spool == nil && !l.origin.Local() {
			if err := b.fetch(ctx, l); err != nil {
				return nil, err
			}
		}
		if l.spool == nil {
			if err := b.rebuild(ctx, l); err != nil {
				return nil, err
			}
		}
		return io.NopCloser(io.NewSectionReader(l.spool, 0, l.record.Size)), nil
	}
}

// layers returns the blobs as layers of an image.
func (b *blobs) layers(ctx context.Context) []v1.Layer {
	var out []v1.Layer
	for _, l := range b.list {
		out = append(out, &layers.Blob{Record: *l.record, Open: b.opener(ctx, l)})
	}
	return out
}

func (b *blobs) close() error {
	var errs []error
	for _, l := range b.list {
		if l.spool != nil {
			errs = append(errs, l.spool.Close())
		}
	}
	return errors.Join(errs...)
}
