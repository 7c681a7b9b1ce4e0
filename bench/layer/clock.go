package layer

import (
	"runtime"
	"syscall"
	"time"
)

// Clock takes the time of a part of this process's life.
type Clock struct {
	User, Wall time.Duration
	user       time.Duration
	start      time.Time
}

// Start begins to count. What was done before leaves no garbage for the time that is counted.
func (c *Clock) Start() {
	runtime.GC()
	c.user, c.start = userTime(), time.Now()
}

// Stop ends counting.
func (c *Clock) Stop() {
	c.Wall += time.Since(c.start)
	c.User += userTime() - c.user
}

// userTime is the CPU time that this process has taken in user mode.
func userTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0 // only an unknown argument or a bad pointer make it fail
	}
	return time.Duration(u.Utime.Nano())
}
