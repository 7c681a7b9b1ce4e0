package assemble

import (
	"slices"
	"strings"

	"github.com/layerpack/layerpack/internal/check"
	"github.com/layerpack/layerpack/internal/progress"
)

// found is what was found of some of a build's images.
type found struct {
	check.Finding
	platforms []string // empty where it is so of all
}

// findings looks at every image. What is found of all comes once, in the order of the first image that has it.
func (j *job) findings(look func(*planned) ([]check.Finding, error)) ([]found, error) {
	all := make([][]check.Finding, len(j.images))
	for i, p := range j.images {
		var err error
		if all[i], err = look(p); err != nil {
			return nil, p.run.named(err)
		}
	}
	var out []found
	for i, list := range all {
		for _, f := range list {
			has := func(l []check.Finding) bool { return slices.Contains(l, f) }
			if slices.ContainsFunc(all[:i], has) {
				continue
			}
			one := found{Finding: f}
			for k, p := range j.images {
				if has(all[k]) {
					one.platforms = append(one.platforms, p.run.platform)
				}
			}
			if len(one.platforms) == len(j.images) {
				one.platforms = nil
			}
			out = append(out, one)
		}
	}
	return out, nil
}

// judged looks at every image, tells warnings and refuses what is more.
func (j *job) judged(look func(*planned) ([]check.Finding, error)) error {
	all, err := j.findings(look)
	if err != nil {
		return err
	}
	return j.judge(all)
}

func (j *job) judge(all []found) error {
	var named []check.Finding
	for _, f := range all {
		if len(f.platforms) > 0 {
			f.Subject = strings.Join(f.platforms, ", ") + ": " + f.Subject
		}
		if f.Warning {
			j.run.say(progress.Warning, "%s", f.Finding)
		}
		named = append(named, f.Finding)
	}
	return check.Refuse(named)
}
