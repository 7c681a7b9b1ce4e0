package pipwheel

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// entryPoint is one launcher that a wheel asks for (entry points specification, "Use for scripts").
type entryPoint struct {
	Name   string
	Module string // "pkg.mod"
	Attr   string // "main" or "Class.run"
}

const maxEntryPoints = 1 << 20 // bytes of an entry_points.txt

var objectReference = regexp.MustCompile(`^\s*([\w.]+)\s*(?::\s*([\w.]+))?\s*(?:\[.*\])?\s*$`)

// readEntryPoints returns the console_scripts and gui_scripts of an entry_points.txt, sorted
// by name. On Linux both kinds get the same launcher. The file is INI as Python's configparser
// reads it with "=" as the only delimiter and case-sensitive keys.
func readEntryPoints(r io.Reader) ([]entryPoint, error) {
	found := map[string]entryPoint{}
	section, key := "", ""
	scan := bufio.NewScanner(io.LimitReader(r, maxEntryPoints))
	scan.Buffer(make([]byte, 0, 4<<10), maxEntryPoints)
	for scan.Scan() {
		raw := scan.Text()
		line := strings.TrimSpace(raw)
		if !utf8.ValidString(raw) {
			return nil, fmt.Errorf("entry_points.txt is not UTF-8: %q", clip(raw))
		}
		switch {
		case line == "" || line[0] == '#' || line[0] == ';':
			continue
		case line[0] == '[' && line[len(line)-1] == ']' && raw[0] == '[':
			section, key = strings.TrimSpace(line[1:len(line)-1]), ""
			continue
		}
		if section != "console_scripts" && section != "gui_scripts" {
			continue
		}
		if key != "" && (raw[0] == ' ' || raw[0] == '\t') {
			return nil, fmt.Errorf("entry_points.txt: %s goes on over several lines", clip(key))
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok {
			return nil, fmt.Errorf("entry_points.txt: not \"name = module:function\": %q", clip(line))
		}
		key = strings.TrimSpace(name)
		e, err := parseEntryPoint(key, strings.TrimSpace(value))
		if err != nil {
			return nil, err
		}
		found[key] = e
	}
	if err := scan.Err(); err != nil {
		return nil, fmt.Errorf("reading entry_points.txt: %w", err)
	}
	out := make([]entryPoint, 0, len(found))
	for _, e := range found {
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b entryPoint) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

func parseEntryPoint(name, value string) (entryPoint, error) {
	m := objectReference.FindStringSubmatch(value)
	if m == nil {
		return entryPoint{}, fmt.Errorf("entry point %s: %q is not \"module:function\"", clip(name), clip(value))
	}
	if m[2] == "" {
		return entryPoint{}, fmt.Errorf("entry point %s: %q names no function", clip(name), clip(value))
	}
	return entryPoint{Name: name, Module: m[1], Attr: m[2]}, nil
}

var (
	interpreterName = regexp.MustCompile(`^(python|pythonw|pypy|graalpy)(\d+(\.\d+)*t?)?w?$`)
	versionedPip    = regexp.MustCompile(`^pip(\d+(\.\d+)?)?$`)
	versionedEasy   = regexp.MustCompile(`^easy_install(-\d+\.\d+)?$`)
)

// checkScriptName refuses a script's name that would leave the scripts folder or replace the
// interpreter itself.
func checkScriptName(wheel, name string) error {
	if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\\\x00") {
		return refusal.Newf(wheel, "script %q would be written outside the scripts folder", clip(name))
	}
	if interpreterName.MatchString(name) {
		return refusal.Newf(wheel, "script %q would replace the Python interpreter", name)
	}
	return nil
}

// versioned replaces the launchers of pip and easy_install, whose versioned names are those of
// the Python the wheel was built with, by those of the target (as pip and uv do).
func versioned(points []entryPoint, majorMinor string) []entryPoint {
	major, _, _ := strings.Cut(majorMinor, ".")
	points = rename(points, "pip", versionedPip, "pip", "pip"+major, "pip"+majorMinor)
	return rename(points, "easy_install", versionedEasy, "easy_install", "easy_install-"+majorMinor)
}

func rename(points []entryPoint, name string, old *regexp.Regexp, names ...string) []entryPoint {
	i := slices.IndexFunc(points, func(e entryPoint) bool { return e.Name == name })
	if i < 0 {
		return points
	}
	main := points[i]
	points = slices.DeleteFunc(points, func(e entryPoint) bool { return old.MatchString(e.Name) })
	for _, n := range names {
		points = append(points, entryPoint{n, main.Module, main.Attr})
	}
	return points
}
