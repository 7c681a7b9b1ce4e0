package tag

import (
	"fmt"
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel/version"
)

// maxTags caps the product of a file name's compressed tag sets.
const maxTags = 1024

// Filename is the name of a wheel file, taken apart.
type Filename struct {
	Name    string // the distribution as spelled
	Version string // as spelled, a version of PEP 440
	Build   string // the build tag, empty without one
	Tags    []Tag  // compressed sets expanded, lower-case, each once
}

// ParseFilename reads the name of a wheel file, without folders: {name}-{version}(-{build})?-{python}-{abi}-{platform}.whl.
//
// It accepts what packaging accepts, but for characters that are not printable ASCII, slashes and
// backslashes, and tag sets of more than 1,024 tags. The name comes percent-decoded.
func ParseFilename(s string) (Filename, error) {
	fail := func(format string, args ...any) (Filename, error) {
		return Filename{}, fmt.Errorf("%.200q is not a wheel's file name: %s", s, fmt.Sprintf(format, args...))
	}
	stem, ok := strings.CutSuffix(s, ".whl")
	if !ok {
		return fail("it does not end in .whl")
	}
	for _, c := range []byte(s) {
		if c < ' ' || c > '~' || c == '/' || c == '\\' {
			return fail("it holds the character %q", c)
		}
	}
	parts := strings.Split(stem, "-")
	if len(parts) != 5 && len(parts) != 6 {
		return fail("it has %d parts instead of 5 or 6", len(parts))
	}
	f := Filename{Name: parts[0], Version: parts[1]}
	if !validName(f.Name) {
		return fail("the name %.100q is not one", f.Name)
	}
	if _, err := version.Parse(f.Version); err != nil {
		return fail("%v", err)
	}
	if len(parts) == 6 {
		f.Build = parts[2]
		if f.Build == "" || !digit(f.Build[0]) {
			return fail("the build tag %.100q does not begin with a digit", f.Build)
		}
	}
	var err error
	if f.Tags, err = expand(parts[len(parts)-3:]); err != nil {
		return fail("%v", err)
	}
	return f, nil
}

// expand is the product of the compressed tag sets (PEP 425) in the three parts.
func expand(parts []string) ([]Tag, error) {
	sets := make([][]string, 3)
	n := 1
	for i, p := range parts {
		sets[i] = strings.Split(strings.ToLower(p), ".") // ASCII, was checked
		for _, t := range sets[i] {
			if t == "" {
				return nil, fmt.Errorf("a part of the tag %.100q is empty", p)
			}
		}
		if n *= len(sets[i]); n > maxTags {
			return nil, fmt.Errorf("it stands for more than %d tags", maxTags)
		}
	}
	for _, t := range sets[0] {
		if !identifier(t) {
			return nil, fmt.Errorf("%.100q is not a Python tag", t)
		}
	}
	tags := make([]Tag, 0, n)
	seen := make(map[Tag]bool, n)
	for _, py := range sets[0] {
		for _, abi := range sets[1] {
			for _, plat := range sets[2] {
				if t := (Tag{py, abi, plat}); !seen[t] {
					seen[t] = true
					tags = append(tags, t)
				}
			}
		}
	}
	return tags, nil
}

// validName accepts escaped distribution names: letters, digits, "." and single "_".
func validName(s string) bool {
	if s == "" || strings.Contains(s, "__") {
		return false
	}
	for _, c := range []byte(s) {
		if c != '.' && c != '_' && !digit(c) && !letter(c) {
			return false
		}
	}
	return true
}

func identifier(s string) bool {
	for i, c := range []byte(s) {
		if c != '_' && !letter(c) && (i == 0 || !digit(c)) {
			return false
		}
	}
	return s != ""
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
