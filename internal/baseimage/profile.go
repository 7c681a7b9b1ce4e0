// Package baseimage reads a base image once and says what a build must know of it: its profile.
//
// It streams the layers, verifies each against its DiffID, merges them as a runtime would and
// keeps names, modes and links of all paths, and of a few files what they say: which Python
// interpreter the image runs and where its packages go, what is installed, which C library it
// has, its users. Nothing is run, nothing is written, no layer is held in memory, and nothing is
// assumed from the image's name. Layers that no runtime would unpack are refused.
//
// Most callers want [Read], and [DecodeProfile] for what was read before.
package baseimage

import (
	"github.com/layerpack/layerpack/internal/rootfs"
	"github.com/layerpack/layerpack/pkg/pipwheel"
)

// ProfileVersion names what Read finds and how it is stored. A stored profile of another version
// is no use: the base is read again.
const ProfileVersion = 3

// Profile is what is known of the base image of one platform.
type Profile struct {
	Version  int      `json:"version"` // [ProfileVersion]
	Platform Platform `json:"platform"`
	// Python is the interpreter that the image runs, nil when it has none that can be understood.
	Python *pipwheel.Target `json:"python,omitempty"`
	// PythonNote says how it was found, or why there is none.
	PythonNote string `json:"pythonNote,omitempty"`
	// SiteDirs are the folders where the interpreter looks for packages, absolute, in its order.
	SiteDirs []string `json:"siteDirs,omitempty"`
	// Distributions are those in SiteDirs, sorted by normalised name (PEP 503); of several with one
	// name the first is the one that Python sees.
	Distributions []pipwheel.Distribution `json:"distributions,omitempty"`
	// Libc is the image's C library: the interpreter's, else the one in the standard folders.
	Libc pipwheel.Libc `json:"libc"`
	// Loader is where the interpreter's dynamic linker finds libraries.
	Loader Loader `json:"loader"`
	// Users and Groups are what /etc/passwd and /etc/group say, by name.
	Users  map[string]User `json:"users,omitempty"`
	Groups map[string]int  `json:"groups,omitempty"`
	// Notes are oddities of the base that a user should hear of.
	Notes []string `json:"notes,omitempty"`
	// Owned holds the files that RECORD lists for each distribution, by its metadata folder. It is large and seldom asked for: stored by itself, see
	// [Profile.EncodeOwned], and nil in a decoded profile.
	Owned map[string][]OwnedFile `json:"-"`
	// Tree holds all paths of the image; nil when a profile was decoded without it.
	Tree *rootfs.Tree `json:"-"`
}

// OwnedFile is a file of an installed distribution.
type OwnedFile struct {
	Path   string `json:"path"`             // relative to the image's root
	SHA256 string `json:"sha256,omitempty"` // in hexadecimal, as RECORD has it; not checked
}

// Platform is what an image's configuration says it runs on (image-spec, "Image Configuration").
type Platform struct {
	OS           string `json:"os"`
	Architecture string `json:"architecture"`
	Variant      string `json:"variant,omitempty"`
}

// User is a line of /etc/passwd (passwd(5)).
type User struct {
	UID  int    `json:"uid"`
	GID  int    `json:"gid"`
	Home string `json:"home,omitempty"`
}
