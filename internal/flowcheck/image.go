package flowcheck

import (
	"errors"

	"github.com/layerpack/layerpack/internal/baseimage"
	"github.com/layerpack/layerpack/internal/check"
	"github.com/layerpack/layerpack/internal/rootfs"
	"github.com/layerpack/layerpack/pkg/pipwheel"
)

// ErrUnknown is what Image.Read returns for a file whose content is not at hand.
var ErrUnknown = errors.New("the content of this file is not known")

// Image is the image that the build would make. Paths are absolute in the image, or relative to its root.
type Image struct {
	// Tree holds all paths of the result: the base with every new layer applied.
	Tree *rootfs.Tree
	// Profile is the base's; its users, groups and SiteDirs count. May be nil.
	Profile *baseimage.Profile
	// Python is the interpreter that runs the flows; nil when there is none that is understood, and
	// then no import is judged.
	Python *pipwheel.Target
	// Installed is everything that will be installed, of several with one name the one that counts first.
	Installed []check.Distribution
	// Env is the environment of the image's configuration, the build's edits included.
	Env map[string]string
	// Workdir, User, Entrypoint and Cmd are those of the configuration, the build's edits included.
	Workdir, User   string
	Entrypoint, Cmd []string
	// Own are the paths of the project's own new files: of sources and --file, not of wheels.
	Own []string
	// Read returns the content of a file of Own, or of any other that the caller has at hand, such as
	// a wheel's *.pth. An error means that the content is not known. It is called with the path as in
	// Tree (relative, resolved), at most once for each file, and never for one over 8 MiB unless it ends in ".prefect".
	Read func(path string) ([]byte, error)
}

// Entrypoint is what a run loads.
type Entrypoint struct {
	// File is the script, absolute or relative to Dir. One that ends in ".prefect" is a pickled flow
	// of Prefect 1.
	File string
	// Module is the dotted name of the module, where there is no File.
	Module string
	// Name is what is loaded from it: a function, "Class.method"; of Prefect 1 the flow's own name. Empty: not known.
	Name string
	// Dir is the absolute working directory when it is loaded; empty for that of the image.
	Dir string
	// Assumed says that Dir, or what it holds, is only likely: what follows from it is a warning.
	Assumed bool
	// Fetched says that a pull step fetches the code: what the image holds of it is not judged.
	Fetched bool
	// Installs says that a pull step installs requirements before: a module that is missing may be there then.
	Installs bool
	// Steps says that pull steps are written, so that Prefect does not copy the working directory.
	Steps bool
	// Env is what the deployment's job variables set over the image's environment, and Unfilled names those
	// variables whose value only Prefect can fill in.
	Env      map[string]string
	Unfilled []string
	// Origin says who names it: "deployment daily (prefect.yaml:12)".
	Origin string
}

// Project is what is known of the flows that the image is for.
type Project struct {
	Entrypoints []Entrypoint
	// Discover takes the flows that the image's own files define for entrypoints, where Entrypoints is
	// empty: errors then, if no flow of the image could run, else warnings.
	Discover bool
	// Prefect is the prefect-version of prefect.yaml, which is the version that wrote the file; may be empty.
	Prefect string
	// Sources are the absolute folders that sources were put to.
	Sources []string
}
