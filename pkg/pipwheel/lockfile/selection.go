package lockfile

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
	"github.com/layerpack/layerpack/pkg/pipwheel/requirement"
	"github.com/layerpack/layerpack/pkg/pipwheel/tag"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// Target is what a selection is for.
type Target struct {
	// Environment gives markers their values.
	Environment marker.Environment
	// Interpreter decides which wheels fit (see [tag.Supported]).
	Interpreter tag.Interpreter
	// Has reports whether the image has a version of a distribution already, by its normalised name, so that no file of
	// it is needed; nil is an image that has nothing.
	Has func(name, version string) bool
}

// has asks Has. A version that a lock leaves out is not there.
func (t Target) has(name, version string) bool {
	return t.Has != nil && version != "" && t.Has(name, version)
}

// Choice is what the user wants of a lock; the zero value is what it installs by itself.
type Choice struct {
	// Extras of the project, and dependency groups (PEP 735).
	Extras, Groups []string
	// NoDefaultGroups leaves out the groups that a pylock.toml installs without being asked (PEP 751,
	// "default-groups"). An uv.lock has none: uv takes them from pyproject.toml.
	NoDefaultGroups bool
	// OnlyGroups leaves out what the project itself depends on (uv.lock).
	OnlyGroups bool
	// Members are the workspace members to start from (uv.lock); without, the project beside the lock.
	Members []string
}

// Lock is a lock file.
type Lock interface {
	// Select returns what a choice needs on a target. What the lock does not allow is a [*refusal.Error].
	Select(t Target, c Choice) (*Selection, error)
	// Versions are those that the lock has of a normalised name, each once.
	Versions(name string) []string
}

// Selection is the distributions to install, sorted by name.
type Selection struct {
	Packages []Locked
	// Had are the names of those that the target has already.
	Had   []string
	Notes []requirement.Note
}

// Locked is one distribution, and the file to install it from if the lock names one.
type Locked struct {
	Name    string // normalised (PEP 503)
	Version string // as spelled in the lock or the file's name
	// File is the wheel's file name; empty if the lock has only hashes, of which an index must be asked.
	File string
	URL  string // of the file, fragment and credentials included as written; empty for a path
	Path string // of the file on this machine, joined to the lock's folder
	// Hashes are digests by algorithm. All must be those of the file, unless AnyHash: then they are those of
	// several files, such as the wheels for all platforms, and one must be that of the file.
	Hashes  requirement.Hashes
	AnyHash bool
	Size    int64  // in bytes; 0 if unknown
	Index   string // the index that the lock took it from; may be empty
	// Marker is the condition that held, as the lock has it; may be empty.
	Marker string
	// Direct says that a file was named rather than a version: it gets a direct_url.json (PEP 610).
	Direct bool
	// Requested says that the user named it, as opposed to what others need.
	Requested bool
}

// IsLock reports whether a file is a lock, by its name: pylock.toml, pylock.NAME.toml (PEP 751) or uv.lock.
func IsLock(file string) bool {
	base := path.Base(file)
	return base == "uv.lock" || isPylock(base)
}

func isPylock(base string) bool {
	name, ok := strings.CutPrefix(base, "pylock.")
	if !ok {
		return false
	}
	name, ok = strings.CutSuffix(name, "toml")
	return ok && (name == "" || strings.Count(name, ".") == 1 && len(name) > 1 && name[len(name)-1] == '.')
}

// Parse reads a lock, by the name of its file. Paths in it are meant from the file's folder. The error is a [*refusal.Error].
func Parse(file string, data []byte) (Lock, error) {
	switch base := path.Base(file); {
	case isPylock(base):
		return ParsePylock(file, data)
	case base == "uv.lock":
		return ParseUV(file, data)
	case base == "poetry.lock", base == "pdm.lock", base == "Pipfile.lock":
		return nil, refusal.New(file, "a lock that only its own tool understands", exportFix(base))
	}
	return nil, refusal.New(file, "not the name of a lock", "locks are called pylock.toml, pylock.NAME.toml or uv.lock")
}

func exportFix(base string) string {
	switch base {
	case "pdm.lock":
		return "write a pylock.toml with: pdm export -f pylock -o pylock.toml"
	case "poetry.lock":
		return "write requirements with hashes with: poetry export -o requirements.txt"
	}
	return "write requirements with hashes with: pipenv requirements --hash > requirements.txt"
}

// sorted finishes a selection.
func (s *Selection) sorted() *Selection {
	slices.SortFunc(s.Packages, func(a, b Locked) int { return cmp.Compare(a.Name, b.Name) })
	return s
}

// located joins a path of a lock to the lock's folder. Either kind of slash will do, if it is the only one.
func located(lock, p string) string {
	if !strings.Contains(p, "/") {
		p = strings.ReplaceAll(p, `\`, "/")
	}
	if p == "" || path.IsAbs(p) {
		return p
	}
	return path.Join(path.Dir(lock), p)
}
