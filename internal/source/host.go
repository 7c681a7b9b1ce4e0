package source

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"syscall"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// hostError is the error for a host path that cannot be read: a refusal when trying again
// gives the same (missing, not permitted), an ordinary error otherwise.
func hostError(name string, err error) error {
	why := err
	var pe *fs.PathError
	if errors.As(err, &pe) {
		why = pe.Err // the path is said once, as the user knows it
	}
	input := printable(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &refusal.Error{Input: input, Cause: "cannot be found", Err: why, Fix: "check the path"}
	case errors.Is(err, fs.ErrPermission):
		return &refusal.Error{
			Input: input, Cause: "cannot be read", Err: why,
			Fix: "make it readable for the user who runs this",
		}
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.ELOOP):
		return &refusal.Error{Input: input, Cause: "cannot be read", Err: why, Fix: "check the path"}
	}
	return fmt.Errorf("reading %s: %w", input, why)
}

// printable is name as it may stand in a message: quoted if a terminal could not show it.
func printable(name string) string {
	for _, r := range name {
		if !strconv.IsPrint(r) || r == '\uFFFD' {
			return strconv.Quote(name)
		}
	}
	return name
}

// ReadFile returns the bytes of a small file that the user named. A missing or unreadable file,
// a folder, and a file of more than limit bytes are refused; [fs.ErrNotExist] is in the chain
// of the first. A pipe is read: it is how a shell passes secrets.
func ReadFile(path string, limit int64) (data []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, hostError(path, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, hostError(path, err)
	}
	if info.IsDir() {
		return nil, refusal.New(printable(path), "is a folder, not a file", "name a file")
	}
	data, err = io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, hostError(path, err)
	}
	if int64(len(data)) > limit {
		return nil, refusal.Newf(printable(path), "is larger than the %d bytes such a file may have", limit)
	}
	return data, nil
}
