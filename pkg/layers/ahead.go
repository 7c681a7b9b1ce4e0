package layers

import (
	"context"
	"crypto/sha256"
	"io"

	"github.com/layerpack/layerpack/pkg/layers/digest"
	"github.com/layerpack/layerpack/pkg/layers/splice"
)

const (
	// batchSize is how much is handed to another core at a time, in bytes of contents and of compressed streams, unless one
	// stream is longer. A goroutine of its own costs as much as a small file.
	batchSize = 128 << 10
	// batchCount is how many streams that are at most.
	batchCount = 1 << 10
	// maxParts is how many parts of a large entry wait to be counted, of up to partRoom bytes; longer ones get more.
	maxParts = 3
	partRoom = 320 << 10
)

// batch is a run of compressed entries that are prepared together, or one that is too large for memory and comes in parts.
type batch struct {
	buffers splice.Buffers
	streams []stream
	joined  int           // of streams
	ready   chan struct{} // gets a value when nothing is being prepared any more

	large  *Entry // if not nil, the only one
	stop   context.CancelFunc
	parts  chan []byte   // of its contents, in order
	spare  chan []byte   // room for parts
	ending *splice.Large // when parts is closed, or
	err    error
}

// stream is a compressed entry of a batch, in whose buffers it lies.
type stream struct {
	entry *Entry
	piece splice.Piece
	sum   [digest.Size]byte // of the contents, if somebody asks and it is not to be had with the tar's
	err   error
}

func newBatch() *batch { return &batch{ready: make(chan struct{}, 1)} }

// spliced reports whether the bytes of e lie compressed, to be copied as they are.
func spliced(e *Entry) bool { return e.Kind == File && e.Deflate != nil && e.Size > 0 }

// fill takes the first of entries, and those after it that fit in. It returns the others.
func (b *batch) fill(entries []Entry) []Entry {
	var size, compressed int64
	for i := range entries {
		e := &entries[i]
		if !spliced(e) {
			continue
		}
		size += e.Size
		compressed += e.Deflate.Len
		fits := splice.Prepares(e.Deflate.Len, e.Size) && size <= batchSize && compressed <= batchSize && len(b.streams) < batchCount
		if len(b.streams) > 0 && !fits {
			return entries[i:]
		}
		if b.add(e); b.large != nil {
			return entries[i+1:]
		}
	}
	return nil
}

func (b *batch) add(e *Entry) {
	if !splice.Prepares(e.Deflate.Len, e.Size) {
		b.large = e
		return
	}
	b.streams = append(b.streams, stream{entry: e})
}

// empty makes b one that can be filled.
func (b *batch) empty() {
	if b.stop != nil {
		b.stop()
	}
	clear(b.streams)
	b.streams, b.joined = b.streams[:0], 0
	b.large, b.stop, b.parts, b.spare, b.ending, b.err = nil, nil, nil, nil, nil, nil
	b.buffers.Reset()
}

// done reports whether all streams were joined.
func (b *batch) done() bool { return b.joined == len(b.streams) }

