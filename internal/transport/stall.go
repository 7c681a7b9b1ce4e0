package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// ErrStalled is a peer that fell silent.
var ErrStalled = errors.New("stalled")

const (
	// stallBytes is what must move within the stall timeout: a peer that trickles a byte a second
	// keeps the connection, but nothing gets done.
	stallBytes = 1 << 10
	// commitFactor is how many stall timeouts a server may take to answer a request with a body:
	// registries hash and move a blob between its last byte and their answer.
	commitFactor = 10
)

// once sends a request one time, under a watch.
func (c *Client) once(req *http.Request) (*http.Response, error) {
	pool, err := c.pools.of(req)
	if err != nil {
		closeBody(req)
		return nil, err
	}
	release, err := c.slots.take(req.Context(), req)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(req.Context())
	if pool.Proxy != nil {
		if proxy, err := pool.Proxy(req); err == nil && proxy != nil {
			ctx = context.WithValue(ctx, originKey{}, nil)
		}
	}
	stalled := func(after time.Duration) { cancel(fmt.Errorf("%w: nothing moved for %s", ErrStalled, after)) }
	cause := func(err error) error {
		if why := context.Cause(ctx); errors.Is(why, ErrStalled) {
			return why
		}
		return err
	}
	asking := &alarm{ring: stalled}
	try := req.WithContext(ctx)
	answer := c.stall
	if req.Body != nil && req.Body != http.NoBody {
		answer *= commitFactor
		try.Body = &sentBody{body: req.Body, alarm: asking, piece: c.stall, answer: answer}
	}
	asking.set(answer)
	resp, err := pool.RoundTrip(try)
	asking.retire()
	if err != nil {
		release()
		err = cause(err)
		cancel(nil)
		return nil, err
	}
	resp.Request = req
	resp.Body = &receivedBody{
		body:  resp.Body,
		alarm: &alarm{ring: stalled},
		limit: c.stall, left: c.stall,
		now:     c.backoff.Time,
		cause:   cause,
		release: release,
		done:    func() { cancel(nil) },
	}
	return resp, nil
}

// receivedBody is a response's body under a watch.
type receivedBody struct {
	body  io.ReadCloser
	alarm *alarm
	limit time.Duration
	left  time.Duration // of limit, for the bytes that are still missing
	moved int           // bytes since left was full
	now   func() time.Time
	cause func(error) error // tells a stall from other breaks
	// release gives the slot back, at the body's end already: who read all may close late.
	release func()
	done    func()
}

// Read counts only the time within: its caller may be slow.
func (b *receivedBody) Read(p []byte) (int, error) {
	start := b.now()
	b.alarm.set(b.left)
	n, err := b.body.Read(p)
	b.alarm.clear()
	b.left -= b.now().Sub(start)
	if b.moved += n; b.moved >= stallBytes {
		b.left, b.moved = b.limit, 0
	}
	if err != nil {
		b.release()
	}
	if err != nil && err != io.EOF {
		err = b.cause(err)
	}
	return n, err
}

func (b *receivedBody) Close() error {
	defer b.release()
	b.alarm.retire()
	err := b.body.Close()
	b.done()
	return err
}

// sentBody is a request's body under a watch: the time that the connection takes for each piece
// counts, the time that the source takes does not.
type sentBody struct {
	body          io.ReadCloser
	alarm         *alarm
	piece, answer time.Duration
}

func (b *sentBody) Read(p []byte) (int, error) {
	b.alarm.clear()
	n, err := b.body.Read(p)
	if err != nil {
		b.alarm.set(b.answer)
	} else {
		b.alarm.set(b.piece)
	}
	return n, err
}

func (b *sentBody) Close() error { return b.body.Close() }
