package pysource

import (
	_ "embed"
	"strconv"
	"strings"
)

// stdlib is made from sys.stdlib_module_names of real interpreters: testdata/stdlib.py says how.
//
//go:embed stdlib.txt
var stdlib string

// The versions that the table tells apart.
const (
	oldest = 6  // 3.6, which stands for all before
	newest = 14 // 3.14, which stands for all after
)

// StandardModule is what is known of a module of the standard library, from Python 3.6 on.
type StandardModule struct {
	Name     string // top-level
	Added    string // "3.9", empty when 3.6 has it
	Removed  string // the first version without it, "3.12", empty when the newest has it
	Platform string // the sys.platform that alone has it: "win32", "darwin", or empty
}

// Standard finds a top-level module in the standard libraries of all versions. Modules of CPython's own
// tests are none.
func Standard(module string) (StandardModule, bool) {
	fields := strings.Fields(row(stdlib, module))
	if len(fields) < 3 {
		return StandardModule{}, false
	}
	m := StandardModule{Name: module}
	if first, err := strconv.Atoi(fields[1]); err == nil && first > oldest {
		m.Added = "3." + fields[1]
	}
	if last, err := strconv.Atoi(fields[2]); err == nil && last < newest {
		m.Removed = "3." + strconv.Itoa(last+1)
	}
	if len(fields) > 3 {
		m.Platform = fields[3]
	}
	return m, true
}

// In reports whether the interpreter has the module; what is not known of the interpreter is no
// reason to say no. The image may still lack it, as Debian's python3 without its other packages does.
func (m StandardModule) In(env Env) bool {
	v := parseVersion(env.Python)
	if v == nil {
		return m.Platform == "" || env.Platform == "" || m.Platform == env.Platform
	}
	added, removed := parseVersion(m.Added), parseVersion(m.Removed)
	switch {
	case added != nil && v.before(added[1]):
		return false
	case removed != nil && !v.before(removed[1]):
		return false
	}
	return m.Platform == "" || env.Platform == "" || m.Platform == env.Platform
}

// row returns the line of a table that begins with a word and a space.
func row(table, word string) string {
	if word == "" || strings.ContainsAny(word, " \n") {
		return ""
	}
	start := 0
	if !strings.HasPrefix(table, word+" ") {
		i := strings.Index(table, "\n"+word+" ")
		if i < 0 {
			return ""
		}
		start = i + 1
	}
	line, _, _ := strings.Cut(table[start:], "\n")
	return line
}
