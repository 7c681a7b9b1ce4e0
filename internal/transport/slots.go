package transport

import (
	"context"
	"net/http"
	"sync"
)

// DefaultInFlight is how many requests without a body may be in flight to one host at a time,
// where [Options] does not say. Registries answer more of them with 429 before they answer faster.
const DefaultInFlight = 6

// slots bounds the requests in flight to each host. A request with a body takes none: its sender
// bounds those, and its body may itself be read from an answer of the same host, so that waiting for
// a slot could wait for ever.
type slots struct {
	limit func(host string) int

	mu    sync.Mutex
	hosts map[string]chan struct{}
}

// take waits for a slot. It is held until release is called, which may happen more than once.
func (s *slots) take(ctx context.Context, req *http.Request) (release func(), err error) {
	if req.Body != nil && req.Body != http.NoBody {
		return func() {}, nil
	}
	slot := s.of(hostPort(req.URL), req.URL.Host)
	select {
	case slot <- struct{}{}:
		return sync.OnceFunc(func() { <-slot }), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *slots) of(key, host string) chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if slot, ok := s.hosts[key]; ok {
		return slot
	}
	n := 0
	if s.limit != nil {
		n = s.limit(host)
	}
	if n <= 0 {
		n = DefaultInFlight
	}
	if s.hosts == nil {
		s.hosts = map[string]chan struct{}{}
	}
	s.hosts[key] = make(chan struct{}, n)
	return s.hosts[key]
}
