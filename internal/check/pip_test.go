//go:build oracle

package check_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerpack/layerpack/internal/check"
	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
)

// TestAgainstPipCheck compares with `pip check` in a virtual environment, into which made-up
// distributions are put, metadata alone. The interpreter is the one that the environment variable PYTHON3 names, else
// python3.
func TestAgainstPipCheck(t *testing.T) {
	python := os.Getenv("PYTHON3")
	if python == "" {
		python = "python3"
	}
	dir := filepath.Join(t.TempDir(), "venv")
	run(t, python, "-m", "venv", dir)
	python = filepath.Join(dir, "bin", "python")
	run(t, python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade", "pip")
	version := run(t, python, "-c", "import platform; print(platform.python_version(), platform.machine())")
	words := strings.Fields(version)
	env := marker.Linux(words[1], words[0], "cpython")
	where := strings.TrimSpace(run(t, python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"))
	pip := dist("pip " + strings.Fields(run(t, python, "-m", "pip", "--version"))[1])

	for i, lines := range [][]string{
		{"a 1: b>=1", "b 1"},
		{"a 1: b>=1", "b 0.9"},
		{"a 1: b"},
		{"a 1: b>=1", "b 1rc1"},
		{"a 1: b>=1", "b 2rc1"},
		{"a 1: b<2", "b 2.0.dev1"},
		{"a 1: b==2.1", "b 2.1+cpu"},
		{"a 1: b==2.1+cu12", "b 2.1+cpu"},
		{"a 1: b===2.1.0 | b==2.*", "b 2.1"},
		{"a 1: b~=2.1", "b 3.0"},
		{"a 1: b!=2.*", "b 2.7.post1"},
		{"A.b_C 1: My--Pkg>1", "my_pkg 1"},
		{"a 1: b; extra=='test' | c; python_version<'3' | d; python_version>='3' | e; sys_platform=='linux'"},
		{"a 1: b; extra!='test' | c; extra=='' | d; platform_machine=='riscv64'"},
		{"a 1: b[x,y]>=2; os_name=='posix'", "b 2: c; extra=='x'"},
		{"a 1: b[x]>=2", "b 1"},
		{"a 1: b @ https://example.org/b-1.zip", "b 7"},
		{"a 1: b @ https://example.org/b-1.zip"},
		{"a 1: b (>=1,<2) | c", "b 2", "c 1: a>1"},
		{"a 1: b>1 | b>1; python_version>'3' | b<0.5", "b 1"},
		{"a 1: pip>=1000 | pip>=1"},
		{"prefect 2.20.1: anyio<5,>=4.4 | pydantic[email]!=2.0.0,!=2.1.0,<3.0.0,>=1.10.0", "anyio 3.7.1", "pydantic 2.1.0"},
		{"a 2!1: b>=1!0", "b 5"},
		{"a 1: b>=1.0.0a0", "b 1.0.0a0"},
		{"a 1: b>1", "b 1.post1"},
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			all := dists(lines...)
			for _, d := range all {
				put(t, where, d)
			}
			after := append(slices.Clone(all), pip)
			var got []string
			for _, f := range check.Closure(nil, after, env) {
				word, _, _ := strings.Cut(strings.TrimPrefix(f.Cause, "needs "), " ")
				name := regexp.MustCompile(`^[A-Za-z0-9._-]+`).FindString(word)
				subject := strings.Fields(strings.TrimPrefix(f.Subject, "the base's "))[0]
				got = append(got, fmt.Sprintf("%s %s %s", f.Rule, distname.Normalize(subject), distname.Normalize(name)))
			}
			// pip repeats a requirement that stands there twice with different markers.
			slices.Sort(got)
			want := slices.Compact(pipCheck(t, python))
			if diff := cmp.Diff(want, slices.Compact(got)); diff != "" {
				t.Errorf("%q (-pip +ours)\n%s", lines, diff)
			}
			for _, d := range all {
				if err := os.RemoveAll(folder(where, d)); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// pipCheck is what pip finds, as "rule who what".
func pipCheck(t *testing.T, python string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), python, "-m", "pip", "--disable-pip-version-check", "check").Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	missing := regexp.MustCompile(`^(\S+) \S+ requires ([^ ,]+), which is not installed\.$`)
	conflict := regexp.MustCompile(`^(\S+) \S+ has requirement ([A-Za-z0-9._-]+)[^A-Za-z0-9._-].*, but you have `)
	var found []string
	for line := range strings.Lines(string(out)) {
		line = strings.TrimSpace(line)
		if m := missing.FindStringSubmatch(line); m != nil {
			found = append(found, fmt.Sprintf("%s %s %s", check.MissingDist, distname.Normalize(m[1]), distname.Normalize(m[2])))
		} else if m := conflict.FindStringSubmatch(line); m != nil {
			found = append(found, fmt.Sprintf("%s %s %s", check.UnmetVersion, distname.Normalize(m[1]), distname.Normalize(m[2])))
		} else if line != "No broken requirements found." {
			t.Errorf("pip says %q, which this test does not understand", line)
		}
	}
	if (err != nil) != (len(found) > 0) {
		t.Errorf("pip check: %v, and it printed %q", err, out)
	}
	slices.Sort(found)
	return found
}

func folder(site string, d check.Distribution) string {
	return filepath.Join(site, distname.Escape(d.Name)+"-"+d.Version+".dist-info")
}

// put writes a distribution's metadata.
func put(t *testing.T, site string, d check.Distribution) {
	t.Helper()
	text := "Metadata-Version: 2.1\nName: " + d.Name + "\nVersion: " + d.Version + "\n"
	for _, r := range d.Requires {
		text += "Requires-Dist: " + r + "\n"
	}
	if err := os.MkdirAll(folder(site, d), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"METADATA": text, "INSTALLER": "pip\n", "RECORD": "", "WHEEL": "Wheel-Version: 1.0\nTag: py3-none-any\n"} {
		if err := os.WriteFile(filepath.Join(folder(site, d), name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	return string(out)
}
