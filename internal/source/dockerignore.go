package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"unicode/utf8"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"

	"github.com/layerpack/layerpack/pkg/refusal"
)

const (
	dockerignoreName  = ".dockerignore"
	dockerignoreLimit = 4 << 20 // bytes; a file of millions of patterns is a mistake
)

// dockerignore are the rules of a .dockerignore file, as Docker has them for `COPY .`
// (docs.docker.com, "Build context", ".dockerignore files").
type dockerignore struct {
	all   *patternmatcher.PatternMatcher // not safe for concurrent use; one walk is one goroutine
	lines []ignoreLine
}

// ignoreLine is one pattern of the file.
type ignoreLine struct {
	text      string // cleaned, without the "!" of an exception
	exception bool
	alone     *patternmatcher.PatternMatcher // of text
}

// readDockerignore returns the rules of the file in root, and nil if there is none. A
// <Dockerfile>.dockerignore and the .dockerignore of a subfolder are files like any other.
func readDockerignore(root folder, display string) (_ rules, err error) {
	name := printable(filepath.Join(display, dockerignoreName))
	unusable := func(err error) error {
		return &refusal.Error{Input: name, Cause: "cannot be used", Err: err, Fix: "correct or remove it"}
	}
	if _, err := root.Lstat(dockerignoreName); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, hostError(display, err)
	}
	f, err := root.OpenFile(dockerignoreName, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrPermission) {
		return nil, hostError(name, err)
	}
	if err != nil {
		return nil, unusable(err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, hostError(name, err)
	}
	if !info.Mode().IsRegular() {
		return nil, unusable(errors.New("it is not a file"))
	}
	data, err := io.ReadAll(io.LimitReader(f, dockerignoreLimit+1))
	if err != nil {
		return nil, hostError(name, err)
	}
	d, err := parseDockerignore(data)
	if err != nil {
		return nil, unusable(err)
	}
	return d, nil
}

// parseDockerignore reads the text of a .dockerignore file.
func parseDockerignore(data []byte) (*dockerignore, error) {
	if len(data) > dockerignoreLimit {
		return nil, errors.New("it is larger than 4 MiB")
	}
	// patternmatcher writes to the process's stderr when a pattern holds either of these.
	if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 {
		return nil, errors.New("it is not UTF-8 text")
	}
	patterns, err := ignorefile.ReadAll(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	for _, p := range patterns {
		if _, err := patternmatcher.New([]string{p}); err != nil {
			return nil, fmt.Errorf("pattern %s: %w", printable(p), err)
		}
	}
	all, err := patternmatcher.New(patterns)
	if err != nil {
		return nil, err
	}
	d := &dockerignore{all: all}
	for _, p := range all.Patterns() {
		// Patterns are compiled at their first use; trying each alone says which one is wrong.
		text := p.String()
		alone, err := patternmatcher.New([]string{literalStart(text)})
		if err == nil {
			_, err = alone.MatchesOrParentMatches("x")
		}
		if err != nil {
			return nil, fmt.Errorf("pattern %s: %w", printable(text), err)
		}
		d.lines = append(d.lines, ignoreLine{text: text, exception: p.Exclusion(), alone: alone})
	}
	return d, nil
}

// literalStart is a pattern that means the same where a "!" at its start would make it an exception.
func literalStart(text string) string {
	if rest, ok := strings.CutPrefix(text, "!"); ok {
		return "[!]" + rest
	}
	return text
}

func (d *dockerignore) hint() string { return "name it in .dockerignore" }

func (d *dockerignore) check(c candidate, above verdict) (verdict, error) {
	out, match, err := d.all.MatchesUsingParentResults(c.rel, above.match)
	if err != nil {
		return verdict{}, &refusal.Error{Input: dockerignoreName, Cause: "cannot be used", Err: err, Fix: "correct or remove it"}
	}
	v := verdict{match: match}
	if out {
		v.rule = dockerignoreName + ": " + printable(d.blame(c.rel))
		v.deeper = c.info.IsDir() && d.exceptionBelow(c.rel)
	}
	return v, nil
}

// blame returns the last pattern that leaves out a path known to be left out.
func (d *dockerignore) blame(rel string) string {
	for _, l := range slices.Backward(d.lines) {
		if l.exception {
			continue
		}
		if hit, err := l.alone.MatchesOrParentMatches(rel); err == nil && hit {
			return l.text
		}
	}
	return ""
}

// exceptionBelow says whether an exception may take back something below the folder dir. One
// without wildcards names a single path; any other may match everywhere.
func (d *dockerignore) exceptionBelow(dir string) bool {
	return slices.ContainsFunc(d.lines, func(l ignoreLine) bool {
		return l.exception && (strings.ContainsAny(l.text, `*?[]^\`) || strings.HasPrefix(l.text, dir+"/"))
	})
}
