package splice

import (
	"bytes"
	"slices"

	"github.com/layerpack/layerpack/pkg/layers/deflate"
	"github.com/layerpack/layerpack/pkg/layers/inflate"
)

const (
	// Shorter input is not handed over alone: that costs more than encoding it.
	handOver = 8 << 10
	// bundled is how much short input is handed over together, in bytes.
	bundled = 32 << 10
	// maxQueued bounds the bytes that wait for an encoder before them, beyond one stream.
	maxQueued = 1 << 20
	// storeSize is how many of these lie together, in bytes, unless as many as alone are by themselves.
	storeSize = 256 << 10
	alone     = 16 << 10
)

// queue holds output in order while some of it is still being encoded.
type queue struct {
	items  []item
	first  int    // those before are done
	queued int    // bytes in items
	store  []byte // where bytes of items lie; the rest is room
	jobs   int    // that are not free
	bundle *job   // that takes more input, not started yet
	free   []*job
}

// item is output, or the input of a job that makes it.
type item struct {
	p  []byte
	j  *job
	at *int64 // if not nil, where to keep the offset of the member whose header ends p
	i  int    // which input of j
}

// job is input that is encoded on a goroutine of its own, with all that it needs.
type job struct {
	encoder deflate.Encoder
	buf     []byte
	inputs  []input
	parts   []deflate.Part
	matches []inflate.Match
	out     []byte
	err     error
	done    chan struct{}
}

// input is one call of the encoder: history and input in the job's buf, and where in its out the output ends.
type input struct {
	buf, end      int // in buf
	start, header int // from buf on
	parts         int // of the job's parts, where they end
	out           int
}

// encode encodes what is pending, now or on another goroutine.
func (z *Writer) encode() {
	short := len(z.buf)-z.start < handOver
	switch {
	case z.encoders > 0 && len(z.buf) < handOver && len(z.matches) == 0:
		z.pack()
	case z.encoders > 0 && !short:
		z.queue.start()
		j := z.job()
		first := max(0, z.start-deflate.Window)
		j.add(z.buf[first:], z.start-first, z.header-first, z.parts)
		j.matches, z.matches = z.matches, j.matches[:0] // the job's parts refer to them
		z.queue.items = append(z.queue.items, item{j: j})
		j.start()
	default:
		out, err := z.encoder.Encode(z.out[:0], z.buf, z.start, z.header, z.parts)
		if err != nil {
			z.err = err
			return
		}
		z.out = out
		z.matches = z.matches[:0]
		z.emit(item{p: out})
	}
}

// pack adds what is pending to the bundle.
func (z *Writer) pack() {
	q := &z.queue
	if q.bundle == nil {
		q.bundle = z.job()
	}
	j := q.bundle
	j.add(z.buf, z.start, z.header, z.parts)
	q.items = append(q.items, item{j: j, i: len(j.inputs) - 1})
	if len(j.buf) >= bundled {
		q.start()
	}
}

// start starts the bundle.
func (q *queue) start() {
	if q.bundle != nil {
		q.bundle.start()
		q.bundle = nil
	}
}

func (j *job) add(buf []byte, start, header int, parts []deflate.Part) {
	in := input{buf: len(j.buf), start: start, header: header}
	j.buf = append(j.buf, buf...)
	j.parts = append(j.parts, parts...)
	in.end, in.parts = len(j.buf), len(j.parts)
	j.inputs = append(j.inputs, in)
}

func (j *job) start() {
	go func() {
		j.encode()
		j.done <- struct{}{}
	}()
}

func (j *job) encode() {
	first := 0
	for i := range j.inputs {
		in := &j.inputs[i]
		if j.out, j.err = j.encoder.Encode(j.out, j.buf[in.buf:in.end], in.start, in.header, j.parts[first:in.parts]); j.err != nil {
			return
		}
		first, in.out = in.parts, len(j.out)
	}
}

// job returns one that is free, after what has to be written for that.
func (z *Writer) job() *job {
	q := &z.queue
	for q.jobs >= z.encoders {
		z.drain()
	}
	q.jobs++
	if last := len(q.free) - 1; last >= 0 {
		j := q.free[last]
		q.free = q.free[:last]
		j.buf, j.inputs, j.parts, j.out = j.buf[:0], j.inputs[:0], j.parts[:0], j.out[:0]
		return j
	}
	return &job{done: make(chan struct{}, 1)}
}

// emit writes output after what is queued; its bytes are not referred to afterwards.
func (z *Writer) emit(it item) {
	q := &z.queue
	for len(q.items) > 0 && q.queued+len(it.p) > maxQueued {
		z.drain()
	}
	if len(q.items) == 0 {
		z.putItem(it)
		return
	}
	if len(it.p) >= alone {
		it.p = bytes.Clone(it.p)
	} else {
		if cap(q.store)-len(q.store) < len(it.p) {
			q.store = make([]byte, 0, storeSize)
		}
		at := len(q.store)
		q.store = append(q.store, it.p...)
		it.p = slices.Clip(q.store[at:])
	}
	q.items = append(q.items, it)
	q.queued += len(it.p)
}

func (z *Writer) putItem(it item) {
	z.put(it.p)
	if it.at != nil {
		*it.at = z.written - int64(len(memberHeader))
	}
}

// drain writes the first queued item, waiting for it if it is still being encoded.
func (z *Writer) drain() {
	q := &z.queue
	it := q.items[q.first]
	q.items[q.first] = item{}
	if q.first++; q.first >= len(q.items)/2 {
		q.items, q.first = slices.Delete(q.items, 0, q.first), 0
	}
	if it.j == nil {
		z.putItem(it)
		q.queued -= len(it.p)
		return
	}
	z.put(q.result(it, &z.err))
}

// drainAll writes all that is queued.
func (z *Writer) drainAll() {
	for len(z.queue.items) > 0 {
		z.drain()
	}
}

// result waits for what an item's job makes of its input. The job is free after the last; what was returned must be used before
// the next is asked for.
func (q *queue) result(it item, failed *error) []byte {
	j, from := it.j, 0
	if j == q.bundle {
		q.start()
	}
	if it.i == 0 {
		<-j.done
	} else {
		from = j.inputs[it.i-1].out
	}
	if it.i == len(j.inputs)-1 {
		q.jobs--
		q.free = append(q.free, j)
	}
	if j.err != nil {
		if *failed == nil {
			*failed = j.err
		}
		return nil
	}
	return j.out[from:j.inputs[it.i].out]
}
