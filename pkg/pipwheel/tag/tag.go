// Package tag says which wheels an interpreter can install, and why not the others.
//
// Tags follow PEP 425 with manylinux (PEP 600), musllinux (PEP 656) and the free-threaded stable
// ABI (PEP 803); wheel file names follow PEP 427 and the binary distribution format. Order and
// grammar are those of pypa's packaging, against which they are tested.
//
// [Supported] lists an interpreter's tags, best first; a [Set] of them ranks the tags of a file
// name ([ParseFilename]), the lower the better; of equal ranks the higher [CompareBuild] wins.
// [Explain] tells a user in one line why nothing fits.
package tag

// Tag is one compatibility tag: "cp311-abi3-manylinux_2_17_x86_64". Its parts are lower-case.
type Tag struct{ Python, ABI, Platform string }

// String joins the parts as file names do.
func (t Tag) String() string { return t.Python + "-" + t.ABI + "-" + t.Platform }

// Interpreter is what decides on tags.
type Interpreter struct {
	// Implementation is "cpython" or "pypy", as in PEP 508's implementation_name.
	Implementation string
	Major, Minor   int
	// FreeThreaded and Debug are build flags (ABI tags "t" and "d").
	FreeThreaded, Debug bool
	// Machine is the architecture as Python names it: "x86_64", "aarch64".
	Machine string
	// LibcKind is "glibc" or "musl", empty when the interpreter is static or its library unknown.
	LibcKind             string
	LibcMajor, LibcMinor int
}

// Set is the tags of an interpreter with their ranks.
type Set struct{ rank map[Tag]int }

// NewSet makes a Set of tags in order of preference, best first.
func NewSet(tags []Tag) *Set {
	s := &Set{rank: make(map[Tag]int, len(tags))}
	for i, t := range tags {
		if _, ok := s.rank[t]; !ok {
			s.rank[t] = i
		}
	}
	return s
}

// Rank is the position in the set of the best one of tags; ok is false if the set has none of them.
func (s *Set) Rank(tags []Tag) (rank int, ok bool) {
	for _, t := range tags {
		if r, found := s.rank[t]; found && (!ok || r < rank) {
			rank, ok = r, true
		}
	}
	return rank, ok
}
