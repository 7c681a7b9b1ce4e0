package lockfile

import (
	"time"

	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
)

// Pylock is the content of a pylock.toml (PEP 751), without "dependencies", which installers must
// not use, attestation identities and tool tables.
type Pylock struct {
	LockVersion string // "1.0"
	CreatedBy   string
	// Environments are those that the lock is for; nil if it does not say.
	Environments   []marker.Marker
	RequiresPython version.Set
	// Extras and DependencyGroups are those that can be chosen.
	Extras, DependencyGroups []string
	// DefaultGroups are installed without being chosen.
	DefaultGroups []string
	Packages      []Package

	file string // where it was read
}

// Package is one entry of a lock. It has wheels or a source distribution or both, or else one of Archive, VCS and Directory.
type Package struct {
	Name           string // normalised
	Version        string // may be empty for what is not from an index
	Marker         marker.Marker
	RequiresPython version.Set
	Index          string
	Wheels         []File
	Sdist          *File
	Archive        *Archive
	VCS            *VCS
	Directory      *Directory
}

// File is a wheel or a source distribution.
type File struct {
	Name       string            // the file's; empty if path or URL end in it
	URL, Path  string            // one of them at least; the path is meant from the lock's folder
	Size       int64             // in bytes; 0 if unknown
	UploadTime time.Time         // zero if unknown
	Hashes     map[string]string // hexadecimal digests by algorithm, one at least
}

// FileName is the name by which the file is judged.
func (f *File) FileName() string {
	for _, name := range []string{f.Name, pathFile(f.Path), urlFile(f.URL)} {
		if name != "" {
			return name
		}
	}
	return ""
}

// Archive is a file that was named itself rather than a version.
type Archive struct {
	File
	Subdirectory string
}

// VCS is a checkout from version control.
type VCS struct {
	Type, URL, Path, RequestedRevision, CommitID, Subdirectory string
}

// Directory is a folder with a project.
type Directory struct {
	Path         string
	Editable     bool
	Subdirectory string
}
