package tagging

import (
	"fmt"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel/version"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// prefectFamily is the scheme by which Prefect tags its own images.
const prefectFamily = "{version}-python{python}[-{flavour}],{minor}-python{python}[-{flavour}],sha-{sha}-python{python}[-{flavour}]"

// fieldNames are the fields of a scheme.
const fieldNames = "version minor major python flavour revision sha branch name unique"

// Scheme is the family of tags that one image gets: patterns with fields in braces.
//
//	version    3.1.9      of Prefect; none for a build between releases, which has a local part
//	minor      3.1        none for a pre-release, which must not move it
//	major      3          likewise
//	python     3.11
//	flavour    conda
//	revision   of the source in git, all digits; sha: the first 7
//	branch     of git, as a slug: feature/My_Flow is feature-My_Flow
//	name       of the project, as a slug
//	unique     the tag that an image gets without any
//
// What stands in brackets is left out where one of its fields has no value.
type Scheme struct {
	patterns []string
	family   bool
}

// Values are what the fields of a scheme stand for; an empty one has no value.
type Values struct {
	Version  string // of Prefect, as PEP 440 writes it
	Python   string // minor version
	Flavour  string
	Revision string // of git, in hexadecimal digits
	Branch   string
	Name     string
	Unique   string
}

// Left is a tag of Prefect's family that an image does not get.
type Left struct {
	Pattern string
	Why     string
}

// ParseScheme reads a scheme: "prefect", which are X.Y.Z-python3.M, X.Y-python3.M and
// sha-<7 digits>-python3.M, each with -conda or -kubernetes where the image is of that flavour;
// or patterns with commas between them: "{version}-python{python},{branch}".
func ParseScheme(s string) (Scheme, error) {
	family := s == "prefect"
	if family {
		s = prefectFamily
	}
	out := Scheme{family: family}
	for pattern := range strings.SplitSeq(s, ",") {
		pattern = strings.TrimSpace(pattern)
		unknown := ""
		_, _, err := expand(pattern, func(name string) string {
			if !slices.Contains(strings.Fields(fieldNames), name) {
				unknown = name
			}
			return "x"
		})
		switch {
		case err != nil:
			return Scheme{}, fmt.Errorf("tag scheme %q: %w", pattern, err)
		case unknown != "":
			return Scheme{}, fmt.Errorf("tag scheme %q: there is no field {%s}; there are %s", pattern, unknown, fieldNames)
		case pattern == "prefect":
			return Scheme{}, fmt.Errorf("tag scheme %q: prefect stands alone; beside others write its patterns, %s", s, prefectFamily)
		case pattern == "":
			return Scheme{}, fmt.Errorf("tag scheme %q: a tag is empty; write prefect, or patterns like {version}-python{python}", s)
		}
		out.patterns = append(out.patterns, pattern)
	}
	return out, nil
}

// String writes the scheme as [ParseScheme] reads it.
func (s Scheme) String() string {
	if s.family {
		return "prefect"
	}
	return strings.Join(s.patterns, ",")
}

// Tags returns the tags of an image, each once, in the scheme's order: the most exact of
// Prefect's family comes first. A pattern whose field has no value is refused; of Prefect's
// family it is left out and told, unless none remains.
func (s Scheme) Tags(v Values) (tags []string, left []Left, err error) {
	fields, err := v.fields()
	if err != nil {
		return nil, nil, err
	}
	for _, pattern := range s.patterns {
		tag, missing, err := expand(pattern, func(name string) string { return fields[name] })
		if err != nil {
			return nil, nil, fmt.Errorf("tag scheme %q: %w", pattern, err)
		}
		if missing != "" {
			left = append(left, Left{pattern, v.why(missing)})
			continue
		}
		if !validTag.MatchString(tag) {
			return nil, nil, refusal.New(fmt.Sprintf("tag scheme %q", pattern), fmt.Sprintf("it gives %q, which is no tag", tag),
				"tags are 1 to 128 letters, digits, dots, - and _, and begin with a letter, a digit or _")
		}
		if !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
	}
	if len(left) > 0 && (!s.family || len(tags) == 0) {
		return nil, nil, refusal.New(fmt.Sprintf("tag scheme %q", left[0].Pattern), left[0].Why, "write a tag that needs no such value, or tag with -t")
	}
	return tags, left, nil
}

// fields gives each field its value.
func (v Values) fields() (map[string]string, error) {
	f := map[string]string{
		"python": v.Python, "flavour": v.Flavour, "unique": v.Unique,
		"branch": TagSlug(v.Branch), "name": TagSlug(v.Name), "revision": strings.ToLower(v.Revision),
	}
	if v.Revision != "" {
		if !hexDigits.MatchString(f["revision"]) {
			return nil, refusal.New(fmt.Sprintf("git revision %q", v.Revision), "not a commit", "give its hexadecimal digits, at least 7")
		}
		f["sha"] = f["revision"][:shortCommit]
	}
	if v.Version == "" {
		return f, nil
	}
	parsed, err := version.Parse(v.Version)
	if err != nil {
		return nil, &refusal.Error{Input: fmt.Sprintf("version %q", v.Version), Cause: "not a version", Err: err, Fix: "write it like 3.1.9"}
	}
	if parsed.Local() != "" || parsed.Epoch() != "0" {
		return f, nil
	}
	f["version"] = parsed.String()
	if release := parsed.Release(); !parsed.IsPrerelease() {
		f["major"] = release[0]
		if len(release) > 1 {
			f["minor"] = release[0] + "." + release[1]
		}
	}
	return f, nil
}

// why says why a field has no value.
func (v Values) why(field string) string {
	switch field {
	case "version", "minor", "major":
		if v.Version == "" {
			return "the version of Prefect is not known"
		}
		return "version " + v.Version + " gives no {" + field + "}"
	case "python":
		return "the version of Python is not known"
	case "flavour":
		return "the base has no flavour"
	case "revision", "sha":
		return "no git revision is known"
	case "branch":
		if v.Branch != "" {
			return fmt.Sprintf("nothing of the branch's name %q can stand in a tag", v.Branch)
		}
		return "no git branch is known"
	}
	return "no value is known for {" + field + "}"
}
