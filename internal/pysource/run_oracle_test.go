//go:build oracle

package pysource

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// writer writes random programs whose conditions the environment decides.
type writer struct {
	*rand.Rand
	b     strings.Builder
	count int
}

const header = `import sys, os, typing, importlib, platform
from typing import TYPE_CHECKING
from contextlib import suppress
`

func (w *writer) line(depth int, format string, args ...any) {
	fmt.Fprintf(&w.b, "%s%s\n", strings.Repeat("  ", depth), fmt.Sprintf(format, args...))
}

func (w *writer) name(prefix string) string {
	w.count++
	return fmt.Sprintf("%s%d", prefix, w.count)
}

func (w *writer) module() string {
	if w.IntN(3) == 0 {
		return w.name("lack")
	}
	return w.name("have")
}

func (w *writer) pick(list ...string) string { return list[w.IntN(len(list))] }

func (w *writer) condition(depth int) string {
	if depth > 0 {
		switch w.IntN(5) {
		case 0:
			return "not " + w.condition(0)
		case 1:
			return "(" + w.condition(depth-1) + " and " + w.condition(depth-1) + ")"
		case 2:
			return w.condition(depth-1) + " or " + w.condition(depth-1)
		}
	}
	minor := w.IntN(9) + 6
	return w.pick("True", "False", "0", "1", "TYPE_CHECKING", "typing.TYPE_CHECKING", "__name__ == '__main__'", "sys.platform == 'win32'",
		"sys.platform.startswith('linux')", "os.name != 'nt'", "platform.system() in ('Linux', 'Darwin')", "sys.version_info[0] == 3",
		fmt.Sprintf("sys.version_info >= (3, %d)", minor), fmt.Sprintf("sys.version_info < (3, %d)", minor), fmt.Sprintf("sys.version_info[:2] != (3, %d)", minor),
		fmt.Sprintf("sys.version_info.minor > %d", minor), fmt.Sprintf("(3, %d) <= sys.version_info <= (3, %d)", minor-2, minor), "sys.implementation.name == 'cpython'")
}

func (w *writer) body(depth int, imports bool) {
	for range w.IntN(2) + 1 {
		w.statement(depth, imports)
	}
}

func (w *writer) statement(depth int, imports bool) {
	choice := w.IntN(14)
	if depth > 3 || w.count > 40 {
		choice = w.IntN(7)
	}
	if !imports && choice < 4 {
		choice = 4
	}
	switch choice {
	case 0, 1:
		w.line(depth, "import %s as %s", w.module(), w.name("a"))
	case 2:
		w.line(depth, "from %s import x as %s", w.module(), w.name("b"))
	case 3:
		w.line(depth, w.pick("%s = importlib.import_module(%q)", "%s = __import__(%q)"), w.name("c"), w.module())
	case 4, 5:
		form := w.pick("X = 1", "(X, [Y]) = 1, [2]", "X: int = 3", "X: int", "for X in [1]: Y = 2", "def X(): import lack0", "(X := 1)", "X = 1; del X")
		w.line(depth, "%s", strings.NewReplacer("X", w.name("d"), "Y", w.name("e")).Replace(form))
	case 6:
		w.line(depth, "def %s():", w.name("f"))
		w.line(depth+1, "import lack0")
	case 7:
		w.line(depth, "class %s:", w.name("G"))
		w.body(depth+1, imports)
	case 8, 9:
		w.line(depth, "if %s:", w.condition(2))
		w.body(depth+1, imports)
		for w.IntN(3) == 0 {
			w.line(depth, "elif %s:", w.condition(2))
			w.body(depth+1, imports)
		}
		if w.IntN(2) == 0 {
			w.line(depth, "else:")
			w.body(depth+1, imports)
		}
	case 10, 11, 12:
		w.try(depth, imports)
	case 13:
		w.line(depth, "with suppress(%s):", w.pick("ImportError", "ValueError, ModuleNotFoundError", "ValueError"))
		w.body(depth+1, imports)
	}
}

func (w *writer) try(depth int, imports bool) {
	w.line(depth, "try:")
	w.body(depth+1, imports)
	for range w.IntN(3) {
		w.line(depth, "except %s:", w.pick("ImportError", "(ValueError, ModuleNotFoundError) as e", "Exception as e", "ValueError", "BaseException"))
		if w.IntN(3) == 0 {
			w.body(depth+1, false)
			w.line(depth+1, "raise")
		} else {
			w.body(depth+1, imports)
		}
	}
	w.line(depth, "except ValueError: pass")
	if w.IntN(2) == 0 {
		w.line(depth, "else:")
		w.body(depth+1, imports)
	}
	if w.IntN(4) == 0 {
		w.line(depth, "finally:")
		w.body(depth+1, false)
	}
}

// TestRun runs random programs and compares the import that fails, or else the names that are
// there, with what is said without running them.
func TestRun(t *testing.T) {
	const programs = 10000
	for version, python := range pythons(t) {
		t.Run(version, func(t *testing.T) {
			w := &writer{Rand: rand.New(rand.NewPCG(1, uint64(parseVersion(version)[1])))}
			var sources []string
			var in bytes.Buffer
			for range programs {
				w.b.Reset()
				w.count = 0
				w.b.WriteString(header)
				for range w.IntN(8) + 1 {
					w.statement(0, true)
				}
				sources = append(sources, w.b.String())
				line, err := json.Marshal(w.b.String())
				if err != nil {
					t.Fatal(err)
				}
				in.Write(append(line, '\n'))
			}
			cmd := exec.Command(python, filepath.Join("testdata", "run_oracle.py"))
			cmd.Stdin, cmd.Stderr = &in, os.Stderr
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			lines, failed, whole := bufio.NewScanner(bytes.NewReader(out)), 0, 0
			lines.Buffer(nil, 1<<20)
			for _, src := range sources {
				var r result
				if !lines.Scan() {
					t.Fatal("too few answers")
				}
				if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
					t.Fatal(err)
				}
				if r.Failed != "" {
					failed++
				} else {
					whole++
				}
				compareRun(t, src, version, r)
			}
			t.Logf("%d programs failed, %d ran, as foretold", failed, whole)
		})
	}
}

type result struct {
	Failed string
	Names  []string
}

func compareRun(t *testing.T, src, version string, r result) {
	t.Helper()
	f, err := Parse("flow.py", []byte(src), Env{Python: version, Platform: "linux", Implementation: "cpython"})
	if err != nil {
		t.Fatalf("%v\n%s", err, src)
	}
	missing := f.Missing(lacking)
	first := ""
	if len(missing) > 0 {
		first = missing[0].Module
	}
	if first != r.Failed {
		t.Errorf("fails at %q, Python at %q\n%s", first, r.Failed, src)
		return
	}
	if first != "" {
		return
	}
	for _, n := range f.Names {
		if strings.Contains(n.Name, ".") {
			continue
		}
		_, found := f.Lookup(n.Name)
		if there := slices.Contains(r.Names, n.Name); there && found == Absent || !there && found == Present {
			t.Errorf("%s: %v here, %v in Python\n%s", n.Name, found, there, src)
			return
		}
	}
	for _, name := range r.Names {
		if _, found := f.Lookup(name); found == Absent && name != "__annotations__" && name != "__annotate__" && name != "__conditional_annotations__" {
			t.Errorf("%s is not listed\n%s", name, src)
			return
		}
	}
}
