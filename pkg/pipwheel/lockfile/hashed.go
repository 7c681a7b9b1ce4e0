package lockfile

import (
	"fmt"
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel/requirement"
	"github.com/layerpack/layerpack/pkg/pipwheel/tag"
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// Hashed takes requirements with hashes as a lock: for a target, each is one version with the
// hashes of the files that will do (pip, "Hash-checking Mode"). It is for sets in hash mode (see
// [requirement.Set.HashMode]). What is not pinned, has no hash or violates a constraint is refused in one message.
func Hashed(set *requirement.Set, t Target) (*Selection, error) {
	set, err := set.For(t.Environment)
	if err != nil {
		return nil, err
	}
	s, f := &Selection{Notes: set.Notes}, newFitter("requirements with hashes", t)
	at := map[string]int{}
	for i := range set.Requirements {
		r := &set.Requirements[i]
		l, why := f.hashed(r)
		if why == "" && t.has(l.Name, l.Version) {
			s.Had = append(s.Had, l.Name)
			continue
		}
		if why == "" {
			why = barred(set, &l)
		}
		if why != "" {
			f.reject(r.Text, "", why+" ("+r.Origin.String()+")")
			continue
		}
		if first, twice := at[l.Name]; twice {
			if why := same(&s.Packages[first], &l); why != "" {
				f.reject(r.Text, "", why+" ("+r.Origin.String()+")")
			}
			continue
		}
		at[l.Name] = len(s.Packages)
		s.Packages = append(s.Packages, l)
	}
	if len(f.unfit) > 0 {
		return nil, refusal.New("requirements", "they have hashes, and then all need a version and a hash that fits:\n"+strings.Join(f.unfit, "\n")+"\n",
			"pin and hash all of them (pip-compile --generate-hashes, uv pip compile --generate-hashes), or say --no-require-hashes in the file")
	}
	return s.sorted(), nil
}

// hashed reads one requirement as locked, or says why it is not.
func (f *fitter) hashed(r *requirement.Requirement) (Locked, string) {
	l := Locked{Name: r.Key(), Hashes: r.Hashes, AnyHash: true, Marker: r.Marker.String(), Requested: true}
	if r.Wheel != nil {
		return f.hashedWheel(l, r)
	}
	specs := r.Specifiers.Specifiers()
	if len(specs) != 1 || specs[0].Op != "==" && specs[0].Op != "===" || specs[0].Prefix {
		return l, "its version is not pinned with =="
	}
	if len(r.Hashes) == 0 {
		return l, "it has no --hash"
	}
	l.Version = specs[0].Text
	return l, ""
}

func (f *fitter) hashedWheel(l Locked, r *requirement.Requirement) (Locked, string) {
	l.File, l.URL, l.Path, l.Version, l.Direct = r.Wheel.File, r.Wheel.URL, r.Wheel.Path, r.Wheel.Version, true
	if algorithm, digest, ok := strings.Cut(r.Wheel.Hash, ":"); ok && len(l.Hashes) == 0 {
		l.Hashes = requirement.Hashes{algorithm: {digest}}
	}
	if len(l.Hashes) == 0 {
		return l, "it has no --hash, nor one in its URL"
	}
	name, err := tag.ParseFilename(l.File)
	if err != nil {
		return l, err.Error()
	}
	if _, fits := f.tags.Rank(name.Tags); !fits {
		return l, "it does not fit: " + tag.Explain(f.interpreter, name)
	}
	return l, ""
}

// barred says what else in a set speaks against a requirement.
func barred(set *requirement.Set, l *Locked) string {
	for i := range set.Constraints {
		c := &set.Constraints[i]
		if c.Key() == l.Name && c.Wheel == nil && !c.Specifiers.ContainsString(l.Version, version.PrereleasesAllowed) {
			return fmt.Sprintf("%s constrains it to %s", c.Origin, c.Specifiers)
		}
	}
	if !l.Direct && !set.Options.WheelAllowed(l.Name) {
		return "--no-binary forbids its wheels"
	}
	return ""
}

// same says how two requirements of one name contradict each other.
func same(a, b *Locked) string {
	if !sameVersion(a.Version, b.Version) || a.URL != b.URL || a.Path != b.Path {
		return fmt.Sprintf("it is there twice, as %s and as %s", a.Version, b.Version)
	}
	return ""
}
