package source

import (
	"io/fs"
	"os"

	"github.com/moby/patternmatcher"
)

// rules decide what of a folder is left out.
type rules interface {
	// check judges one path, given the verdict on its parent (the zero verdict at the top).
	check(c candidate, above verdict) (verdict, error)
	// hint says how a path is left out under these rules, to end a refusal's Fix with.
	hint() string
}

// candidate is a path that rules judge.
type candidate struct {
	rel   string      // slash-separated, relative to the source
	name  string      // last part of rel
	info  fs.FileInfo // of the path itself: of a symlink, not of what it points to
	in    *os.Root    // the folder that holds it
	names []string    // of everything in that folder, sorted
}

// verdict is what rules say of a path.
type verdict struct {
	rule string // what leaves the path out, for people; empty: it is part of the source
	// deeper says that a folder left out may still hold something that an exception takes back
	// in: then it must be walked.
	deeper bool
	// match is what .dockerignore's patterns found so far on the way down.
	match patternmatcher.MatchInfo
}

// everything leaves nothing out: the rules for a path that the user named.
type everything struct{}

func (everything) check(candidate, verdict) (verdict, error) { return verdict{}, nil }

func (everything) hint() string { return "name the other files one by one" }
