package tagging

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel/version"
)

// NearestPrefectTags returns up to n of the existing tags, those first that a user who asked for
// want would take instead: another Python of the same release, the same Python of a release
// beside it, of its line. Tags of another major version or beyond Prefect's scheme are left out.
func NearestPrefectTags(want string, existing []string, n int) []string {
	asked, err := ParsePrefectTag(want)
	if err != nil {
		if asked, err = ParsePrefectTag(meant(want)); err != nil {
			return nil
		}
	}
	var found []nearTag
	for _, text := range existing {
		t, err := ParsePrefectTag(text)
		if err != nil {
			continue
		}
		if d, ok := distance(asked, t); ok {
			sort := PrefectTag{Kind: t.Kind, Python: t.Python, Flavour: t.Flavour}
			found = append(found, nearTag{text, d, sort})
		}
	}
	slices.SortFunc(found, func(a, b nearTag) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), compareNumerals(b.text, a.text), strings.Compare(b.text, a.text))
	})
	return oneOfEach(slices.Compact(found), n)
}

// nearTag is a tag that exists and may be taken instead.
type nearTag struct {
	text     string
	distance int
	sort     PrefectTag // what is left of it without the version
}

// oneOfEach returns the nearest tag of each sort and then what else is near: the neighbours of a
// patch release should not hide that there is another Python.
func oneOfEach(found []nearTag, n int) []string {
	var first, rest []string
	seen := map[PrefectTag]bool{}
	for _, f := range found {
		if seen[f.sort] {
			rest = append(rest, f.text)
			continue
		}
		seen[f.sort] = true
		first = append(first, f.text)
	}
	all := append(first, rest...)
	return all[:min(n, len(all))]
}

// MissingPrefectTag says in one clause what to take for a tag that does not exist; existing are
// the tags of the repository. It is empty where nothing can be said.
func MissingPrefectTag(want string, existing []string) string {
	asked, err := ParsePrefectTag(want)
	if err != nil {
		near := NearestPrefectTags(want, existing, 3)
		if len(near) == 0 {
			return err.Error()
		}
		return "the nearest that exist are " + strings.Join(near, ", ")
	}
	if asked.Kind == PrefectCommit {
		return "Prefect publishes commits as " + PrefectDevRepository + ":sha-<7 digits>-python3.M"
	}
	near := NearestPrefectTags(want, existing, 3)
	if len(near) == 0 {
		return ""
	}
	return "the nearest that exist are " + strings.Join(near, ", ")
}

var (
	pythonTail = regexp.MustCompile(`-(?:python|py|cp)?-?3\.?([0-9]{1,2})(?:\.[0-9]+)?(-|$)`)
	wildHead   = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?)\.[x*](-|$)`)
)

// meant writes a tag in Prefect's form that people write in others: v2.20.25-python311, 2.20.25-py3.11, 3.x.
func meant(tag string) string {
	tag = strings.TrimPrefix(strings.ToLower(strings.ReplaceAll(tag, "_", "-")), "v")
	tag = wildHead.ReplaceAllString(tag, "$1$2")
	if head, rest, _ := strings.Cut(tag, "-"); rest != "" {
		tag = head + pythonTail.ReplaceAllString("-"+rest, "-python3.$1$2")
	}
	switch {
	case strings.Contains(tag, "-"):
	case strings.Contains(tag, "."):
		tag += "-python3.12"
	default:
		tag += "-latest"
	}
	return tag
}

// Distances of one step each, which outweigh each other: a patch release away is nearer than
// another Python, that nearer than another flavour, that nearer than another line.
const (
	farFlavour = 1_000
	farLine    = 10_000
	farKind    = 5_000
)

// distance tells how far a tag is from the one that was asked for.
func distance(asked, t PrefectTag) (int, bool) {
	if t.Major() != asked.Major() || (t.Kind == PrefectCommit) != (asked.Kind == PrefectCommit) {
		return 0, false
	}
	d := pythonDistance(asked, t)
	if asked.Flavour != t.Flavour {
		d += farFlavour
	}
	return d + headDistance(asked, t), true
}

func pythonDistance(asked, t PrefectTag) int {
	if asked.Python == t.Python {
		return 0
	}
	a, b := numbers(asked.PythonVersion()), numbers(t.PythonVersion())
	if len(a) == 2 && len(b) == 2 && a[0] == b[0] {
		return 100 + 10*apart(a[1], b[1])
	}
	return 300
}

func headDistance(asked, t PrefectTag) int {
	if asked.Kind == t.Kind && asked.Value == t.Value {
		return 0
	}
	if asked.Value == t.Value {
		return 60 // 3-python3.12 and 3-latest
	}
	a, b := numbers(asked.Value), numbers(t.Value)
	if len(a) < 2 || len(b) < 2 {
		// Moving tags of the whole major version have no line to compare.
		return farKind
	}
	d := farLine * apart(a[1], b[1])
	if asked.Kind != t.Kind {
		return d + 50
	}
	if len(a) > 2 && len(b) > 2 {
		d += apart(a[2], b[2])
	}
	return d + 1
}

// numbers returns the release of a version that is asked or published; nil if it is none.
func numbers(s string) []uint32 {
	v, err := version.Parse(s)
	if err != nil {
		return nil
	}
	var out []uint32
	for i := range v.Release() {
		n, ok := v.Number(i)
		if !ok {
			return nil
		}
		out = append(out, n)
	}
	return out
}

// apart is how far two numbers are from each other, at most 90.
func apart(a, b uint32) int { return int(min(max(a, b)-min(a, b), 90)) }

// compareNumerals orders tags so that 3.10 comes after 3.9.
func compareNumerals(a, b string) int {
	for a != "" && b != "" {
		x, y := leadingNumber.FindString(a), leadingNumber.FindString(b)
		if x == "" || y == "" {
			if a[0] != b[0] {
				return cmp.Compare(a[0], b[0])
			}
			a, b = a[1:], b[1:]
			continue
		}
		p, q := strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
		if c := cmp.Or(cmp.Compare(len(p), len(q)), cmp.Compare(p, q)); c != 0 {
			return c
		}
		a, b = a[len(x):], b[len(y):]
	}
	return cmp.Compare(len(a), len(b))
}
