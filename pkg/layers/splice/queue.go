package splice

import (
	"github.com/layerpack/layerpack/pkg/layers/deflate"
	"github.com/layerpack/layerpack/pkg/layers/inflate"
)

const (
	// Pieces shorter than this are encoded at once: handing them over costs more.
	handOver = 8 << 10
	// maxQueued bounds the bytes that wait for an encoder before them, beyond one stream.
	maxQueued = 2 << 20
)

// queue holds output in order while some of it is still being encoded.
type queue struct {
	items  []item
	queued int // bytes in items
	jobs   int // items with a job
	free   []*job
}

// item is output, or the job that makes it.
type item struct {
	p  []byte
	j  *job
	at *int64 // if not nil, where to keep the offset of the member whose header ends p
}

// job is a piece that is encoded on a goroutine of its own, with all that it needs.
type job struct {
	encoder deflate.Encoder
	buf     []byte
	start   int
	header  int
	parts   []deflate.Part
	matches []inflate.Match
	out     []byte
	err     error
	done    chan struct{}
}

// encode encodes what is pending, now or on another goroutine.
func (z *Writer) encode() {
	if z.encoders == 0 || len(z.buf)-z.start < handOver {
		out, err := z.encoder.Encode(z.out[:0], z.buf, z.start, z.header, z.parts)
		if err != nil {
			z.err = err
			return
		}
		z.out = out
		z.matches = z.matches[:0]
		z.emit(item{p: out})
		return
	}
	for z.queue.jobs >= z.encoders {
		z.drain(1)
	}
	j := z.job()
	first := max(0, z.start-deflate.Window)
	j.buf = append(j.buf[:0], z.buf[first:]...)
	j.start, j.header = z.start-first, z.header-first
	j.parts = append(j.parts[:0], z.parts...)
	j.matches, z.matches = z.matches, j.matches[:0] // the job's parts refer to them
	z.queue.items = append(z.queue.items, item{j: j})
	z.queue.jobs++
	go func() {
		j.out, j.err = j.encoder.Encode(j.out[:0], j.buf, j.start, j.header, j.parts)
		j.done <- struct{}{}
	}()
}

func (z *Writer) job() *job {
	if last := len(z.queue.free) - 1; last >= 0 {
		j := z.queue.free[last]
		z.queue.free = z.queue.free[:last]
		return j
	}
	return &job{done: make(chan struct{}, 1)}
}

// emit writes output after what is queued; its bytes are not referred to afterwards.
func (z *Writer) emit(it item) {
	for len(z.queue.items) > 0 && z.queue.queued+len(it.p) > maxQueued {
		z.drain(1)
	}
	if len(z.queue.items) == 0 {
		z.putItem(it)
		return
	}
	it.p = append([]byte(nil), it.p...)
	z.queue.items = append(z.queue.items, it)
	z.queue.queued += len(it.p)
}

func (z *Writer) putItem(it item) {
	z.put(it.p)
	if it.at != nil {
		*it.at = z.written - int64(len(memberHeader))
	}
}

// drain writes the first n queued items, waiting for those that are being encoded.
func (z *Writer) drain(n int) {
	q := &z.queue
	for _, it := range q.items[:n] {
		if it.j == nil {
			z.putItem(it)
			q.queued -= len(it.p)
			continue
		}
		<-it.j.done
		q.jobs--
		if it.j.err != nil && z.err == nil {
			z.err = it.j.err
		}
		z.put(it.j.out)
		q.free = append(q.free, it.j)
	}
	q.items = append(q.items[:0], q.items[n:]...)
}
