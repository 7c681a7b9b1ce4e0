package pipwheel

import (
	"fmt"
	"slices"

	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
	"github.com/layerpack/layerpack/pkg/pipwheel/tag"
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// Choice is what [Choose] decided about a set of wheel files.
type Choice struct {
	// Chosen has the index of one file for each distribution, sorted by normalised name.
	Chosen []int
	// PassedOver has the index of every other file: one that does not fit, or fits less well.
	PassedOver []int
}

// Interpreter returns the target as the tags of wheels see it (PEP 425).
func (t Target) Interpreter() (tag.Interpreter, error) {
	v, err := version.Parse(t.Version)
	if err != nil {
		return tag.Interpreter{}, fmt.Errorf("the interpreter's version: %w", err)
	}
	var major, minor int
	if _, err := fmt.Sscanf(v.String(), "%d.%d", &major, &minor); err != nil {
		return tag.Interpreter{}, fmt.Errorf("the interpreter's version %q has no minor part", t.Version)
	}
	return tag.Interpreter{
		Implementation: t.Implementation, Major: major, Minor: minor,
		FreeThreaded: t.FreeThreaded, Debug: t.Debug, Machine: t.Machine,
		LibcKind: t.Libc.Kind, LibcMajor: t.Libc.Major, LibcMinor: t.Libc.Minor,
	}, nil
}

// Choose picks from wheel file names, for every distribution among them, the one that pip
// would install on the target: the best tag, then the highest build number. It decides by
// names alone.
//
// A distribution in two versions is refused, and so is one of which no file fits; the
// refusal says what the files offer and what the image is.
func Choose(files []string, t Target) (*Choice, error) {
	in, err := t.Interpreter()
	if err != nil {
		return nil, err
	}
	supported := tag.NewSet(tag.Supported(in))
	groups := map[string][]candidate{}
	for i, name := range files {
		f, err := tag.ParseFilename(name)
		if err != nil {
			return nil, &refusal.Error{Input: name, Cause: "not a wheel's file name", Err: err}
		}
		c := candidate{index: i, name: name, file: f}
		c.rank, c.fits = supported.Rank(f.Tags)
		key := distname.Normalize(f.Name)
		groups[key] = append(groups[key], c)
	}
	choice := &Choice{}
	for _, key := range sortedKeys(groups) {
		best, err := pick(key, groups[key], in)
		if err != nil {
			return nil, err
		}
		for _, c := range groups[key] {
			if c.index == best {
				choice.Chosen = append(choice.Chosen, c.index)
			} else {
				choice.PassedOver = append(choice.PassedOver, c.index)
			}
		}
	}
	slices.Sort(choice.PassedOver)
	return choice, nil
}

type candidate struct {
	index int
	name  string
	file  tag.Filename
	rank  int
	fits  bool
}

func pick(name string, group []candidate, in tag.Interpreter) (int, error) {
	for _, c := range group[1:] {
		if !SameVersion(c.file.Version, group[0].file.Version) {
			return 0, refusal.New(name, fmt.Sprintf("two versions among the wheels, %s and %s", group[0].name, c.name),
				"leave one of them out")
		}
	}
	var best *candidate
	for i := range group {
		c := &group[i]
		if c.fits && (best == nil || better(c, best)) {
			best = c
		}
	}
	if best != nil {
		return best.index, nil
	}
	offers := make([]tag.Filename, len(group))
	for i, c := range group {
		offers[i] = c.file
	}
	return 0, refusal.New(name, "no wheel fits the image: "+tag.Explain(in, offers...),
		"get a wheel for the image's platform, or choose another base or --platform")
}

// better orders two fitting wheels of one version. The file's name decides the last tie, so
// that the order of the folder does not.
func better(a, b *candidate) bool {
	if a.rank != b.rank {
		return a.rank < b.rank
	}
	if c := tag.CompareBuild(a.file.Build, b.file.Build); c != 0 {
		return c > 0
	}
	return a.name < b.name
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
