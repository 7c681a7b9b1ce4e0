package layers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"

	"golang.org/x/sync/semaphore"
)

// Encoder names how gzip layers are written; see [Compression.Encoder].
const Encoder = "gzip/splice-2/deflate-4"

// What a builder takes is below 64 MiB whatever the number of cores and layers; TestBoundedMemory measures it. Most are batches,
// of up to 9 MiB each, and encoders, of 2 MiB.
const (
	maxBatches  = 4
	maxEncoders = 3 // of a layer, beside its writer, which waits more than it works
)

// MaxAtOnce is how many layers a builder writes at the same time. Others wait.
const MaxAtOnce = 3

// What a layer takes beside batches, in some 3 MiB, and what there is of it.
const (
	layerShare = 2
	zstdShare  = 3
	allShares  = MaxAtOnce * layerShare
)

// Builder writes layers. Its buffers are shared by the layers that are written at the same
// time, so that memory stays bounded whatever their number; the bytes of a layer depend on its entries alone.
type Builder struct {
	batches  chan *batch // not in use
	shares   *semaphore.Weighted
	encoders int
	ahead    bool // streams are inflated before their turn, beside what is being written
}

// NewBuilder returns a builder that uses up to cores cores.
func NewBuilder(cores int) *Builder {
	b := &Builder{batches: make(chan *batch, maxBatches), shares: semaphore.NewWeighted(allShares), ahead: cores > 1}
	if b.ahead {
		b.encoders = maxEncoders
	}
	for range cap(b.batches) {
		b.batches <- newBatch()
	}
	return b
}

// Tap is shown the bytes of files while they pass: of every file that lies compressed in one
// piece of at most 4 MiB, without waste. content is valid during the call only; calls come from several goroutines.
type Tap func(e *Entry, content []byte)

// Write writes entries as one compressed layer to w and returns its record, without a key.
// See [Builder.Write].
func Write(ctx context.Context, w io.Writer, entries []Entry) (*Record, error) {
	return NewBuilder(runtime.GOMAXPROCS(0)).Write(ctx, w, entries, nil)
}

// Write is [Builder.WriteAs] for a gzip layer.
func (b *Builder) Write(ctx context.Context, w io.Writer, entries []Entry, tap Tap) (*Record, error) {
	return b.WriteAs(ctx, w, entries, Options{Tap: tap})
}

// WriteAs writes entries as one compressed layer to w and returns its record, without a key.
//
// The entries are written in the order of their paths, whatever order they come in, but for those that
// o prioritizes. Every folder on the way to an entry must be an entry itself. A file that is not
// as long as its Size or has not its SHA256 fails the whole layer; what has been written by then is no layer.
//
// Streams that entries name in Deflate are inflated once, for the digests, and copied instead of
// being compressed again, as far as the format allows.
func (b *Builder) WriteAs(ctx context.Context, w io.Writer, entries []Entry, o Options) (*Record, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	sorted, err := Sort(entries)
	if err != nil {
		return nil, err
	}
	if sorted, err = o.arrange(sorted); err != nil {
		return nil, err
	}
	share := int64(layerShare)
	if o.Compression == Zstd {
		share = zstdShare
	}
	if err := b.shares.Acquire(ctx, share); err != nil {
		return nil, err
	}
	defer b.shares.Release(share)
	return b.write(ctx, w, sorted, o)
}

func (b *Builder) write(ctx context.Context, w io.Writer, sorted []Entry, o Options) (*Record, error) {
	running, stop := context.WithCancel(ctx)
	defer stop()
	out := newOutput(w, b.ahead)
	f, err := o.format(out, b.encoders)
	if err != nil {
		return nil, errors.Join(err, out.close())
	}
	l := &layer{
		builder: b, format: f, tap: o.Tap, ahead: make(chan *batch, cap(b.batches)),
		copied: copiedFrom(sorted),
		whole:  o.Compression == EStargz || o.Compression == Zstd, digests: o.Compression == EStargz,
	}
	if b.ahead {
		go l.feed(running, sorted)
	} else {
		close(l.ahead)
	}
	err = l.write(ctx, sorted)
	stop()
	l.release()
	if err != nil {
		f.abandon()
		// What could not be written came before.
		if unwritten := out.drop(); unwritten != nil && ctx.Err() == nil {
			err = fmt.Errorf("writing a layer: %w", unwritten)
		}
		return nil, err
	}
	err = f.close()
	if ended := out.close(); err == nil {
		err = ended
	}
	if err != nil {
		return nil, fmt.Errorf("writing a layer: %w", err)
	}
	return &Record{
		Digest: out.blob.hash(), Size: out.blob.n,
		DiffID: hashOf(&l.sum), TarSize: l.size,
		MediaType: o.Compression.mediaType(), Annotations: f.annotations(l),
	}, nil
}
