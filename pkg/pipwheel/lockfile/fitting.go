package lockfile

import (
	"fmt"
	"net/url"
	"path"
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel/requirement"
	"github.com/layerpack/layerpack/pkg/pipwheel/tag"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// fitter chooses wheels for a target and collects what cannot be installed.
type fitter struct {
	lock        string // its file, for messages
	interpreter tag.Interpreter
	tags        *tag.Set
	unfit       []string // lines of the refusal
}

func newFitter(lock string, t Target) *fitter {
	return &fitter{lock: lock, interpreter: t.Interpreter, tags: tag.NewSet(tag.Supported(t.Interpreter))}
}

// best is the index of the wheel whose tag ranks first, of equals that with the highest build
// number, then the first by name. If none fits it says why. A name that is no wheel's is passed over: other
// tools may know more kinds.
func (f *fitter) best(names []string) (index int, file tag.Filename, why string) {
	index = -1
	var rank int
	var offers []tag.Filename
	for i, name := range names {
		parsed, err := tag.ParseFilename(name)
		if err != nil {
			continue
		}
		offers = append(offers, parsed)
		r, ok := f.tags.Rank(parsed.Tags)
		if !ok {
			continue
		}
		if index >= 0 && (r > rank || r == rank && !before(parsed, name, file, names[index])) {
			continue
		}
		index, rank, file = i, r, parsed
	}
	switch {
	case index >= 0:
		return index, file, ""
	case len(offers) == 0:
		return -1, file, "the lock has no wheel of it"
	}
	return -1, file, "no wheel fits: " + tag.Explain(f.interpreter, offers...)
}

// before decides between wheels of one rank.
func before(a tag.Filename, aName string, b tag.Filename, bName string) bool {
	if c := tag.CompareBuild(a.Build, b.Build); c != 0 {
		return c > 0
	}
	return aName < bName
}

// reject adds a distribution to the refusal.
func (f *fitter) reject(name, version, why string) {
	if version != "" {
		version = " " + version
	}
	f.unfit = append(f.unfit, fmt.Sprintf("  %s%s: %s", name, version, why))
}

// err is the one refusal of all that was rejected.
func (f *fitter) err() error {
	if len(f.unfit) == 0 {
		return nil
	}
	return refusal.New(f.lock, "these distributions cannot be installed as the lock has them:\n"+strings.Join(f.unfit, "\n")+"\n", requirement.BuildFix)
}

// urlFile is the file name that a URL ends in, percent-decoded once.
func urlFile(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	base := path.Base(u.Path)
	if base == "." || base == "/" {
		return ""
	}
	return base
}

// pathFile is the last part of a path, whichever slash it is written with.
func pathFile(p string) string {
	if !strings.Contains(p, "/") {
		p = strings.ReplaceAll(p, `\`, "/")
	}
	if p == "" {
		return ""
	}
	return path.Base(p)
}
