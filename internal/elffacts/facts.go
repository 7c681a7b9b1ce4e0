package elffacts

import (
	"fmt"
	"strconv"
	"strings"
)

// Kinds of ELF files (System V ABI, e_type).
const (
	Relocatable = "rel" // an object file: nothing loads it
	Executable  = "exec"
	Shared      = "dyn" // a shared library, or an executable that runs at any address
	Core        = "core"
)

// Facts are what an ELF file needs and offers. The zero value of a field means that the file does
// not say. Names that are no UTF-8 have U+FFFD in place of the bytes that are not.
type Facts struct {
	// Machine is what the file runs on as Python names it (platform_machine): "x86_64", "aarch64",
	// "arm" for all 32-bit ARM; "elf-N" for machine N without a name here.
	Machine string `json:"machine"`
	// Class is the width of an address in bits, 32 or 64.
	Class int `json:"class"`
	// BigEndian is the byte order.
	BigEndian bool `json:"bigEndian,omitempty"`
	// Type is [Relocatable], [Executable], [Shared], [Core], or "N" for another e_type.
	Type string `json:"type"`
	// Soname is the name under which others need the file (DT_SONAME).
	Soname string `json:"soname,omitempty"`
	// Needed are the libraries that must be there when it is loaded (DT_NEEDED), in the file's order, each once.
	Needed []string `json:"needed,omitempty"`
	// Rpath and Runpath are the folders in which it wants them searched, $ORIGIN and the like not
	// replaced. Rpath is empty in a file with DT_RUNPATH, since loaders ignore it there.
	Rpath   []string `json:"rpath,omitempty"`
	Runpath []string `json:"runpath,omitempty"`
	// Interp is the dynamic linker that an executable asks for (PT_INTERP).
	Interp string `json:"interp,omitempty"`
	// Versions are the symbol versions that it needs of a library, by the library's name, sorted: of
	// "libc.so.6" "GLIBC_2.17". Weak ones, without which it is loaded all the same, are left out.
	Versions map[string][]string `json:"versions,omitempty"`
	// GlibcNeeded is the highest GLIBC_x.y among Versions; GLIBC_PRIVATE and GLIBC_ABI_* do not count.
	GlibcNeeded Version `json:"glibcNeeded,omitzero"`
	// Broken says what of the file cannot be understood; what could be is in the other fields.
	Broken string `json:"broken,omitempty"`
}

// Loadable reports whether the dynamic linker or the kernel would load such a file.
func (f *Facts) Loadable() bool {
	return f.Type == Executable || f.Type == Shared
}

// Version is a version of the GNU C library. The zero value is none.
type Version struct{ Major, Minor int }

// Less orders versions.
func (v Version) Less(o Version) bool {
	return v.Major < o.Major || v.Major == o.Major && v.Minor < o.Minor
}

// IsZero reports whether v is none.
func (v Version) IsZero() bool { return v == Version{} }

// String writes "2.28".
func (v Version) String() string { return strconv.Itoa(v.Major) + "." + strconv.Itoa(v.Minor) }

// MarshalText is String.
func (v Version) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads what String writes; a third number ("2.2.5") is ignored.
func (v *Version) UnmarshalText(text []byte) error {
	got, ok := parseVersion(string(text))
	if !ok {
		return fmt.Errorf("%.40q is no version of the C library", text)
	}
	*v = got
	return nil
}

// glibcVersion reads the name of a symbol version: "GLIBC_2.28", "GLIBC_2.2.5".
func glibcVersion(name string) (Version, bool) {
	v, ok := strings.CutPrefix(name, "GLIBC_")
	if !ok {
		return Version{}, false
	}
	return parseVersion(v)
}

func parseVersion(s string) (Version, bool) {
	major, rest, ok := strings.Cut(s, ".")
	minor, _, _ := strings.Cut(rest, ".")
	a, err1 := strconv.ParseUint(major, 10, 15)
	b, err2 := strconv.ParseUint(minor, 10, 15)
	return Version{int(a), int(b)}, ok && err1 == nil && err2 == nil
}
