package layers

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"runtime"

	"github.com/layerpack/layerpack/pkg/layers/splice"
)

// Encoder names how gzip layers are written; see [Compression.Encoder].
const Encoder = "gzip/splice-2/deflate-4"

// What a builder takes is bounded whatever the number of cores: 4 streams that are inflated before their turn take up to
// 10 MiB each, and a layer some 7 MiB, its encoders included. With three layers at a time that is 61 MiB.
const (
	maxStreams  = 4
	maxEncoders = 2 // of a layer, beside its writer
)

// MaxAtOnce is how many layers a builder should write at the same time.
const MaxAtOnce = 3

// Builder writes layers. Its buffers are shared by the layers that are written at the same
// time, so that memory stays bounded whatever their number; the bytes of a layer depend on its entries alone.
type Builder struct {
	buffers  chan *splice.Buffers
	encoders int
	ahead    bool // streams are inflated before their turn, beside what is being written
}

// NewBuilder returns a builder that uses up to cores cores.
func NewBuilder(cores int) *Builder {
	b := &Builder{buffers: make(chan *splice.Buffers, maxStreams), encoders: min(cores-1, maxEncoders), ahead: cores > 1}
	for range cap(b.buffers) {
		b.buffers <- &splice.Buffers{}
	}
	return b
}

// Tap is shown the bytes of files while they pass: of every file that lies compressed in one
// piece of at most 4 MiB. content is valid during the call only; calls come from several goroutines.
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
	sorted, err := Sort(entries)
	if err != nil {
		return nil, err
	}
	if sorted, err = o.arrange(sorted); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	blob := newMeter(w)
	out := bufio.NewWriterSize(blob, copyBuffer)
	f, err := o.format(out, b.encoders)
	if err != nil {
		return nil, err
	}
	l := &layer{
		builder: b, format: f, tap: o.Tap, streams: make(chan *stream, cap(b.buffers)),
		copied: copiedFrom(sorted),
		whole:  o.Compression == EStargz || o.Compression == Zstd, digests: o.Compression == EStargz,
	}
	fed := make(chan struct{})
	go func() {
		defer close(fed)
		if b.ahead {
			l.feed(ctx, sorted)
		} else {
			close(l.streams)
		}
	}()
	err = l.write(ctx, sorted)
	// After a failure streams are still being prepared; their buffers are other layers' too.
	cancel()
	for s := range l.streams {
		<-s.ready
		b.buffers <- s.buffers
	}
	<-fed
	if err != nil {
		f.abandon()
		return nil, err
	}
	if err := f.close(); err != nil {
		return nil, fmt.Errorf("writing a layer: %w", err)
	}
	if err := out.Flush(); err != nil {
		return nil, fmt.Errorf("writing a layer: %w", err)
	}
	return &Record{
		Digest: blob.hash(), Size: blob.n,
		DiffID: hashOf(&l.sum), TarSize: l.size,
		MediaType: o.Compression.mediaType(), Annotations: f.annotations(l),
	}, nil
}
