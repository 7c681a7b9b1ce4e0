// Package spec holds what the user said, validated and with defaults filled in.
//
// A [Build] knows no registry and no contents of files; everything that needs them is decided
// later. Mistakes found here are usage errors ([UsageError]).
package spec

import (
	"fmt"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/manifest"
	"github.com/layerpack/layerpack/pkg/tagging"
)

// Flags are the command line's words as they were given, before anything is made of them.
type Flags struct {
	Base      string
	Platforms []string
	Sources   []string
	NoSource  bool
	Name      string
	// ProjectName is the name that the project's own files give it; Name goes before it.
	ProjectName string
	Files       []string
	Wheels      []string
	Env         []string
	EnvFiles    []string
	PythonPath  []string
	WorkDir     string
	User        string
	Labels      []string
	Annotations []string
	// Entrypoint and Cmd are nil where the flag was not given.
	Entrypoint, Cmd *[]string
	Tags            []string
	TagScheme       string
	Outputs         []string
	StrictRecord    bool
	Install         Install
	Packages        Packages
	Flows           Flows
	// Compression is gzip, estargz or zstd; empty is gzip.
	Compression string
	// Prioritize is a file of the host that lists paths of the image, for estargz.
	Prioritize string
	// MaxLayerSize is the size that a layer of wheels may have; empty is any.
	MaxLayerSize string
	// CacheRepo is a repository for the cache manifest, or none; empty is that of the first destination.
	CacheRepo string
	CacheFrom []string
	// NoCache builds everything anew.
	NoCache bool
	// Verify is fast or full; empty is fast.
	Verify string
	// Expect is the digest that the image must have; empty is any.
	Expect string
	// Dir is the project's folder, an absolute path of the host.
	Dir string
	// SourceDateEpoch is the value of the variable of that name, empty where it is not set.
	SourceDateEpoch string
}

// Build is a build as the user wants it.
type Build struct {
	Base Base
	// Platform is that of the image. Of a build of several, which [Build.For] takes apart, it is the first.
	Platform v1.Platform
	// Platforms are all, each once, in the order of [SortPlatforms]; nil where All says that the base names them.
	Platforms []v1.Platform
	// All builds for every platform that the base has.
	All     bool
	Sources []Mapping
	Files   []Mapping
	// Wheels are files and folders of the host.
	Wheels   []string
	EnvFiles []string
	// Requirements is the project's own requirements.txt, if it has one; empty where it is not to be read.
	Requirements string
	Packages     Packages
	Flows        Flows
	// Edits lacks the variables of EnvFiles until [Build.AddEnv] gets them.
	Edits        manifest.Edits
	Annotations  []manifest.KV
	Destinations []tagging.Destination
	// TagScheme gives the destinations without a tag theirs; nil is the unique tag.
	TagScheme *tagging.Scheme
	// Name is the project's, as its folder in the image has it; empty without a source.
	Name         string
	Output       *Output
	StrictRecord bool
	Install      Install
	Compression  layers.Compression
	Prioritize   string // absolute path on the host; empty where nothing comes first
	MaxLayerSize int64  // bytes; 0 is any
	Expect       string // a digest; empty is any
	Cache        Cache
	// Verify has every blob that a registry had before read back whole before a manifest refers to it.
	Verify bool
	Dir    string

	given given
}

// Install says how wheels are installed, and what is let through that would be refused.
type Install struct {
	// Target is a folder of the image that wheels are installed into instead of site-packages; it
	// goes on PYTHONPATH.
	Target string
	// NoDeps leaves the requirements of the result unchecked.
	NoDeps bool
	// AllowMissingLib are patterns (path.Match) of shared libraries that may be missing.
	AllowMissingLib []string
	// AllowConflicts lets the later of two wheels win where both bring a file.
	AllowConflicts bool
	// AllowNoRecord names distributions of the base that are replaced though they list no files: what
	// the new version does not overwrite stays.
	AllowNoRecord []string
	// BreakSystemPackages installs into a Python that its distribution manages (PEP 668).
	BreakSystemPackages bool
}

// given is what the command line alone said, from which AddEnv starts every time.
type given struct {
	env        []manifest.KV
	pythonPath []string // with the source's folder
	flag       bool     // --pythonpath was given
}

// Base is where the base image comes from: a registry, an OCI layout on disk, or an archive.
type Base struct {
	Given string
	Kind  Kind
	Ref   name.Reference // of a [Registry]
	Path  string         // absolute path on the host of anything else, or [Stdin]
	// Tag names the image in a layout or archive; empty takes its only one. Of archives "@N" is the image's place,
	// from 0 on.
	Tag string
}

// Kind is where a base comes from or an image goes to, as the user writes it before the first colon.
type Kind string

// The kinds.
const (
	Registry      Kind = ""
	OCILayout     Kind = "oci"            // a folder
	OCIArchive    Kind = "oci-archive"    // a tar of such a folder
	DockerArchive Kind = "docker-archive" // what docker save writes
)

// Stdin is the path of an archive that is read from standard input.
const Stdin = "-"

// Mapping puts a file or folder of the host at a path of the image.
type Mapping struct {
	Given string // as the user wrote it
	Src   string // absolute path on the host
	Dst   string // absolute, clean path in the image
	// Into says that the user wrote a final slash: Dst is a folder that Src goes into.
	Into bool
}

// Output is an OCI image layout or an archive to write.
type Output struct {
	Kind Kind
	Path string // absolute path on the host
	// Tag is the image's name in it: of a [DockerArchive] a whole one. Empty takes the build's unique tag.
	Tag string
	// Given is kind and path as the user wrote them, for the reference that is printed.
	Given string
}

// UsageError is a mistake in the command line: exit code 2.
type UsageError struct{ Err error }

func (u *UsageError) Error() string { return u.Err.Error() }

// Unwrap returns the error underneath.
func (u *UsageError) Unwrap() error { return u.Err }

func usage(format string, args ...any) error {
	return &UsageError{fmt.Errorf(format, args...)}
}

// DefaultOutput is the layout that is written where no destination was named.
const DefaultOutput = "layerpack.oci"

// New makes a Build of the command line's words.
func New(f Flags) (*Build, error) {
	b := &Build{Dir: f.Dir, StrictRecord: f.StrictRecord, Flows: f.Flows}
	var err error
	if b.EnvFiles, err = absAll("--env-file", f.Dir, f.EnvFiles); err != nil {
		return nil, err
	}
	if b.Wheels, err = absAll("--wheels", f.Dir, f.Wheels); err != nil {
		return nil, err
	}
	for _, step := range []func(Flags) error{b.base, b.paths, b.packages, b.install, b.compression, b.layerSize, b.expect, b.config, b.destinations, b.platforms, b.cache} {
		if err := step(f); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func abs(dir, p string) string {
	if filepath.IsAbs(p) {
		return filepath.Clean(p)
	}
	return filepath.Join(dir, p)
}

func absAll(flag, dir string, paths []string) ([]string, error) {
	var out []string
	for _, p := range paths {
		if p == "" {
			return nil, usage("%s: the path is empty", flag)
		}
		out = append(out, abs(dir, p))
	}
	return out, nil
}