// take waits for a batch that can be filled.
func (l *layer) take(ctx context.Context) (*batch, error) {
	select {
	case b := <-l.builder.batches:
		return b, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// give gives back a batch that nobody uses any more.
func (l *layer) give(b *batch) {
	b.empty()
	l.builder.batches <- b
}

// feed prepares compressed entries ahead of their turn, as long as there are batches. These are taken in the order of
// entries, so that the entry whose turn it is always has its own.
func (l *layer) feed(ctx context.Context, entries []Entry) {
	defer close(l.ahead)
	for {
		for len(entries) > 0 && !spliced(&entries[0]) {
			entries = entries[1:]
		}
		if len(entries) == 0 || ctx.Err() != nil {
			return
		}
		b, err := l.take(ctx)
		if err != nil {
			return
		}
		entries = b.fill(entries)
		if b.large != nil {
			l.startLarge(ctx, b)
		} else {
			go func() {
				l.prepare(ctx, b)
				b.ready <- struct{}{}
			}()
		}
		l.ahead <- b
	}
}

// next returns the batch of the entry whose turn it is.
func (l *layer) next(ctx context.Context, e *Entry) (*batch, error) {
	if l.batch != nil {
		return l.batch, nil
	}
	if !l.builder.ahead {
		b, err := l.take(ctx)
		if err != nil {
			return nil, err
		}
		b.add(e)
		l.prepare(ctx, b)
		l.batch = b
		return b, nil
	}
	b, ok := <-l.ahead
	if !ok {
		return nil, ctx.Err()
	}
	if b.large == nil {
		<-b.ready
	}
	l.batch = b
	return b, nil
}

// release waits for all that is being prepared, after it was cancelled, and gives the batches back: they are other layers' too.
func (l *layer) release() {
	if l.batch != nil {
		l.give(l.batch)
	}
	for b := range l.ahead {
		<-b.ready
		l.give(b)
	}
}

// prepare prepares the streams of b, up to the first that cannot be.
func (l *layer) prepare(ctx context.Context, b *batch) {
	for i := range b.streams {
		s := &b.streams[i]
		if s.err = ctx.Err(); s.err == nil {
			s.err = l.prepareOne(b, s)
		}
		if s.err != nil {
			return
		}
	}
}

// prepareOne inflates an entry and checks its length and CRC-32. Its SHA-256 costs next to nothing together with the
// tar's, see add, as a file's contents begin where a block of the tar's sum does; where they are not to be had together, it is
// computed here, beside other work.
func (l *layer) prepareOne(b *batch, s *stream) (err error) {
	d, prepare := s.entry.Deflate, b.buffers.Prepare
	if l.whole || d.Len >= l.copied {
		prepare = b.buffers.PrepareCopy
	}
	s.piece, err = prepare(d.Src, d.Offset, d.Len, s.entry.Size, d.CRC32)
	if err != nil {
		return damaged(s.entry, err)
	}
	if l.summed(s.entry) && !digest.Paired() {
		s.sum = sha256.Sum256(s.piece.Decoded)
	}
	if l.tap != nil {
		l.tap(s.entry, s.piece.Decoded)
	}
	return nil
}

// startLarge inflates the large entry of b beside the caller, as far ahead as there is room for parts.
func (l *layer) startLarge(ctx context.Context, b *batch) {
	ctx, b.stop = context.WithCancel(ctx)
	parts, spare := make(chan []byte, maxParts), make(chan []byte, maxParts)
	b.parts, b.spare = parts, spare
	for _, r := range b.buffers.Rooms(maxParts, partRoom) {
		spare <- r
	}
	go func() {
		b.ending, b.err = b.inflate(ctx, func(p []byte) error {
			select {
			case r := <-spare:
				parts <- append(r[:0], p...)
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		close(parts)
		b.ready <- struct{}{}
	}()
}

func (b *batch) inflate(ctx context.Context, sink func([]byte) error) (*splice.Large, error) {
	d := b.large.Deflate
	return b.buffers.PrepareLarge(cancelled{ctx, d.Src}, d.Offset, d.Len, b.large.Size, d.CRC32, sink)
}

// each hands the contents of the large entry of b to part and waits until nothing of it is being inflated any more.
func (b *batch) each(ctx context.Context, part func([]byte) error) (*splice.Large, error) {
	if b.parts == nil {
		return b.inflate(ctx, part)
	}
	var failed error
	for p := range b.parts {
		if failed == nil {
			failed = part(p)
		}
		if failed != nil {
			b.stop()
		}
		b.spare <- p
	}
	<-b.ready
	if failed != nil {
		return nil, failed
	}
	return b.ending, b.err
}

// cancelled is a source that fails once ctx is done: compressed bytes may go on for long without contents.
type cancelled struct {
	ctx context.Context
	src io.ReaderAt
}

func (c cancelled) ReadAt(p []byte, off int64) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.src.ReadAt(p, off)
}
