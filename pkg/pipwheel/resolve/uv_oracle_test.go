//go:build oracle

package resolve

import (
	"archive/zip"
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"
)

// newUV makes a virtual environment with the newest uv of the configured index, with the interpreter that the environment
// variable PYTHON3 names, else python3, and returns uv.
func newUV(t *testing.T) string {
	t.Helper()
	python := os.Getenv("PYTHON3")
	if python == "" {
		python = "python3"
	}
	dir := filepath.Join(t.TempDir(), "venv")
	for _, args := range [][]string{
		{python, "-m", "venv", dir},
		{filepath.Join(dir, "bin", "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv"},
	} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%q: %v\n%s", args, err, out)
		}
	}
	return filepath.Join(dir, "bin", "uv")
}

// drawIndex writes a world of eight names with up to eight versions, where later versions tend to need later versions.
func drawIndex(rng *rand.Rand) string {
	var b strings.Builder
	names := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	spec := func(near int) string {
		v := max(1, near+rng.IntN(4)-2)
		return []string{"", fmt.Sprintf(">=%d", v), fmt.Sprintf(">=%d", v), fmt.Sprintf("<%d", v+2), fmt.Sprintf(">=%d,<%d", v-1, v+2), fmt.Sprintf("==%d", v), fmt.Sprintf("!=%d", v)}[rng.IntN(7)]
	}
	need := func(near int) string {
		extra := ""
		if rng.IntN(6) == 0 {
			extra = "[x]"
		}
		return names[rng.IntN(len(names))] + extra + spec(near)
	}
	for _, n := range names {
		for v := 1; v <= 8; v++ {
			if rng.IntN(5) == 0 {
				continue
			}
			var needs []string
			for range rng.IntN(3) {
				needs = append(needs, need(v))
			}
			if rng.IntN(3) == 0 {
				needs = append(needs, need(v)+`; extra == "x"`)
			}
			if rng.IntN(6) == 0 {
				needs = append(needs, need(v)+`; python_version < "3.10"`)
			}
			pre := []string{"", "", "", "", "rc1"}[rng.IntN(5)]
			python := []string{"", "", "", "", " [metapython=>=3.12]"}[rng.IntN(5)]
			fmt.Fprintf(&b, "%s %d%s%s [extras=x]: %s\n", n, v, pre, python, strings.Join(needs, " | "))
		}
	}
	for range 1 + rng.IntN(4) {
		fmt.Fprintf(&b, "ask %s\n", need(5))
	}
	if rng.IntN(3) == 0 {
		fmt.Fprintf(&b, "limit %s%s\n", names[rng.IntN(len(names))], spec(4))
	}
	if rng.IntN(3) == 0 {
		for _, n := range names {
			fmt.Fprintf(&b, "prefer %s %d\n", n, 1+rng.IntN(8))
		}
	}
	return b.String()
}

// wheels writes the index as a folder of wheels.
func (w *world) wheels(dir string) error {
	for name, c := range w.lists {
		for _, o := range c.Fit {
			md := w.metas[o.ID.(string)]
			var b bytes.Buffer
			z := zip.NewWriter(&b)
			stem := fmt.Sprintf("%s-%s", name, o.Version)
			text := fmt.Sprintf("Metadata-Version: 2.1\nName: %s\nVersion: %s\nProvides-Extra: x\n", name, o.Version)
			if !md.RequiresPython.IsEmpty() {
				text += "Requires-Python: " + md.RequiresPython.String() + "\n"
			}
			for _, q := range md.Requires {
				text += "Requires-Dist: " + q.String() + "\n"
			}
			for member, content := range map[string]string{
				"METADATA": text, "RECORD": "", "WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
			} {
				f, err := z.Create(stem + ".dist-info/" + member)
				if err != nil {
					return err
				}
				if _, err := f.Write([]byte(content)); err != nil {
					return err
				}
			}
			if err := z.Close(); err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(dir, stem+"-py3-none-any.whl"), b.Bytes(), 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

// compile asks uv; "refused" says that there is no solution.
func (w *world) compile(uv, cache, dir string) (string, error) {
	if err := w.wheels(dir); err != nil {
		return "", err
	}
	lines := func(rs []Requirement) []byte {
		var b bytes.Buffer
		for _, r := range rs {
			fmt.Fprintln(&b, r.Requirement)
		}
		return b.Bytes()
	}
	file := func(name string) string { return filepath.Join(dir, name) }
	var locked bytes.Buffer
	for n, v := range w.in.Preferences {
		fmt.Fprintf(&locked, "%s==%s\n", n, v)
	}
	for name, content := range map[string][]byte{"requirements.in": lines(w.in.Requirements), "constraints.txt": lines(w.in.Constraints), "locked.txt": locked.Bytes()} {
		if err := os.WriteFile(file(name), content, 0o644); err != nil {
			return "", err
		}
	}
	cmd := exec.Command(uv, "pip", "compile", "--quiet", "--no-config", "--cache-dir", cache, "--no-header", "--no-annotate", "--no-index", "--find-links", dir,
		"--python-version", "3.11.2", "--python-platform", "x86_64-manylinux_2_36", "-c", file("constraints.txt"), "-o", file("locked.txt"), file("requirements.in"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		if strings.Contains(string(out), "No solution found") {
			return "refused", nil
		}
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	text, err := os.ReadFile(file("locked.txt"))
	return strings.ReplaceAll(strings.TrimSpace(string(text)), "==", " "), err
}

// The versions are those that uv chooses.
func TestLikeUV(t *testing.T) {
	uv, cache := newUV(t), t.TempDir()
	var group errgroup.Group
	group.SetLimit(2)
	const worlds = 40
	ours, theirs, texts := make([]string, worlds), make([]string, worlds), make([]string, worlds)
	for i := range worlds {
		text := drawIndex(rand.New(rand.NewPCG(uint64(i), 9)))
		w, dir := parseWorld(t, text), t.TempDir()
		texts[i] = text
		group.Go(func() (err error) {
			if theirs[i], err = w.compile(uv, cache, dir); err != nil {
				return fmt.Errorf("world %d: %w", i, err)
			}
			s, err := w.resolve()
			if ours[i] = plain(s); err != nil {
				ours[i] = "refused"
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	different, refused := 0, 0
	for i := range worlds {
		if theirs[i] == "refused" {
			refused++
		}
		if ours[i] == theirs[i] {
			continue
		}
		if different++; different < 4 {
			t.Logf("world %d: ours\n%s\nuv's\n%s\nfor\n%s", i, ours[i], theirs[i], texts[i])
		}
		if (ours[i] == "refused") != (theirs[i] == "refused") {
			t.Errorf("world %d: ours\n%s\nuv's\n%s\nfor\n%s", i, ours[i], theirs[i], texts[i])
		}
	}
	t.Logf("%d worlds, %d without a solution, %d with other versions", worlds, refused, different)
	if different > 1 || refused > worlds*3/4 {
		t.Errorf("%d of %d worlds have other versions", different, worlds)
	}
}

// plain leaves out extras and warnings.
func plain(s string) string {
	var out []string
	for l := range strings.SplitSeq(s, "\n") {
		if strings.HasPrefix(l, "warning") {
			continue
		}
		name, rest, _ := strings.Cut(l, " ")
		name, _, _ = strings.Cut(name, "[")
		out = append(out, name+" "+rest)
	}
	return strings.Join(slices.DeleteFunc(out, func(s string) bool { return s == " " }), "\n")
}
