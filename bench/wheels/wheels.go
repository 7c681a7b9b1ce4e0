// Package wheels opens the sets of wheels that are measured.
package wheels

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/pipwheel"
)

// Target is the interpreter of the base that e2e/base.sh makes.
func Target() pipwheel.Target {
	const site = "/usr/local/lib/python3.11/site-packages"
	return pipwheel.Target{
		Version: "3.11.2", Implementation: "cpython", Machine: "x86_64",
		Libc:       pipwheel.Libc{Kind: "glibc", Major: 2, Minor: 36},
		Executable: "/usr/local/bin/python",
		Scheme: pipwheel.Scheme{
			Purelib: site, Platlib: site, Scripts: "/usr/local/bin", Headers: "/usr/local/include/python3.11",
			Data: "/usr/local", Stdlib: "/usr/local/lib/python3.11",
		},
	}
}

// Find returns the wheels in dir of the distributions that the file list names, one a line as wheel
// names spell them; lines with # in front are comments.
func Find(dir, list string) (files []string, err error) {
	raw, err := os.ReadFile(list)
	if err != nil {
		return nil, err
	}
	have, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(strings.NewReader(string(raw)))
	for lines.Scan() {
		name := strings.TrimSpace(lines.Text())
		if name == "" || name[0] == '#' {
			continue
		}
		found := ""
		for _, f := range have {
			if stem, _, _ := strings.Cut(f.Name(), "-"); strings.EqualFold(stem, name) && path.Ext(f.Name()) == ".whl" {
				if found != "" {
					return nil, fmt.Errorf("%s: %s and %s are both of %s: keep one", dir, found, f.Name(), name)
				}
				found = f.Name()
			}
		}
		if found == "" {
			return nil, fmt.Errorf("%s: no wheel of %s, which %s names", dir, name, list)
		}
		files = append(files, filepath.Join(dir, found))
	}
	return files, lines.Err()
}

// Set is a set of opened wheels.
type Set struct {
	Entries []layers.Entry // of all wheels and the folders they are in, in the order of a layer
	files   []*os.File
}

// Open opens wheels and plans their files, as they would be installed in one layer.
func Open(files []string) (s *Set, err error) {
	s = &Set{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	var all []layers.Entry
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return s, err
		}
		s.files = append(s.files, f)
		info, err := f.Stat()
		if err != nil {
			return s, err
		}
		w, err := pipwheel.Open(f, info.Size(), filepath.Base(name), pipwheel.Options{})
		if err != nil {
			return s, err
		}
		entries, err := w.Install(Target(), pipwheel.How{Requested: true})
		if err != nil {
			return s, err
		}
		all = append(all, entries...)
	}
	s.Entries, err = layers.Sort(append(all, folders(all)...))
	return s, err
}

// Close closes the wheels.
func (s *Set) Close() error {
	var errs []error
	for _, f := range s.files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}

// folders returns all folders that entries lie in.
func folders(entries []layers.Entry) (dirs []layers.Entry) {
	seen := map[string]bool{".": true}
	for _, e := range entries {
		for d := path.Dir(e.Path); !seen[d]; d = path.Dir(d) {
			seen[d] = true
			dirs = append(dirs, layers.Entry{Path: d, Kind: layers.Dir, Mode: 0o755})
		}
	}
	return slices.Clip(dirs)
}
