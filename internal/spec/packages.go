package spec

import (
	"path/filepath"
	"slices"
	"time"
)

// Packages says what is wanted of distributions that are not named as files, and where their wheels are looked
// for; as pip's options of the same names do, where it has them.
type Packages struct {
	// Files are requirement files, locks and pyproject.toml, as given; Constraints as pip's -c.
	Files, Constraints []string
	// Words are the values of --pip.
	Words []string
	// Groups are dependency groups and Extras extras, of a lock or of a pyproject.toml.
	Groups, Extras []string
	// Overrides are files of requirements that replace all others of the same names.
	Overrides []string

	// Prefect is the requirement that is added where neither the base nor what is asked for brings Prefect, such as
	// "prefect==2.20.4"; empty adds none.
	Prefect string

	// IndexURL is the main index, empty for the default; ExtraIndexURLs are asked before it.
	IndexURL       string
	ExtraIndexURLs []string
	// FindLinks are folders of the host, pages, and files.
	FindLinks    []string
	TrustedHosts []string
	NoIndex      bool
	// Offline answers from what is kept on this machine alone.
	Offline bool
	// Refresh asks again for pages that are fresh.
	Refresh bool
	// ExcludeNewer leaves out what was uploaded then or later; the zero time leaves nothing out.
	ExcludeNewer time.Time
	// Prereleases takes them like any other version.
	Prereleases bool
	// RequireHashes wants a hash for every requirement.
	RequireHashes bool
	// Upgrade takes the newest versions in place of those of the base.
	Upgrade bool
}

// DefaultRequirements is the file of a project that is read where no other is named.
const DefaultRequirements = "requirements.txt"

// Asked reports whether the user named what is to be found, so that the project's own file is not the only one.
func (p *Packages) Asked() bool {
	return len(p.Files)+len(p.Words)+len(p.Groups)+len(p.Extras) > 0
}

// packages checks the words about packages.
func (b *Build) packages(f Flags) error {
	b.Packages = f.Packages
	for _, list := range []struct {
		flag   string
		values []string
	}{
		{"--requirement", f.Packages.Files},
		{"--constraint", f.Packages.Constraints},
		{"--pip", f.Packages.Words},
		{"--group", f.Packages.Groups},
		{"--extra", f.Packages.Extras},
		{"--override", f.Packages.Overrides},
	} {
		if slices.Contains(list.values, "") {
			return usage("%s: the value is empty", list.flag)
		}
	}
	// The project's own file is read unless the user named another, or wheels alone.
	named := len(f.Packages.Files) > 0 || len(f.Wheels) > 0 && !f.Packages.Asked()
	if !named && !f.NoSource {
		b.Requirements = filepath.Join(f.Dir, DefaultRequirements)
	}
	return nil
}
