package packages

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel/index"
	"github.com/layerpack/layerpack/pkg/pipwheel/lockfile"
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// Wheel is a wheel that the image is to get.
type Wheel struct {
	Name    string // normalised
	Version string
	File    string // its file name
	// SHA256 is that of its bytes in hexadecimal, as a lock, an index or the user has it; empty where nobody says.
	SHA256 string
	// Requested says that the user named the distribution, as opposed to what others need.
	Requested bool
	// DirectURL is the http or https URL by which the user named the file (PEP 610); empty otherwise.
	DirectURL string
	// Hand is the index of the wheel among those at hand; -1 where it is none of them.
	Hand int

	file index.File
	want index.DownloadOptions
	said *index.Metadata // what was believed of it when it was chosen; nil where nothing was
	// index is the one that a lock names.
	index string
}

// Forget throws away what is kept of a wheel that is not what was said of it.
func (f *Finder) Forget(w *Wheel) error {
	c, err := f.client()
	if err != nil {
		return err
	}
	return c.Forget(w.file)
}

// Path is the file of the host that the wheel is; empty where it comes from elsewhere.
func (w *Wheel) Path() string {
	if w.file.URL != "" || w.Hand >= 0 {
		return ""
	}
	return w.file.Path
}

// Address is the URL that the wheel comes from; empty for one of the host.
func (w *Wheel) Address() string { return w.file.URL }

// Promised reports whether anybody says what the wheel's bytes hash to.
func (w *Wheel) Promised() bool {
	return len(w.file.Hashes)+len(w.want.Hashes)+len(w.want.AnyOf) > 0
}

// Said checks what was believed of a wheel against what it says itself, once it is open.
func (w *Wheel) Said(own index.Metadata) error {
	if w.said == nil {
		return nil
	}
	return w.said.Compare(own)
}

// Found is what is to be installed.
type Found struct {
	Wheels []Wheel
	// Base are the normalised names of what was asked for, or needed, and is in the base already.
	Base []string
	// Asked is false where the user asked for nothing.
	Asked bool
	// Links are the places besides indexes where wheels were looked for.
	Links []string
	// Files are the names of the files that said what is asked for.
	Files []string
}

// Locked are the wheels as entries of a lock, for one image. Files that no index gave a SHA-256 of are read for it.
func (f *Finder) Locked(ctx context.Context, found *Found) ([]lockfile.Package, error) {
	var out []lockfile.Package
	for i := range found.Wheels {
		w := &found.Wheels[i]
		if w.Hand >= 0 || w.file.URL == "" {
			return nil, refusal.New(w.File, "a file of this machine cannot be locked for others", "name it by version, and an index or page that has it")
		}
		p := lockfile.Package{Name: w.Name, Version: w.Version}
		if v, err := version.Parse(w.Version); err == nil {
			p.Version = v.String()
		}
		file := lockfile.File{URL: w.file.URL, Size: cmp.Or(w.file.Size, w.want.Size), UploadTime: w.file.Uploaded, Hashes: map[string]string{}}
		for _, h := range slices.Concat(w.want.Hashes, w.file.Hashes) { // a lock's own, else the index's
			if h.Strong() {
				file.Hashes[h.Algorithm] = h.Hex
			}
		}
		if len(file.Hashes) == 0 {
			sum, size, err := f.Sum(ctx, w)
			if err != nil {
				return nil, err
			}
			file.Hashes["sha256"], file.Size = sum, size
		}
		if file.FileName() != w.File {
			file.Name = w.File
		}
		if w.DirectURL != "" {
			p.Archive, p.Version = &lockfile.Archive{File: file}, ""
		} else {
			p.Wheels, p.Index = []lockfile.File{file}, cmp.Or(w.index, indexOf(w.file))
		}
		out = append(out, p)
	}
	return out, nil
}

// indexOf is the index that a file is from; a page of links is none, nor is a file's own address.
func indexOf(f index.File) string {
	if f.Local() || f.Source() == f.URL {
		return ""
	}
	return f.Source()
}

// Sum verifies a wheel by all that is known of it, and returns its SHA-256 and size in bytes.
func (f *Finder) Sum(ctx context.Context, w *Wheel) (sum string, size int64, err error) {
	c, err := f.client()
	if err != nil {
		return "", 0, err
	}
	got, err := c.Download(ctx, w.file, w.want)
	if err != nil {
		return "", 0, err
	}
	return got.SHA256, got.Size(), got.Close()
}

// fileAt is the file that a URL or a path of the host names.
func (f *Finder) fileAt(urlOrPath string) (index.File, error) {
	if !strings.Contains(urlOrPath, "://") {
		urlOrPath = "file://" + filepath.ToSlash(f.path(urlOrPath))
	}
	return index.FileAt(urlOrPath)
}

// hashes turns a requirement's or lock's digests into the index's.
func hashes(byAlgorithm map[string][]string) ([]index.Hash, error) {
	var out []index.Hash
	for algorithm, digests := range byAlgorithm {
		for _, d := range digests {
			h, err := index.ParseHash(algorithm + ":" + d)
			if err != nil {
				return nil, fmt.Errorf("a hash: %w", err)
			}
			out = append(out, h)
		}
	}
	return out, nil
}
