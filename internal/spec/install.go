package spec

import (
	"path"
	"strings"
)

func (b *Build) install(f Flags) error {
	b.Install = f.Install
	if t := f.Install.Target; t != "" {
		if !path.IsAbs(t) || path.Clean(t) == "/" || strings.Contains(t, ":") || badPath(t) != "" {
			return usage("--target %s: write an absolute folder of the image without a colon, such as /opt/packages", t)
		}
		b.Install.Target = path.Clean(t)
		if len(f.Wheels) == 0 && !f.Packages.Asked() && b.Requirements == "" {
			return usage("--target %s: there is nothing to install into it; name wheels with --wheels, or what is wanted with -r or --pip", t)
		}
	}
	for _, p := range f.Install.AllowMissingLib {
		if _, err := path.Match(p, ""); err != nil || p == "" {
			return usage("--allow-missing-lib %q: not a pattern such as libGL.so.*", p)
		}
	}
	return nil
}

// Relaxed names what is let through that would be refused otherwise; it is part of the plan.
func (i Install) Relaxed() []string {
	var out []string
	if i.NoDeps {
		out = append(out, "no-deps")
	}
	if i.AllowConflicts {
		out = append(out, "allow-conflicts")
	}
	if i.BreakSystemPackages {
		out = append(out, "break-system-packages")
	}
	for _, name := range i.AllowNoRecord {
		out = append(out, "allow-no-record "+name)
	}
	for _, p := range i.AllowMissingLib {
		out = append(out, "allow-missing-lib "+p)
	}
	return out
}
