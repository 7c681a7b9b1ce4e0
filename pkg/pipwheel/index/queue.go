package index

import (
	"context"
	"slices"
	"sync"
)

// queue lets a number of holders in at a time, in the order in which they joined.
type queue struct {
	mu      sync.Mutex
	free    int
	waiting []*place
}

func newQueue(n int) *queue { return &queue{free: n} }

// place is one in a queue. It must be left.
type place struct {
	queue *queue
	turn  chan struct{} // closed when it is let in
}

// join takes a place without waiting for its turn.
func (q *queue) join() *place {
	p := &place{q, make(chan struct{})}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, p)
	q.admit()
	return p
}

// admit lets those in front in, as many as may be.
func (q *queue) admit() {
	for q.free > 0 && len(q.waiting) > 0 {
		close(q.waiting[0].turn)
		q.waiting = slices.Delete(q.waiting, 0, 1)
		q.free--
	}
}

// wait returns when it is the place's turn, or the context ends.
func (p *place) wait(ctx context.Context) error {
	select {
	case <-p.turn:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// leave gives the place up, whether or not its turn had come. It is called once.
func (p *place) leave() {
	p.queue.mu.Lock()
	defer p.queue.mu.Unlock()
	if i := slices.Index(p.queue.waiting, p); i >= 0 {
		p.queue.waiting = slices.Delete(p.queue.waiting, i, i+1)
		return
	}
	p.queue.free++
	p.queue.admit()
}
