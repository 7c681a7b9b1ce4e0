package transport

import (
	"sync"
	"time"
)

// alarm rings when it is not set anew in time. It is safe for parallel use: a connection's writer
// may still set it while the request's caller retires it.
type alarm struct {
	ring func(after time.Duration)

	mu      sync.Mutex
	timer   *time.Timer
	retired bool
}

// set makes it ring after d, and no more at the time set before.
func (a *alarm) set(d time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.retired {
		return
	}
	a.stop()
	a.timer = time.AfterFunc(d, func() { a.ring(d) })
}

// clear makes it not ring until it is set again.
func (a *alarm) clear() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stop()
}

// retire makes it never ring again.
func (a *alarm) retire() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.retired = true
	a.stop()
}

func (a *alarm) stop() {
	if a.timer != nil {
		a.timer.Stop()
	}
}
