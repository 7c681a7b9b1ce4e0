package index

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/pipwheel/tag"
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
)

// Selector chooses the wheels that fit one image. It is safe for parallel use.
type Selector struct {
	interpreter tag.Interpreter
	tags        *tag.Set
	python      version.Version // of the target, without a pre-release part
	newer       time.Time

	mu      sync.Mutex
	ranks   map[string]fit  // by what follows the version in a wheel's name
	pythons map[string]bool // by Requires-Python
	undated map[string]bool // indexes that do not say when files were uploaded
}

type fit struct {
	file tag.Filename
	rank int
	ok   bool
	err  error
}

// NewSelector makes a selector for an image's interpreter. Files uploaded at excludeNewer or later
// are left out, and so are those of an index that does not say when (as uv does); the zero time
// leaves none out.
func NewSelector(t pipwheel.Target, excludeNewer time.Time) (*Selector, error) {
	in, err := t.Interpreter()
	if err != nil {
		return nil, err
	}
	v, err := version.Parse(t.Version)
	if err != nil {
		return nil, err
	}
	return &Selector{
		interpreter: in, tags: tag.NewSet(tag.Supported(in)), python: v.Base(), newer: excludeNewer,
		ranks: map[string]fit{}, pythons: map[string]bool{}, undated: map[string]bool{},
	}, nil
}

// Candidate is what a release offers to an image.
type Candidate struct {
	Version version.Version
	// Wheel is the one to install; nil where none fits, see [Selector.Explain].
	Wheel *File
	// Yanked says that the wheel was withdrawn (PEP 592): for those alone who ask for this version
	// with == or ===, or whose lock names the file.
	Yanked bool
	// Why is why none fits, and Nearest a file of which that is so, if there is one.
	Why     Why
	Nearest *File
}

// Candidate chooses the wheel that pip would: one of --find-links before one of the index only if
// they fit equally well, not yanked before yanked, the best tag, the highest build number. Where
// hashes are given, only files that have one of them, or none of those algorithms, come into question.
func (s *Selector) Candidate(r Release, hashes ...Hash) Candidate {
	c := Candidate{Version: r.Version}
	var best fit
	files := r.Files()
	for i := range files {
		f := &files[i]
		if v := s.why(f, hashes); v != fits {
			if k := v.kind(); c.Nearest == nil || k < c.Why {
				c.Why, c.Nearest = k, f
			}
			continue
		}
		rank := s.rank(f)
		if c.Wheel == nil || better(f, rank, c.Wheel, best) {
			c.Wheel, best = f, rank
		}
	}
	if c.Wheel != nil {
		c.Why, c.Nearest = Fits, nil
	} else if c.Nearest == nil {
		c.Why = Broken
	}
	c.Yanked = c.Wheel != nil && c.Wheel.Yanked
	return c
}

// Source reports whether a release has a source distribution that pip would build for the image where no wheel fits.
func (s *Selector) Source(r Release) bool {
	files := r.Files()
	return slices.ContainsFunc(files, func(f File) bool {
		archive := strings.HasSuffix(f.Filename, ".tar.gz") || strings.HasSuffix(f.Filename, ".zip")
		old := s.newer.IsZero() || f.Local() || !f.Uploaded.IsZero() && f.Uploaded.Before(s.newer)
		return archive && old && !f.Yanked && s.allows(f.RequiresPython)
	})
}

func better(f *File, a fit, than *File, b fit) bool {
	if f.Yanked != than.Yanked {
		return !f.Yanked
	}
	if a.rank != b.rank {
		return a.rank < b.rank
	}
	if d := tag.CompareBuild(build(f.Filename), build(than.Filename)); d != 0 {
		return d > 0
	}
	return false // the order of Release.Files decides: places in order, then names
}

func build(filename string) string {
	parts := strings.Split(filename, "-")
	if len(parts) == 6 {
		return parts[2]
	}
	return ""
}

// verdict is why a file comes into question or not.
type verdict int

const (
	fits verdict = iota
	noWheel
	badName
	wrongTags
	wrongPython
	tooNew
	undated
	wrongHash
)

func (s *Selector) why(f *File, hashes []Hash) verdict {
	if !f.IsWheel() {
		return noWheel
	}
	rank := s.rank(f)
	switch {
	case rank.err != nil:
		return badName
	case !rank.ok:
		return wrongTags
	case !s.allows(f.RequiresPython):
		return wrongPython
	case !s.newer.IsZero() && !f.Local() && f.Uploaded.IsZero():
		s.mu.Lock()
		s.undated[f.Source()] = true
		s.mu.Unlock()
		return undated
	case !s.newer.IsZero() && !f.Local() && !f.Uploaded.Before(s.newer):
		return tooNew
	case len(hashes) > 0 && !listed(f.Hashes, hashes):
		return wrongHash
	}
	return fits
}

// rank tells how well a wheel's tags fit. Most names differ in the version alone, so that what
// follows it is looked up.
func (s *Selector) rank(f *File) fit {
	_, rest, _ := strings.Cut(f.Filename, "-")
	_, rest, _ = strings.Cut(rest, "-")
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.ranks[rest]
	if !ok {
		if r.file, r.err = tag.ParseFilename(f.Filename); r.err == nil {
			r.rank, r.ok = s.tags.Rank(r.file.Tags)
		}
		s.ranks[rest] = r
	}
	return r
}

// allows reports whether Requires-Python admits the target. What cannot be read admits all, as
// with pip.
func (s *Selector) allows(text string) bool {
	if text == "" {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	ok, known := s.pythons[text]
	if !known {
		set, _, err := version.ParseSetLenient(text)
		ok = err != nil || set.Match(s.python, true)
		s.pythons[text] = ok
	}
	return ok
}

// Notes say which indexes made the selector leave out files because they do not date them.
func (s *Selector) Notes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var notes []string
	for _, at := range slices.Sorted(maps.Keys(s.undated)) {
		notes = append(notes, at+" does not say when files were uploaded (PEP 700); --exclude-newer leaves those files out")
	}
	return notes
}

// listed reports whether a file may be one that the hashes allow: it has one of them, or the index
// says nothing that could be compared, and the download will tell.
func listed(have, allowed []Hash) bool {
	comparable := false
	for _, h := range have {
		for _, a := range allowed {
			if h == a {
				return true
			}
			comparable = comparable || h.Algorithm == a.Algorithm
		}
	}
	return !comparable
}
