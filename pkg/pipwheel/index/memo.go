package index

import (
	"context"
	"sync"
)

// memo makes each thing once, however many ask for it at the same time. A failure counts, too, but
// for the end of a caller's context. The zero value is empty.
type memo[T any] struct {
	mu    sync.Mutex
	calls map[string]*call[T]
}

type call[T any] struct {
	done  chan struct{}
	value T
	err   error
}

func (m *memo[T]) do(ctx context.Context, key string, do func() (T, error)) (T, error) {
	for {
		m.mu.Lock()
		running, ok := m.calls[key]
		if !ok {
			break
		}
		m.mu.Unlock()
		select {
		case <-running.done:
		case <-ctx.Done():
			select {
			case <-running.done: // what is known needs no waiting
			default:
				var none T
				return none, context.Cause(ctx)
			}
		}
		// Another caller's end is not ours: who still wants it asks again.
		if running.err == nil || !cancelled(running.err) || ctx.Err() != nil {
			return running.value, running.err
		}
	}
	mine := &call[T]{done: make(chan struct{})}
	if m.calls == nil {
		m.calls = map[string]*call[T]{}
	}
	m.calls[key] = mine
	m.mu.Unlock()
	mine.value, mine.err = do()
	if mine.err != nil && cancelled(mine.err) {
		m.mu.Lock()
		delete(m.calls, key)
		m.mu.Unlock()
	}
	close(mine.done)
	return mine.value, mine.err
}
