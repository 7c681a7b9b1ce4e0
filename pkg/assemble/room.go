package assemble

import (
	"errors"
	"fmt"
	"syscall"
)

// moreRoom is what to do where a disk is full.
const moreRoom = "set --cache-dir or TMPDIR to a folder with more of it"

// room adds the way out to an error that says that a disk, a quota or a limit is exhausted.
func room(err error, way string) error {
	for _, full := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG} {
		if errors.Is(err, full) {
			return fmt.Errorf("%w; make room, or %s", err, way)
		}
	}
	return err
}
