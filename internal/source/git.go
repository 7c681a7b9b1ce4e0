package source

import (
	"errors"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
)

// Checkout is what the git repository around a folder has checked out.
type Checkout struct {
	Revision string // in hexadecimal; empty before the first commit
	Branch   string // empty where no branch is checked out
}

var (
	gitRevision = regexp.MustCompile(`^[0-9a-f]{40}([0-9a-f]{24})?$`)
	gitBranch   = regexp.MustCompile(`^refs/heads/[^\x00-\x20~^:?*\[\\]+$`)
)

// maxGit bounds a file of git's that is read, in bytes.
const maxGit = 16 << 20

// Git reads what is checked out around dir, without running git (gitrepository-layout(5)). It is the zero Checkout
// where there is no repository; no file of it is trusted to be one.
func Git(dir string) (Checkout, error) {
	for {
		at := filepath.Join(dir, ".git")
		if Exists(at) {
			return gitAt(dir, at)
		}
		up := filepath.Dir(dir)
		if up == dir {
			return Checkout{}, nil
		}
		dir = up
	}
}

// gitAt reads a repository's folder, or the file that stands for one in a worktree or submodule.
func gitAt(dir, git string) (Checkout, error) {
	if link, err := ReadFile(git, maxGit); err == nil {
		to, ok := strings.CutPrefix(strings.TrimSpace(string(link)), "gitdir: ")
		if !ok {
			return Checkout{}, nil
		}
		if git = to; !filepath.IsAbs(git) {
			git = filepath.Join(dir, to)
		}
	}
	head, err := gitFile(git, "HEAD")
	if err != nil {
		return Checkout{}, err
	}
	ref, symbolic := strings.CutPrefix(head, "ref: ")
	if !symbolic {
		return Checkout{Revision: revision(head)}, nil
	}
	// A part that begins with a dot is no name: with reftables HEAD holds refs/heads/.invalid (gitformat-reftable).
	if !gitBranch.MatchString(ref) || strings.Contains(ref, "..") || strings.Contains(ref, "/.") {
		return Checkout{}, nil
	}
	found := Checkout{Branch: strings.TrimPrefix(ref, "refs/heads/")}
	common := git // of all worktrees
	if other, err := gitFile(git, "commondir"); err == nil && other != "" {
		if common = other; !filepath.IsAbs(common) {
			common = filepath.Join(git, other)
		}
	}
	loose, err := gitFile(common, filepath.FromSlash(ref))
	if err != nil {
		return found, err
	}
	if found.Revision = revision(loose); found.Revision != "" {
		return found, nil
	}
	packed, err := gitFile(common, "packed-refs")
	for line := range strings.Lines(packed) {
		if sum, name, ok := strings.Cut(strings.TrimSpace(line), " "); ok && name == ref {
			found.Revision = revision(sum)
		}
	}
	return found, err
}

// gitFile is the text of a file of git's, empty where it is not there.
func gitFile(git, name string) (string, error) {
	text, err := ReadFile(filepath.Join(git, name), maxGit)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return strings.TrimSpace(string(text)), err
}

func revision(text string) string {
	if gitRevision.MatchString(text) {
		return text
	}
	return ""
}
