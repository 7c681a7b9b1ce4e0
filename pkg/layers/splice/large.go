package splice

import (
	"fmt"
	"hash/crc32"
	"io"

	"github.com/layerpack/layerpack/pkg/layers/deflate"
	"github.com/layerpack/layerpack/pkg/layers/inflate"
)

// JoinLarge adds the raw DEFLATE stream of n bytes at off of src, which holds size bytes with
// the CRC-32 crc, without having all of it in memory. sink, if not nil, gets the contents in order, each
// slice valid during the call only. The compressed bytes are read twice, first to inflate and
// check them and then to copy them; nothing is written before all checks but the last, that
// both readings agree.
func (z *Writer) JoinLarge(src io.ReaderAt, off, n, size int64, crc uint32, b *Buffers, sink func([]byte) error) error {
	if z.err != nil {
		return z.err
	}
	tail := make([]byte, 0, 2*deflate.Window)
	info, first, err := b.inflate(src, off, n, size, crc, func(p []byte) error {
		tail = lastWindow(tail, p)
		if sink == nil {
			return nil
		}
		return sink(p)
	})
	if err != nil {
		return err
	}

	z.flush()
	z.drain(len(z.queue.items))
	second := &summed{r: io.NewSectionReader(src, off, n)}
	if err := z.copyStream(second, n, info, b); err != nil {
		z.err = err
		return err
	}
	if second.sum != first {
		z.err = ErrChanged
		return z.err
	}
	z.remember(tail)
	z.crc = combine(z.crc, crc, size)
	z.size += uint32(size)
	return z.err
}

// inflate hands the contents of a stream to sink and checks all that is known of it. It returns
// where the stream's parts lie and the CRC-32 of its compressed bytes.
func (b *Buffers) inflate(src io.ReaderAt, off, n, size int64, crc uint32, sink func([]byte) error) (inflate.Info, uint32, error) {
	var sum uint32
	r := &summed{r: io.NewSectionReader(src, off, n)}
	info, err := b.decoder.Stream(r, n, size, func(p []byte) error {
		sum = crc32.Update(sum, crc32.IEEETable, p)
		return sink(p)
	})
	switch {
	case err != nil:
	case info.Consumed() != n:
		err = fmt.Errorf("%w: %d of %d bytes used", ErrTrailing, info.Consumed(), n)
	case sum != crc:
		err = fmt.Errorf("%w: %08x, declared %08x", ErrChecksum, sum, crc)
	}
	return info, r.sum, err
}

// copyStream copies a checked stream, no longer final and brought to a byte boundary.
func (z *Writer) copyStream(r io.Reader, n int64, info inflate.Info, b *Buffers) error {
	const chunk = 256 << 10
	if cap(b.raw) < chunk+realignment {
		b.raw = make([]byte, chunk+realignment)
	}
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
