package push

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// CheckFile refuses a path that [File] could not write to, so that it is said before anything is pushed.
func CheckFile(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return refusal.New(path, "is a folder; a result is written to a file", "name a file")
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
		return refusal.New(path, "the folder to write the result into is missing", "make it first")
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil // a pipe or a device: opening it may wait for its reader
	}
	trial, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("a result cannot be written to %s: %w; name another file", path, err)
	}
	_, err = trial.Write(make([]byte, trialSize))
	if err := errors.Join(err, trial.Sync(), trial.Close(), os.Remove(trial.Name())); err != nil {
		return fmt.Errorf("a result cannot be written to %s: %w; make room, or name another file", path, err)
	}
	return nil
}

// trialSize is more than a result has, in bytes.
const trialSize = 256 << 10

// File writes a small result file, whole or not at all. A file that is there keeps its mode, and a link to one stays a link.
// What is no regular file, such as a pipe or /dev/stdout, is written to as it is.
func File(path string, content []byte) error {
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(path); err == nil {
		if !info.Mode().IsRegular() {
			if err := os.WriteFile(path, content, 0o644); err != nil {
				return fmt.Errorf("writing a result: %w", err)
			}
			return nil
		}
		mode = info.Mode().Perm()
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return fmt.Errorf("writing a result: %w", err)
		}
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return errors.Join(fmt.Errorf("writing %s: %w", path, err), os.Remove(f.Name()))
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return errors.Join(fmt.Errorf("writing %s: %w", path, err), os.Remove(f.Name()))
	}
	return nil
}
