package requirement

import (
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// maxFiles bounds what files that include each other can make of a few lines.
const maxFiles = 1000

// Reader reads requirement files. Its functions are all that it knows of the outside.
type Reader struct {
	// Open returns a file's bytes. Paths are slash-separated; those in a file are joined to its folder.
	Open func(path string) ([]byte, error)
	// OpenURL returns the bytes behind an http or https URL; if it is nil, files at URLs are refused.
	OpenURL func(url string) ([]byte, error)
	// Getenv looks a variable up; nil means that all are unset.
	Getenv func(name string) (string, bool)
	// Permit names variables to be expanded although they look like credentials; never those of layerpack itself.
	Permit []string
}

// Files reads requirement files and constraint files (pip's -r and -c) with all that they include. What is wrong
// with their text is a [*refusal.Error]; errors of Open are passed on.
func (r Reader) Files(requirements, constraints []string) (*Set, error) {
	p := &pass{Reader: r, set: &Set{}, table: optionTable()}
	for _, name := range constraints {
		if err := p.file(name, true, nil); err != nil {
			return nil, err
		}
	}
	for _, name := range requirements {
		if err := p.file(name, false, nil); err != nil {
			return nil, err
		}
	}
	return p.set, p.check()
}

// check finds options that contradict each other.
func (p *pass) check() error {
	if p.set.Options.RequireHashes && p.set.Options.NoRequireHashes {
		return refusal.New("requirements", "--require-hashes and --no-require-hashes exclude each other", "leave one of them out")
	}
	return nil
}

// pass is the reading of one set.
type pass struct {
	Reader
	set   *Set
	table map[string]option
	files int
}

// file reads one file; within are those that include it.
func (p *pass) file(name string, constraint bool, within []string) error {
	shown := redact(name)
	switch p.files++; {
	case slices.Contains(within, name):
		return refusal.Newf(redact(within[len(within)-1]), "%s includes itself", shown)
	case p.files > maxFiles:
		return refusal.Newf(shown, "more than %d files are included", maxFiles)
	case isLock(name) && !constraint:
		return refusal.New(shown, "a lock file, not a requirements file", "give it alone, without other requirements")
	}
	data, err := p.open(name)
	if err != nil {
		return err
	}
	text, err := decode(data)
	if err != nil {
		return &refusal.Error{Input: shown, Cause: "cannot be read as text", Err: err}
	}
	for _, l := range logicalLines(text) {
		if err := p.line(name, l, constraint, append(within, name)); err != nil {
			return err
		}
	}
	return nil
}

func isLock(name string) bool {
	base := path.Base(name)
	return base == "uv.lock" || base == "pylock.toml" || strings.HasPrefix(base, "pylock.") && strings.HasSuffix(base, ".toml")
}

func (p *pass) open(name string) ([]byte, error) {
	switch scheme := urlScheme(name); {
	case scheme == "file":
		u, err := url.Parse(name)
		if err != nil || u.Path == "" || u.Host != "" && u.Host != "localhost" {
			return nil, refusal.New(redact(name), "not the URL of a file on this machine", "write its path")
		}
		name = u.Path
	case scheme == "http" || scheme == "https":
		if p.OpenURL == nil {
			return nil, refusal.New(redact(name), "requirement files at URLs are not read: they can change between two builds",
				"download it and give the file")
		}
		data, err := p.OpenURL(name)
		if err != nil {
			return nil, fmt.Errorf("requirements at %s: %w", redact(name), err)
		}
		return data, nil
	case scheme != "":
		return nil, refusal.Newf(redact(name), "requirement files are not read by %s", scheme)
	}
	if p.Open == nil {
		return nil, refusal.New(name, "no files can be read here", "")
	}
	data, err := p.Open(name)
	if err != nil {
		return nil, fmt.Errorf("requirements file %s: %w", name, err)
	}
	return data, nil
}

// beside is a path or URL as it is meant by the file that has it.
func beside(file, target string) string {
	switch within := urlScheme(file); {
	case within == "http" || within == "https" || within == "file":
		base, err := url.Parse(file)
		if err != nil {
			return target
		}
		u, err := base.Parse(target)
		if err != nil {
			return target
		}
		return u.String()
	case urlScheme(target) != "" || path.IsAbs(target):
		return target
	}
	return path.Join(path.Dir(file), target)
}
