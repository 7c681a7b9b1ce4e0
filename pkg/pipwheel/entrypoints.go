package pipwheel

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/layerpack/layerpack/pkg/pipwheel/version"
)

// entryPoint is one launcher that a wheel asks for (entry points specification, "Use for scripts").
type entryPoint struct {
	Name   string
	Module string // "pkg.mod"
	Attr   string // "main" or "Class.run"
}

// scripts are the launchers that a wheel asks for, by name. On Linux both kinds are the same
// script; they are kept apart because pip's own versioned names are of the first kind only.
type scripts struct {
	console, gui map[string]entryPoint
}

// has reports whether a launcher of that name is asked for.
func (s scripts) has(name string) bool {
	_, console := s.console[name]
	_, gui := s.gui[name]
	return console || gui
}

const maxEntryPoints = 1 << 20 // bytes of an entry_points.txt

// errEntryPointsSize is an entry_points.txt beyond what any project needs.
var errEntryPointsSize = errors.New("entry_points.txt is longer than 1 MiB")

// pythonLineEnds end a line for Python's str.splitlines, and for nobody else.
const pythonLineEnds = "\v\f\x1c\x1d\x1e\u0085\u2028\u2029"

// readEntryPoints returns the console_scripts and gui_scripts of an entry_points.txt.
//
// The file is read as pip reads it, with Python's importlib.metadata: INI with "=" as the only
// delimiter and case-sensitive keys, indented lines like others, and of several entries with one
// name the last. Unlike there, ";" begins a comment as it does in configparser, which the
// specification refers to.
func readEntryPoints(r io.Reader) (scripts, error) {
	s := scripts{console: map[string]entryPoint{}, gui: map[string]entryPoint{}}
	section, headed, total := "", false, 0
	scan := newLines(r, maxEntryPoints)
	for scan.Scan() {
		if !utf8.Valid(scan.Bytes()) {
			return scripts{}, fmt.Errorf("entry_points.txt is not UTF-8: %q", clip(scan.Text()))
		}
		if strings.ContainsAny(scan.Text(), pythonLineEnds) {
			return scripts{}, fmt.Errorf("entry_points.txt has a line end that only Python knows: %q", clip(scan.Text()))
		}
		if total += len(scan.Bytes()) + 1; total > maxEntryPoints {
			return scripts{}, errEntryPointsSize
		}
		line := strings.TrimFunc(strings.TrimPrefix(scan.Text(), byteOrderMark), version.IsSpace)
		switch {
		case line == "" || line[0] == '#' || line[0] == ';':
			continue
		case line[0] == '[' && line[len(line)-1] == ']':
			section, headed = strings.Trim(line, "[]"), true
			continue
		case !headed:
			continue
		}
		if err := s.add(section, line); err != nil {
			return scripts{}, err
		}
	}
	if err := scan.Err(); err != nil {
		return scripts{}, fmt.Errorf("reading entry_points.txt: %w", err)
	}
	return s, nil
}

// add takes one line of a section.
func (s scripts) add(section, line string) error {
	name, value, ok := strings.Cut(line, "=")
	if !ok {
		return fmt.Errorf("entry_points.txt: not \"name = module:function\": %q", clip(line))
	}
	into := s.console
	switch section {
	case "console_scripts":
	case "gui_scripts":
		into = s.gui
	default:
		return nil
	}
	name = strings.TrimFunc(name, version.IsSpace)
	e, err := parseEntryPoint(name, strings.TrimFunc(value, version.IsSpace))
	if err != nil {
		return err
	}
	into[name] = e
	return nil
}

// objectReference is "module:attribute", then extras, which are ignored. Letters are Python's,
// not only ASCII's.
var objectReference = regexp.MustCompile(`^([\pL\pN_]+(?:\.[\pL\pN_]+)*)(?::([\pL\pN_]+(?:\.[\pL\pN_]+)*))?\s*(?:\[.*\])?$`)

func parseEntryPoint(name, value string) (entryPoint, error) {
	m := objectReference.FindStringSubmatch(value)
	if m == nil {
		return entryPoint{}, fmt.Errorf("entry point %q: %q is not \"module:function\"", clip(name), clip(value))
	}
	if m[2] == "" {
		return entryPoint{}, fmt.Errorf("entry point %q: %q names no function", clip(name), clip(value))
	}
	return entryPoint{Name: name, Module: m[1], Attr: m[2]}, nil
}

var (
	versionedPip  = regexp.MustCompile(`^pip(\d+(\.\d+)?)?$`)
	versionedEasy = regexp.MustCompile(`^easy_install(-\d+\.\d+)?$`)
)

// launchers returns the entry points to write, by name. Those of pip and easy_install, whose
// versioned names are those of the Python the wheel was built with, get the names of the
// target (as with pip and uv).
func (s scripts) launchers(majorMinor string) map[string]entryPoint {
	major, _, _ := strings.Cut(majorMinor, ".")
	all := maps.Clone(s.console)
	rename(all, "pip", versionedPip, "pip", "pip"+major, "pip"+majorMinor)
	rename(all, "easy_install", versionedEasy, "easy_install", "easy_install-"+majorMinor)
	for name, e := range s.gui {
		all[name] = e
	}
	return all
}

func rename(all map[string]entryPoint, name string, old *regexp.Regexp, names ...string) {
	main, ok := all[name]
	if !ok {
		return
	}
	for _, n := range slices.Collect(maps.Keys(all)) {
		if old.MatchString(n) {
			delete(all, n)
		}
	}
	for _, n := range names {
		all[n] = entryPoint{n, main.Module, main.Attr}
	}
}
