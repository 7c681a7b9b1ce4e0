// Package pipwheel reads wheels strictly and says which files pip would write for them.
//
// It follows the binary distribution format (PEP 427 and the packaging specifications) and
// refuses what two readers could understand differently. It never extracts: a wheel and a
// [Target] become a list of entries for a layer, and [github.com/layerpack/layerpack/pkg/layers]
// writes them.
package pipwheel

// Target is the interpreter of a base image, found by reading the image's files.
//
// All paths are absolute, slash-separated paths in the image.
type Target struct {
	// Version is the interpreter's version, "3.11.2", or "3.11" where the last part is not known.
	Version string `json:"version"`
	// Implementation is "cpython" or "pypy", as in PEP 508's implementation_name.
	Implementation string `json:"implementation"`
	// FreeThreaded and Debug are build flags of the interpreter (ABI tags "t" and "d").
	FreeThreaded bool `json:"freeThreaded,omitempty"`
	Debug        bool `json:"debug,omitempty"`
	// Machine is the image's architecture as Python names it (PEP 508 platform_machine): "x86_64", "aarch64".
	Machine string `json:"machine"`
	// Libc is the C library the interpreter is linked with.
	Libc Libc `json:"libc"`
	// Executable is what launchers name in their shebang: "/usr/local/bin/python3.11".
	Executable string `json:"executable"`
	// Scheme is where the parts of a wheel go.
	Scheme Scheme `json:"scheme"`
	// Virtual says that the interpreter is a virtual environment's (PEP 405).
	Virtual bool `json:"virtual,omitempty"`
	// ExternallyManaged is the text of the EXTERNALLY-MANAGED file (PEP 668), empty without one.
	ExternallyManaged string `json:"externallyManaged,omitempty"`
}

// Libc is a C library and its version.
type Libc struct {
	// Kind is "glibc" or "musl", or empty when the interpreter is static or its library unknown.
	Kind  string `json:"kind,omitempty"`
	Major int    `json:"major,omitempty"`
	Minor int    `json:"minor,omitempty"`
}

// Scheme is an installation scheme as Python's sysconfig names its parts.
type Scheme struct {
	Purelib string `json:"purelib"` // "/usr/local/lib/python3.11/site-packages"
	Platlib string `json:"platlib"`
	Scripts string `json:"scripts"` // "/usr/local/bin"
	Headers string `json:"headers"` // "/usr/local/include/python3.11": a wheel's go into a folder with its name below
	Data    string `json:"data"`    // "/usr/local"
	Stdlib  string `json:"stdlib"`  // "/usr/local/lib/python3.11"
}

// Distribution is one that is installed in a base image (its .dist-info or .egg-info folder).
type Distribution struct {
	Name    string `json:"name"`    // as METADATA spells it
	Version string `json:"version"` // as METADATA spells it
	// Path is the metadata folder, relative to the image's root: "usr/local/lib/…/six-1.16.0.dist-info".
	Path string `json:"path"`
	// Record says that the folder has a RECORD file.
	Record bool `json:"record,omitempty"`
	// Requires holds the Requires-Dist lines of METADATA (core metadata specification), in order.
	Requires []string `json:"requires,omitempty"`
}
