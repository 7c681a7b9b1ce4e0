package push

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// CheckArchiveTarget refuses a path that an archive cannot be written to, so that it is said before anything is built.
func CheckArchiveTarget(path string) error {
	switch info, err := os.Stat(path); {
	case err == nil && info.IsDir():
		return refusal.New(path, "is a folder; an archive is a file", "name a file, or write -o oci:DIR")
	case err == nil && !info.Mode().IsRegular():
		return nil // a pipe or a device: opening it may wait for its reader
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
		return refusal.New(path, "the folder to write the archive into is missing", "make it first")
	}
	trial, err := os.CreateTemp(filepath.Dir(path), tempPattern(path))
	if err != nil {
		return fmt.Errorf("an archive cannot be written to %s: %w; choose another -o", path, err)
	}
	return errors.Join(trial.Close(), os.Remove(trial.Name()))
}

// tempPattern is what [Leftovers] finds.
func tempPattern(path string) string { return "." + filepath.Base(path) + "-*" }

// replace gives path what fill writes, whole or not at all.
func replace(path string, fill func(io.Writer) (*Receipt, error)) (*Receipt, error) {
	if err := CheckArchiveTarget(path); err != nil {
		return nil, err
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return nil, err
		}
		receipt, err := fill(f)
		return receipt, errors.Join(err, f.Close())
	}
	f, err := os.CreateTemp(filepath.Dir(path), tempPattern(path))
	if err != nil {
		return nil, err
	}
	receipt, err := fill(f)
	if err == nil {
		// The temporary file is its maker's alone; an image is no secret.
		err = errors.Join(f.Chmod(0o644), f.Sync())
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return nil, errors.Join(err, os.Remove(f.Name()))
	}
	return receipt, nil
}
