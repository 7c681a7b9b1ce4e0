package source

import (
	"fmt"
	"syscall"
	"time"
)

// Stamp names the file's present content without reading it: device, inode, size, and the times
// of its last changes, in nanoseconds. changed is the later of these: clocks of file systems are
// coarse, so that a file changed a moment ago may change again under the same stamp. An empty
// stamp says that the system does not tell.
func (w WheelFile) Stamp() (stamp string, changed time.Time) {
	s, ok := w.seen.Sys().(*syscall.Stat_t)
	if !ok {
		return "", time.Time{}
	}
	ctime := time.Unix(s.Ctim.Sec, s.Ctim.Nsec)
	changed = w.seen.ModTime()
	if ctime.After(changed) {
		changed = ctime
	}
	return fmt.Sprintf("%d %d %d %d %d", s.Dev, s.Ino, w.Size, w.seen.ModTime().UnixNano(), ctime.UnixNano()), changed
}
