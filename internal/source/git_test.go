package source

import (
	"os"
	"path/filepath"
	"testing"
)

const (
	someRevision  = "0123456789abcdef0123456789abcdef01234567"
	otherRevision = "fedcba9876543210fedcba9876543210fedcba98"
)

func TestGit(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		from  string
		want  Checkout
	}{
		"none":     {nil, ".", Checkout{}},
		"loose":    {map[string]string{".git/HEAD": "ref: refs/heads/main\n", ".git/refs/heads/main": someRevision + "\n"}, ".", Checkout{someRevision, "main"}},
		"packed":   {map[string]string{".git/HEAD": "ref: refs/heads/a/b\n", ".git/packed-refs": "# pack-refs\n" + otherRevision + " refs/heads/a\n" + someRevision + " refs/heads/a/b\n^" + otherRevision + "\n"}, ".", Checkout{someRevision, "a/b"}},
		"both":     {map[string]string{".git/HEAD": "ref: refs/heads/main", ".git/refs/heads/main": someRevision, ".git/packed-refs": otherRevision + " refs/heads/main\n"}, ".", Checkout{someRevision, "main"}},
		"detached": {map[string]string{".git/HEAD": someRevision + "\n"}, ".", Checkout{someRevision, ""}},
		"unborn":   {map[string]string{".git/HEAD": "ref: refs/heads/main\n"}, ".", Checkout{"", "main"}},
		"below":    {map[string]string{".git/HEAD": someRevision, "a/b/c": ""}, "a/b", Checkout{someRevision, ""}},
		"worktree": {map[string]string{
			"main/.git/HEAD": otherRevision, "main/.git/worktrees/w/HEAD": "ref: refs/heads/w", "main/.git/worktrees/w/commondir": "../..\n",
			"main/.git/refs/heads/w": someRevision, "tree/.git": "gitdir: ../main/.git/worktrees/w\n",
		}, "tree", Checkout{someRevision, "w"}},
		"outside":   {map[string]string{".git/HEAD": "ref: refs/heads/../../../secret", "secret": someRevision}, ".", Checkout{}},
		"reftable":  {map[string]string{".git/HEAD": "ref: refs/heads/.invalid\n", ".git/reftable/tables.list": "x"}, ".", Checkout{}},
		"no ref":    {map[string]string{".git/HEAD": "ref: /etc/passwd"}, ".", Checkout{}},
		"nonsense":  {map[string]string{".git/HEAD": "what"}, ".", Checkout{}},
		"no link":   {map[string]string{".git": "what"}, ".", Checkout{}},
		"no digits": {map[string]string{".git/HEAD": "ref: refs/heads/main", ".git/refs/heads/main": "0123"}, ".", Checkout{"", "main"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for path, text := range c.files {
				path = filepath.Join(dir, path)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			got, err := Git(filepath.Join(dir, c.from))
			if err != nil || got != c.want {
				t.Errorf("%+v (%v), want %+v", got, err, c.want)
			}
		})
	}
}
