package source

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// plant makes files below a new folder, one per line: "a/b" holding its own name, "a/b = text",
// "a/b !" executable by its owner, "a/b -> target", "a/" an empty folder.
func plant(t *testing.T, lines ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "project")
	must(t, os.Mkdir(dir, 0o755))
	plantIn(t, dir, lines...)
	return dir
}

func plantIn(t *testing.T, dir string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		name, target, isLink := strings.Cut(line, " -> ")
		name, text, hasText := strings.Cut(name, " = ")
		name, executable := strings.CutSuffix(name, " !")
		full := filepath.Join(dir, name)
		must(t, os.MkdirAll(filepath.Dir(full), 0o755))
		switch {
		case isLink:
			must(t, os.Symlink(target, full))
		case strings.HasSuffix(name, "/"):
			must(t, os.MkdirAll(full, 0o755))
		default:
			if !hasText {
				text = name
			}
			must(t, os.WriteFile(full, []byte(text), 0o644))
			if executable {
				must(t, os.Chmod(full, 0o700))
			}
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// walked is Folder, closed at the end of the test.
func walked(t *testing.T, dir string, exclude ...Exclusion) *Tree {
	t.Helper()
	tree, err := Folder(dir, Options{Exclude: exclude})
	must(t, err)
	t.Cleanup(func() { must(t, tree.Close()) })
	return tree
}

// listing is the tree as text: mode, path, then size or target.
func listing(tree *Tree) string {
	var b strings.Builder
	for _, e := range tree.Entries {
		switch e.Kind {
		case layers.Dir:
			fmt.Fprintf(&b, "%o %s/\n", e.Mode, e.Path)
		case layers.Symlink:
			fmt.Fprintf(&b, "%o %s -> %s\n", e.Mode, e.Path, e.Target)
		default:
			fmt.Fprintf(&b, "%o %s %d\n", e.Mode, e.Path, e.Size)
		}
	}
	return b.String()
}

// paths are the paths of the tree's entries but folders.
func paths(tree *Tree) []string {
	var all []string
	for _, e := range tree.Entries {
		if e.Kind != layers.Dir {
			all = append(all, e.Path)
		}
	}
	return all
}

// leftOut is what was left out, one row a line.
func leftOut(tree *Tree) string {
	var b strings.Builder
	for _, l := range tree.LeftOut {
		slash := ""
		if l.Dir {
			slash = "/"
		}
		fmt.Fprintf(&b, "%s%s (%s)\n", l.Path, slash, l.Rule)
	}
	return b.String()
}

// refused demands a refusal whose message holds every part.
func refused(t *testing.T, err error, parts ...string) {
	t.Helper()
	if !refusal.Is(err) {
		t.Fatalf("got %v, want a refusal", err)
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("refusal %q does not say %q", err, p)
		}
	}
}
