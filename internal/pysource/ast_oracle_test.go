//go:build oracle

package pysource

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// answer is what ast says of a file: imports as level, module, names, line and whether in a
// function; names as name, kind and line.
type answer struct {
	Path    string
	Error   string
	Skip    string
	Imports []json.RawMessage
	Names   []json.RawMessage
}

// pythons returns the interpreters to compare with: those that PYTHONS names, separated as in PATH,
// else python3.
func pythons(t *testing.T) map[string]string {
	t.Helper()
	list := filepath.SplitList(os.Getenv("PYTHONS"))
	if len(list) == 0 {
		list = []string{"python3"}
	}
	out := map[string]string{}
	for _, name := range list {
		version, err := exec.Command(name, "-c", "import platform; print(platform.python_version())").Output()
		if err != nil {
			t.Fatalf("the oracle needs Python 3: %s: %v (install it, or name others in PYTHONS)", name, err)
		}
		v := strings.TrimSpace(string(version))
		if parseVersion(v).before(8) {
			t.Fatalf("%s is Python %s: the oracle needs 3.8 or later", name, v)
		}
		out[v] = name
	}
	return out
}

// sources returns all Python files below the standard libraries and site-packages of the
// interpreters.
func sources(t *testing.T) []string {
	t.Helper()
	var files []string
	for _, python := range pythons(t) {
		dir, err := exec.Command(python, "-c", "import sysconfig; print(sysconfig.get_path('stdlib'))").Output()
		if err != nil {
			t.Fatal(err)
		}
		err = filepath.WalkDir(strings.TrimSpace(string(dir)), func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() && strings.HasSuffix(path, ".py") && !strings.Contains(path, "\n") {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(files)
	return slices.Compact(files)
}

func ask(t *testing.T, python string, files []string) []answer {
	t.Helper()
	cmd := exec.Command(python, filepath.Join("testdata", "ast_oracle.py"))
	cmd.Stdin = strings.NewReader(strings.Join(files, "\n") + "\n")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var answers []answer
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 64<<20) // the longest answer is that for the longest file
	for lines.Scan() {
		var a answer
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		answers = append(answers, a)
	}
	if len(answers) != len(files) {
		t.Fatalf("%d answers for %d files", len(answers), len(files))
	}
	return answers
}

// TestAST compares imports and names of every file with ast's.
func TestAST(t *testing.T) {
	files := sources(t)
	for version, python := range pythons(t) {
		t.Run(version, func(t *testing.T) {
			compared, refused, both := 0, 0, 0
			for _, a := range ask(t, python, files) {
				src, err := os.ReadFile(a.Path)
				if err != nil {
					t.Fatal(err)
				}
				f, err := Parse(a.Path, src, Env{Python: version, Platform: "linux", Implementation: "cpython"})
				var encoding *EncodingError
				switch {
				case a.Skip != "" || errors.As(err, &encoding):
				case a.Error != "":
					refused++
					if err != nil || len(f.Newer) > 0 {
						both++
					} else {
						t.Logf("not refused: %s: %s", a.Path, a.Error)
					}
				case err != nil:
					t.Errorf("%v", err)
				case len(f.Newer) > 0:
					t.Errorf("%s: %v", a.Path, f.Newer)
				default:
					compared++
					compareAST(t, f, a)
				}
			}
			t.Logf("%d of %d files equal or reported; of %d that ast refuses, %d refused here", compared, len(files), refused, both)
			if compared < 1000 {
				t.Errorf("only %d files compared", compared)
			}
		})
	}
}

func compareAST(t *testing.T, f *File, a answer) {
	t.Helper()
	want, got := map[string]int{}, map[string]int{}
	for _, im := range a.Imports {
		want[string(im)]++
	}
	for _, im := range f.Imports {
		if im.Dynamic {
			continue
		}
		// ast does not tell what the conditions say, so only functions are compared.
		names := im.Names
		if names == nil {
			names = []string{}
		}
		inside := f.inFunction(im.node)
		text, _ := json.Marshal([]any{im.Level, im.Module, names, im.Line, inside})
		got[spaced(text)]++
	}
	difference(t, f.Name+": imports", got, want)

	want, got = map[string]int{}, map[string]int{}
	for _, n := range a.Names {
		var fields []any
		if err := json.Unmarshal(n, &fields); err != nil {
			t.Fatal(err)
		}
		if fields[1] == "del" {
			return // del takes names away here, and ast does not say which
		}
		if fields[1] == "global" {
			fields[1] = "variable"
		}
		want[fmt.Sprint(fields...)]++
	}
	for _, n := range f.Names {
		got[fmt.Sprint(n.Name, n.Kind.String(), float64(n.Line))]++
	}
	difference(t, f.Name+": names", got, want)
}

// spaced writes JSON as Python does.
func spaced(b []byte) string {
	var out strings.Builder
	quoted := false
	for _, c := range b {
		out.WriteByte(c)
		quoted = quoted != (c == '"')
		if c == ',' && !quoted {
			out.WriteByte(' ')
		}
	}
	return out.String()
}

func difference(t *testing.T, what string, got, want map[string]int) {
	t.Helper()
	for k, n := range want {
		if got[k] != n {
			t.Errorf("%s: %s: %d here, %d in ast", what, k, got[k], n)
		}
	}
	for k, n := range got {
		if want[k] == 0 {
			t.Errorf("%s: %s: %d here, none in ast", what, k, n)
		}
	}
}

// inFunction reports whether a node lies in a function.
func (f *File) inFunction(at int32) bool {
	for ; at != 0; at = f.nodes[at].parent {
		if f.nodes[at].kind == function {
			return true
		}
	}
	return false
}
