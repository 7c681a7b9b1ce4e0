package source

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The cases are those that Docker's documentation of .dockerignore describes, and the ones
// where its implementations have differed from each other.
func TestDockerignore(t *testing.T) {
	for _, c := range []struct {
		name, ignore string
		files        string // all files, space-separated
		want         string // those that stay
	}{
		{"comment", "# comment\n*/temp*\n*/*/temp*\ntemp?\n", "somedir/temporary.txt somedir/temp somedir/subdir/temporary.txt tempa tempb temp tempab a/b/c/temp", "temp tempab a/b/c/temp"},
		{"hash inside", "a #b\n #c\n", "a #c", "a"}, // white space goes after the comments do
		{"double star", "**/*.go\n", "a.go d/b.go d/e/c.go d/x", "d/x"},
		{"exception", "*.md\n!README.md\n", "README.md OTHER.md d/x.md", "README.md d/x.md"},
		{"exception then pattern", "*.md\n!README*.md\nREADME-secret.md\n", "a.md README.md README-x.md README-secret.md", "README.md README-x.md"},
		{"order matters", "*.md\nREADME-secret.md\n!README*.md\n", "a.md README.md README-secret.md", "README.md README-secret.md"},
		{"everything but", "*\n!flows\n!prefect.yaml\n", "flows/a.py flows/b/c.py prefect.yaml x y/z", "flows/a.py flows/b/c.py prefect.yaml"},
		{"deep exception", "a\n!a/b/c.txt\n", "a/x a/b/c.txt a/b/d.txt a/e/f", "a/b/c.txt"},
		{"wildcard exception", "*\n!**/*.py\n", "a.py d/b.py d/x e/f", "a.py d/b.py"},
		{"exception of exception", "a\n!a/b\na/b/c\n", "a/x a/b/y a/b/c/z", "a/b/y"},
		{"folder exception", "d/*\n!d/keep\n", "d/a d/keep/x d/keep/y d/b/c", "d/keep/x d/keep/y"},
		{"parent excludes", "d\n", "d/a d/b/c dd e/d/f", "dd e/d/f"},
		{"leading slash", "/foo/bar\n/x/\n", "foo/bar foo/baz a/foo/bar x/y", "foo/baz a/foo/bar"},
		{"cleaned", "  ./a/../b//c  \n", "b/c b/d c", "b/d c"},
		{"star is one level", "*.pyc\n", "a.pyc d/b.pyc", "d/b.pyc"},
		{"trailing double star", "d/**\n", "d/a d/b/c e", "e"},
		{"middle double star", "a/**/z\n", "a/z a/b/z a/b/c/z a/y", "a/y"},
		{"classes", "[a-c]x\n[^d]y\n", "ax cx dx dy ey", "dx dy"},
		{"escaped", "\\*\n", "* a", "a"},
		{"dots are literal", "a.b\n", "a.b axb", "axb"},
		{"bom and crlf", "\ufeffa\r\nb\r\n", "a b c", "c"},
		{"itself and Dockerfile", ".dockerignore\nDockerfile\n", "Dockerfile a", "a"},
		{"itself stays", "b\n", "Dockerfile a b", ".dockerignore Dockerfile a"},
		{"exclamation marks", "*\n!!a\n!c\n", "a !a b c", "!a c"},
		{"dot", ".\n", "a", "a"},
		{"empty turns built-in excludes off", "", ".env .git/HEAD", ".dockerignore .env .git/HEAD"},
		{"only the one at the root", "x\n", "d/.dockerignore d/y d/x Dockerfile.dockerignore", "d/.dockerignore d/y d/x Dockerfile.dockerignore"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := plant(t, strings.Fields(c.files)...)
			must(t, os.WriteFile(dir+"/.dockerignore", []byte(c.ignore), 0o644))
			got := map[string]bool{}
			for _, p := range paths(walked(t, dir)) {
				got[p] = true
			}
			want := map[string]bool{".dockerignore": !strings.Contains(c.ignore, ".dockerignore") && !strings.HasPrefix(c.ignore, "*\n")}
			if !want[".dockerignore"] {
				delete(want, ".dockerignore")
			}
			for _, p := range strings.Fields(c.want) {
				want[p] = true
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("kept (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDockerignoreRows(t *testing.T) {
	dir := plant(t, ".dockerignore = *\n!keep/*.py\nkeep/z.py\n",
		"keep/a.py", "keep/z.py", "keep/n", "other/deep/x", "other/y", "f")
	want := `.dockerignore (.dockerignore: *)
f (.dockerignore: *)
keep/n (.dockerignore: *)
keep/z.py (.dockerignore: keep/z.py)
other/ (.dockerignore: *)
`
	tree := walked(t, dir)
	if diff := cmp.Diff(want, leftOut(tree)); diff != "" {
		t.Errorf("left out (-want +got):\n%s", diff)
	}
	if got := listing(tree); got != "755 keep/\n644 keep/a.py 9\n" {
		t.Errorf("a folder with something taken back in must be an entry: %q", got)
	}
}

func TestDockerignoreRefused(t *testing.T) {
	_, err := parseDockerignore([]byte("good\nb[ad\n"))
	if err == nil || !strings.Contains(err.Error(), "pattern b[ad:") {
		t.Errorf("the wrong pattern is not named: %v", err)
	}
	for name, text := range map[string]string{
		"no exception":  "a\n!\n",
		"open class":    "a\n[b\n",
		"bad escape":    "!!\\g\n",
		"open class, !": "!x[\n",
		"not UTF-8":     "a\xff\n",
		"NUL":           "a\x00b\n",
		"long line":     strings.Repeat("a", 70<<10),
	} {
		t.Run(name, func(t *testing.T) {
			dir := plant(t, "a")
			must(t, os.WriteFile(dir+"/.dockerignore", []byte(text), 0o644))
			_, err := Folder(dir, Options{})
			refused(t, err, ".dockerignore", "correct or remove it")
		})
	}
	for name, line := range map[string]string{"a folder": ".dockerignore/", "leaves the source": ".dockerignore -> ../x", "dangling": ".dockerignore -> nowhere"} {
		t.Run(name, func(t *testing.T) {
			_, err := Folder(plant(t, line), Options{})
			refused(t, err, ".dockerignore")
		})
	}
}
