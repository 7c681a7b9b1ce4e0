package image

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/layerpack/layerpack/bench/wheels"
	"github.com/layerpack/layerpack/pkg/layers"
)

// Workdir is where the flow's source goes.
const Workdir = "/opt/prefect/demo"

// modules is how many modules the flow has beside flows.py.
const modules = 20

// Job is what all tools are given: Dir holds wheels/ (for layerpack), tree/ (the same, unpacked) and
// project/ (the flow).
type Job struct {
	Dir   string
	Base  string // reference
	edits int
}

func (j *Job) Wheels() string  { return filepath.Join(j.Dir, "wheels") }
func (j *Job) Tree() string    { return filepath.Join(j.Dir, "context", "tree") }
func (j *Job) Project() string { return filepath.Join(j.Dir, "context", "project") }
func (j *Job) Context() string { return filepath.Join(j.Dir, "context") }

// Prepare fills the folders.
func (j *Job) Prepare(files []string) error {
	if err := os.MkdirAll(j.Wheels(), 0o755); err != nil {
		return err
	}
	for _, f := range files {
		if err := link(f, filepath.Join(j.Wheels(), filepath.Base(f))); err != nil {
			return err
		}
	}
	if err := unpack(files, j.Tree()); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(j.Project(), "tasks"), 0o755); err != nil {
		return err
	}
	for i := range modules {
		text := fmt.Sprintf("\"\"\"Task %d of the flow.\"\"\"\n\n\ndef run(rows):\n    return [r for r in rows if r %% %d]\n", i, i+2)
		if err := os.WriteFile(filepath.Join(j.Project(), "tasks", fmt.Sprintf("task%02d.py", i)), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return j.Edit()
}

// Edit changes one file of the flow: never twice to the same text.
func (j *Job) Edit() error {
	j.edits++
	text := fmt.Sprintf("from prefect import flow\n\n\n@flow\ndef etl():\n    print(%d)\n", j.edits)
	return os.WriteFile(filepath.Join(j.Project(), "flows.py"), []byte(text), 0o644)
}

// link gives a file a second name, and copies it where the file system cannot.
func link(from, to string) error {
	if os.Link(from, to) == nil {
		return nil
	}
	r, err := os.Open(from)
	if err != nil {
		return err
	}
	w, err := os.Create(to)
	if err != nil {
		return errors.Join(err, r.Close())
	}
	_, err = io.Copy(w, r)
	return errors.Join(err, r.Close(), w.Close())
}

// unpack writes what a layer of the wheels holds as files below root.
func unpack(files []string, root string) (err error) {
	set, err := wheels.Open(files)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, set.Close()) }()
	if err := os.MkdirAll(root, 0o755); err != nil {
		return err
	}
	for i := range set.Entries {
		if err := write(&set.Entries[i], root); err != nil {
			return err
		}
	}
	return nil
}

func write(e *layers.Entry, root string) error {
	to := filepath.Join(root, filepath.FromSlash(e.Path))
	switch e.Kind {
	case layers.Dir:
		return os.Mkdir(to, os.FileMode(e.Mode))
	case layers.File:
	default:
		return fmt.Errorf("%s: wheels hold files alone", e.Path)
	}
	r, err := e.Open()
	if err != nil {
		return err
	}
	w, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, os.FileMode(e.Mode))
	if err != nil {
		return errors.Join(err, r.Close())
	}
	_, err = io.Copy(w, r)
	return errors.Join(err, r.Close(), w.Close())
}
