package resolve

import (
	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
)

// Input is everything that decides on the answer, but for what the provider tells.
type Input struct {
	// Requirements are what the user asks for, in the order given: earlier ones are decided first.
	Requirements []Requirement
	// Constraints limit versions of what is needed, and add nothing (pip, "Constraints files"). Extras of them are ignored.
	Constraints []Requirement
	// Overrides replace every requirement of the same name, wherever it stands, but not its extras.
	Overrides []Requirement
	// Environment is that of the target; markers are evaluated for it alone.
	Environment marker.Environment
	// Python is what Requires-Python is compared with; the zero value is Environment's PythonFullVersion.
	Python version.Version
	// Installed is what the base has. Its versions are preferred and need no file of any index.
	//
	// What nothing asks for stays, and so do its requirements on what is installed in place of the base's.
	Installed []Installed
	// Keep names distributions of the base that must not be replaced, whatever asks for another version.
	Keep []string
	// Preferences are versions by normalised name to prefer to all others, as those of a lock.
	Preferences map[string]version.Version
	// Upgrade ignores Preferences, and prefers what is newest to what is installed; UpgradeNames does so for these alone.
	Upgrade      bool
	UpgradeNames []string
	// Prereleases is the policy for all, PrereleasesOf that for a normalised name. With PrereleasesIfNeeded they are taken
	// where no final version is possible, and like final versions where Requirements, Constraints or Overrides name one.
	Prereleases   version.Prereleases
	PrereleasesOf map[string]version.Prereleases
	// NoDeps ignores what distributions require.
	NoDeps bool
}

// Requirement is one line of the user.
type Requirement struct {
	marker.Requirement
	Origin string // where it stands, for messages: "requirements.txt:3", "--pip"
}

// Installed is one distribution of the base.
type Installed struct {
	Name    string // need not be normalised
	Version version.Version
	Metadata
	URL string // from direct_url.json, if it was installed from one: it then satisfies a requirement by the same URL
}

// Solution is a choice that satisfies everything.
type Solution struct {
	Packages []Package // what the requirements need, sorted by name, none twice
	Warnings []string  // in the order of Packages
}

// Package is one chosen distribution.
type Package struct {
	Name      string // normalised
	Version   version.Version
	Installed bool            // the base has it: nothing is to be done
	Candidate Candidate       // what to install otherwise
	URL       string          // of the requirement by URL that asked for it
	Replaces  version.Version // the version of the base that makes way; zero if there is none
	Extras    []string        // that are asked for, normalised, sorted
	Requested bool            // a requirement of the user names it
	Needs     []string        // names of what it needs, for the extras asked for; sorted
	NeededBy  []Dependent     // why it is here: the user's requirements in their order, then others by name
}

// Dependent is one reason for a package.
type Dependent struct {
	Name        string // normalised, with extra: "dask[array]"; empty for the user
	Origin      string // of the user's requirement
	Requirement string // as it counted
}
