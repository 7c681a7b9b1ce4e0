package plan

import (
	"fmt"
	"strings"

	"github.com/layerpack/layerpack/internal/baseimage"
	"github.com/layerpack/layerpack/internal/spec"
	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// Unmet returns the lines of a requirements.txt that the base's distributions do not satisfy.
// It understands plain requirements (PEP 508) and comments; whatever else stands in the file,
// options, includes, URLs and continued lines, counts as unmet.
func Unmet(text string, p *baseimage.Profile) []string {
	have := map[string]string{}
	for _, d := range p.Distributions {
		have[distname.Normalize(d.Name)] = d.Version
	}
	var unmet []string
	for line := range strings.SplitSeq(strings.TrimPrefix(text, "\ufeff"), "\n") {
		if i := strings.Index(line, " #"); i >= 0 {
			line = line[:i]
		}
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if !met(line, have, p.Python) {
			unmet = append(unmet, line)
		}
	}
	return unmet
}

func met(line string, have map[string]string, python *pipwheel.Target) bool {
	r, err := marker.ParseRequirement(line)
	if err != nil || r.URL != "" || python == nil {
		return false
	}
	env := marker.Linux(python.Machine, python.Version, python.Implementation)
	if wanted, err := r.Marker.Evaluate(env); err == nil && !wanted {
		return true
	}
	installed, ok := have[distname.Normalize(r.Name)]
	if !ok || len(r.Extras) > 0 {
		return false
	}
	v, err := version.Parse(installed)
	return err == nil && r.Specifiers.Match(v, true)
}

// RequirementsError refuses unmet requirements and says how to bring them as wheels.
func RequirementsError(unmet []string, b *spec.Build, p *baseimage.Profile) error {
	const show = 5
	names := strings.Join(unmet[:min(show, len(unmet))], ", ")
	if len(unmet) > show {
		names += fmt.Sprintf(" and %d more", len(unmet)-show)
	}
	return refusal.New("requirements.txt", "it asks for what the base has not ("+names+"), and requirements are not resolved yet",
		"download the wheels and name them:\n"+downloadLines(b, p))
}

// downloadLines are commands that fetch wheels for the image's platform, on any machine.
func downloadLines(b *spec.Build, p *baseimage.Profile) string {
	base := "--base " + b.Base.Given
	if b.Platform.String() != "linux/amd64" {
		base += " --platform " + b.Platform.String()
	}
	var s strings.Builder
	fmt.Fprintf(&s, "  layerpack inspect %s --print constraints > base-constraints.txt\n", base)
	s.WriteString("  pip download -r requirements.txt -c base-constraints.txt -d wheels --only-binary=:all:")
	if t := p.Python; t != nil {
		parts := strings.SplitN(t.Version, ".", 3)
		if len(parts) >= 2 {
			fmt.Fprintf(&s, " --python-version %s.%s", parts[0], parts[1])
			if t.Implementation == "cpython" {
				fmt.Fprintf(&s, " --implementation cp --abi cp%s%s", parts[0], parts[1])
				if t.FreeThreaded {
					s.WriteString("t")
				}
			}
		}
		for _, platform := range pipPlatforms(*t) {
			s.WriteString(" --platform " + platform)
		}
	}
	fmt.Fprintf(&s, "\n  layerpack %s --wheels wheels", base)
	if p.Python != nil {
		fmt.Fprintf(&s, "\n(run by Python %s where you can: pip takes markers from the Python it runs with)", p.Python.Version)
	}
	return s.String()
}

// pipPlatforms are the platform tags under which projects publish wheels that run on the
// target, newest first: pip takes each as it is written and implies no older ones.
func pipPlatforms(t pipwheel.Target) []string {
	var out []string
	switch t.Libc.Kind {
	case "glibc":
		if t.Libc.Major == 2 {
			for _, minor := range []int{39, 36, 35, 34, 31, 28, 27, 26, 24, 17} {
				if minor <= t.Libc.Minor {
					out = append(out, fmt.Sprintf("manylinux_2_%d_%s", minor, t.Machine))
				}
			}
		}
		out = append(out, "manylinux2014_"+t.Machine)
	case "musl":
		for minor := t.Libc.Minor; minor >= 1; minor-- {
			out = append(out, fmt.Sprintf("musllinux_%d_%d_%s", t.Libc.Major, minor, t.Machine))
		}
	}
	return out
}
