package splice

import (
	"fmt"
	"hash/crc32"
	"io"

	"github.com/layerpack/layerpack/pkg/layers/deflate"
	"github.com/layerpack/layerpack/pkg/layers/inflate"
)

// Rooms returns n times room for size bytes, where the contents of pieces would lie: [Buffers.PrepareLarge] and [Writer.JoinLarge]
// leave it alone.
func (b *Buffers) Rooms(n, size int) [][]byte {
	b.grow(0, int64(n*size))
	all, rooms := b.decoded[len(b.decoded):cap(b.decoded)], make([][]byte, n)
	for i := range rooms {
		rooms[i] = all[i*size : i*size : (i+1)*size]
	}
	b.decoded = b.decoded[:len(b.decoded)+n*size]
	return rooms
}

// Large is a stream that was inflated and checked without having all of it in memory, ready to be joined.
type Large struct {
	src          io.ReaderAt
	off, n, size int64
	crc          uint32
	compressed   uint32 // CRC-32 of the compressed bytes
	info         inflate.Info
	tail         []byte // of the contents: the encoder's history
}

// PrepareLarge inflates the raw DEFLATE stream of n bytes at off of src, which holds size bytes with
// the CRC-32 crc, and hands the contents to sink in order, each slice valid during the call only. What is wrong at the stream's
// end is known after sink has seen it all.
func (b *Buffers) PrepareLarge(src io.ReaderAt, off, n, size int64, crc uint32, sink func([]byte) error) (*Large, error) {
	if err := honest(n, size); err != nil {
		return nil, err
	}
	l := &Large{src: src, off: off, n: n, size: size, crc: crc, tail: make([]byte, 0, 2*deflate.Window)}
	r := &summed{r: io.NewSectionReader(src, off, n)}
	var sum uint32
	info, err := b.decoder.Stream(r, n, size, func(p []byte) error {
		sum = crc32.Update(sum, crc32.IEEETable, p)
		l.tail = lastWindow(l.tail, p)
		return sink(p)
	})
	switch {
	case err != nil:
		return nil, err
	case info.Consumed() != n:
		return nil, fmt.Errorf("%w: %d of %d bytes used", ErrTrailing, info.Consumed(), n)
	case sum != crc:
		return nil, fmt.Errorf("%w: %08x, declared %08x", ErrChecksum, sum, crc)
	}
	l.info, l.compressed = info, r.sum
	return l, nil
}

// JoinLarge copies a stream. Its compressed bytes are read a second time for it; that both readings agree is known
// when they have been written.
func (z *Writer) JoinLarge(l *Large, b *Buffers) error {
	z.flush()
	z.drainAll()
	if z.err != nil {
		return z.err
	}
	second := &summed{r: io.NewSectionReader(l.src, l.off, l.n)}
	if err := z.copyStream(second, l.n, l.info, b); err != nil {
		z.err = err
		return err
	}
	if second.sum != l.compressed {
		z.err = ErrChanged
		return z.err
	}
	z.remember(l.tail)
	z.crc = combine(z.crc, l.crc, l.size)
	z.size += uint32(l.size)
	return z.err
}

// copyStream copies a checked stream, no longer final and brought to a byte boundary.
func (z *Writer) copyStream(r io.Reader, n int64, info inflate.Info, b *Buffers) error {
	const chunk = 256 << 10
	b.Reset()
	b.grow(chunk, 0)
	for at := int64(0); at < n && z.err == nil; {
		p := b.raw[:min(chunk, n-at)]
		if _, err := io.ReadFull(r, p); err != nil {
			return fmt.Errorf("reading compressed bytes again: %w", err)
		}
		clearFinal(p, at, info)
		if at += int64(len(p)); at == n {
			p = realign(p, info.End)
		}
		z.put(p)
	}
	return z.err
}

// lastWindow keeps the last bytes of what passes, as many as the encoder refers to.
func lastWindow(tail, p []byte) []byte {
	if len(p) >= deflate.Window {
		return append(tail[:0], p[len(p)-deflate.Window:]...)
	}
	if over := len(tail) + len(p) - deflate.Window; over > 0 {
		tail = tail[:copy(tail, tail[over:])]
	}
	return append(tail, p...)
}

// summed is a reader that sums up what passes.
type summed struct {
	r   io.Reader
	sum uint32
}

func (s *summed) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.sum = crc32.Update(s.sum, crc32.IEEETable, p[:n])
	return n, err
}
