package image

import (
	"errors"
	"os"
	"slices"
	"strings"
	"syscall"
)

// Remove removes the folder in which tools worked. What they left mounted in it is unmounted first;
// when that fails the folder stays, so that nothing is removed through a mount.
func Remove(dir string) error {
	raw, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return err
	}
	var errs []error
	for _, p := range mountsBelow(string(raw), dir) {
		errs = append(errs, syscall.Unmount(p, 0))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return os.RemoveAll(dir)
}

// mountsBelow picks what is mounted at or below dir from a table as in proc(5), /proc/pid/mounts,
// the last one mounted first.
func mountsBelow(table, dir string) (points []string) {
	for line := range strings.Lines(table) {
		if f := strings.Fields(line); len(f) > 1 && (f[1] == dir || strings.HasPrefix(f[1], dir+"/")) {
			points = append(points, f[1])
		}
	}
	slices.Reverse(points)
	return points
}
