package pipwheel

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// words writes entry points as "name=module:attr", sorted.
func words(points map[string]entryPoint) []string {
	var out []string
	for _, e := range points {
		out = append(out, e.Name+"="+e.Module+":"+e.Attr)
	}
	slices.Sort(out)
	return out
}

func TestReadEntryPoints(t *testing.T) {
	for _, c := range []struct {
		name, text   string
		console, gui []string
	}{
		{"both kinds", "[console_scripts]\na = b:c\n[gui_scripts]\nd = e:f\n", []string{"a=b:c"}, []string{"d=e:f"}},
		{"others are left", "[pytest11]\nx = y\n[console_scripts]\na=b:c\n[x]\nd = e:f", []string{"a=b:c"}, nil},
		{"before any section", "a = b:c\nnonsense\n[console_scripts]\n", nil, nil},
		{"comments", "# x\n; y\n[console_scripts]\n  # z = a:b\n;z = a:b\n", nil, nil},
		{"a mark in the value is none", "[console_scripts]\na = b:c#d\n", nil, nil},
		{"indented like others", "[console_scripts]\na = b:c\n  d = e:f\n", []string{"a=b:c", "d=e:f"}, nil},
		{"upper and lower case", "[console_scripts]\nA = b:c\na = b:d\n", []string{"A=b:c", "a=b:d"}, nil},
		{"the last wins", "[console_scripts]\na = b:c\n[x]\n[console_scripts]\na = b:d\n", []string{"a=b:d"}, nil},
		{"sections are exact", "[ console_scripts ]\na = b:c\n[Console_Scripts]\na = b:c\n", nil, nil},
		{"colons do not delimit", "[console_scripts]\na:b = c:d\n", []string{"a:b=c:d"}, nil},
		{"extras", "[console_scripts]\na = b:c [x, y.z]\nd = e:f[x]\n", []string{"a=b:c", "d=e:f"}, nil},
		{"dots", "[console_scripts]\na = b.c:D.e.f\n", []string{"a=b.c:D.e.f"}, nil},
		{"letters", "[console_scripts]\nä = ß.ö:_1\n", []string{"ä=ß.ö:_1"}, nil},
		{"line ends, mark", "\ufeff[console_scripts]\r\na = b:c\rd = e:f\r\n", []string{"a=b:c", "d=e:f"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := readEntryPoints(strings.NewReader(c.text))
			if strings.Contains(c.name, "a mark in the value") {
				if err == nil {
					t.Fatal("no error")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff([][]string{c.console, c.gui}, [][]string{words(got.console), words(got.gui)}); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestReadEntryPointsRefuses(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"no function", "[console_scripts]\na = b\n", "names no function"},
		{"no function, extras", "[console_scripts]\na = b [c]\n", "names no function"},
		{"two colons", "[console_scripts]\na = b:c:d\n", "is not"},
		{"a call", "[console_scripts]\na = b:c()\n", "is not"},
		{"code", "[console_scripts]\na = b:c;import os\n", "is not"},
		{"spaces at the colon", "[console_scripts]\na = b : c\n", "is not"},
		{"an empty part", "[console_scripts]\na = b..c:d\n", "is not"},
		{"a dash", "[console_scripts]\na = b-c:d\n", "is not"},
		{"no value", "[console_scripts]\na\n", "not \"name"},
		{"no value in another section", "[x]\na\n", "not \"name"},
		{"not UTF-8", "[console_scripts]\n\xff = b:c\n", "not UTF-8"},
		{"a line end of Python's", "[console_scripts]\n# x\u2028a = b:c\n", "line end"},
		{"endless", strings.Repeat("#\n", maxEntryPoints/2+1), "1 MiB"},
		{"an endless line", strings.Repeat("#", maxEntryPoints+1), "too long"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := readEntryPoints(strings.NewReader(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestLaunchers(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"pip", "[console_scripts]\npip=m:f\npip3=m:f\npip3.9=m:f\npip3.9.1=o:f\npipx=o:f", []string{"pip3.11=m:f", "pip3.9.1=o:f", "pip3=m:f", "pip=m:f", "pipx=o:f"}},
		{"versioned alone", "[console_scripts]\npip3=m:f\n", []string{"pip3=m:f"}},
		{"easy_install", "[console_scripts]\neasy_install=m:f\neasy_install-3.9=m:f\n", []string{"easy_install-3.11=m:f", "easy_install=m:f"}},
		{"a window named pip", "[gui_scripts]\npip=m:f\npip3.9=m:f\n", []string{"pip3.9=m:f", "pip=m:f"}},
		{"the window wins", "[gui_scripts]\na=m:g\n[console_scripts]\na=m:c\n", []string{"a=m:g"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := readEntryPoints(strings.NewReader(c.text))
			if err != nil {
				t.Fatal(err)
			}
			before := maps.Clone(s.console)
			if d := cmp.Diff(c.want, words(s.launchers("3.11"))); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff(before, s.console); d != "" {
				t.Errorf("the wheel's own changed: %s", d)
			}
		})
	}
}

// FuzzReadEntryPoints wants launchers that can do nothing but import and call.
func FuzzReadEntryPoints(f *testing.F) {
	f.Add([]byte("[console_scripts]\na = b:c\n[gui_scripts]\nd = e.f:g.h [x]\n"))
	f.Add([]byte("[[console_scripts]]\r# x\r;y\n\u2003pip=\ta:b[\n]"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := readEntryPoints(strings.NewReader(string(b)))
		if err != nil {
			return
		}
		for name, e := range s.launchers("3.11") {
			if name != e.Name || strings.ContainsAny(name, "\r\n=") || strings.ContainsAny(e.Module+e.Attr, "\r\n ;()'\"\\#[]:") || e.Attr == "" || e.Module == "" {
				t.Errorf("accepted %q", e)
			}
		}
	})
}
