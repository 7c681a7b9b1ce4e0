package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/layerpack/layerpack/pkg/layers"
)

// Tree is what a file or folder of the host becomes.
type Tree struct {
	// Dir says that the source is a folder. Otherwise it is one file, and Entries holds that
	// file alone with an empty Path.
	Dir bool
	// Entries are sorted by the bytes of Path, parents before children. Path is relative to the
	// source and the folder itself is not among them: joining a destination and Path gives the
	// place in the image. Mode is 0755 for folders and for files their owner may execute, 0644
	// for other files, 0777 for symlinks; the owner is 0:0. SHA256 is nil until [Tree.Hash].
	Entries []layers.Entry
	// LeftOut is what rules kept out, sorted by the bytes of Path. A folder left out with all it
	// holds is one row.
	LeftOut []Left

	root io.Closer
}

// Left is one path that is not part of the source.
type Left struct {
	Path string // slash-separated, relative to the source; bytes as the host has them
	Dir  bool   // a folder, left out with everything below it
	Rule string // what left it out, for people: ".dockerignore: *.log"
}

// Close gives up the folder. Entries cannot be opened after it.
func (t *Tree) Close() error {
	if t.root == nil {
		return nil
	}
	return t.root.Close()
}

// Hash reads every file and sets its entry's SHA256, as many files at a time as there are
// cores to use (GOMAXPROCS). Several failing files give the error of the first by Path.
func (t *Tree) Hash(ctx context.Context) error {
	errs := make([]error, len(t.Entries))
	var next atomic.Int64
	var failed atomic.Bool
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(t.Entries)) {
		workers.Go(func() {
			buffer := make([]byte, hashBuffer)
			// Indexes are given out in order and a failure only stops giving them out, so
			// every file before a failing one is still read: the first error is always the same.
			for !failed.Load() {
				i := int(next.Add(1)) - 1
				if i >= len(t.Entries) {
					return
				}
				if errs[i] = hash(ctx, &t.Entries[i], buffer); errs[i] != nil {
					failed.Store(true)
				}
			}
		})
	}
	workers.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// hash fills e.SHA256 for a file.
func hash(ctx context.Context, e *layers.Entry, buffer []byte) (err error) {
	if e.Kind != layers.File || e.SHA256 != nil {
		return nil
	}
	r, err := e.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	sum, err := sum(ctx, r, buffer)
	if err != nil {
		return fmt.Errorf("hashing %s: %w", e.Origin, err)
	}
	e.SHA256 = &sum
	return nil
}
