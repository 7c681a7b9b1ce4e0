package elffacts

import (
	"bytes"
	"debug/elf"
	"fmt"
	"slices"
	"strings"
)

const (
	maxName    = 4096    // bytes of a library's or version's name
	maxStrings = 1 << 20 // bytes of all names of a file
	maxNeeds   = 4096    // needed versions
)

// table is what the dynamic segment says, names as offsets into the string table.
type table struct {
	needed                 []uint64
	soname, rpath, runpath *uint64
	strtab, strsz          uint64
	verneed, verneednum    uint64
}

// readDynamic reads the dynamic segment (System V ABI, "Dynamic Section").
func (f *file) readDynamic(s *segment) (*table, error) {
	b, err := f.at(s.offset, int(min(s.size, maxWindow)))
	if err != nil {
		return nil, err
	}
	if uint64(len(b)) < min(s.size, maxWindow) {
		return nil, errBroken("its dynamic segment lies outside of it")
	}
	t := &table{}
	step := 8
	if f.wide {
		step = 16
	}
	for ; len(b) >= step; b = b[step:] {
		var tag elf.DynTag
		var value uint64
		if f.wide {
			// Tags of any meaning fit into 32 bits; others are none of ours.
			tag, value = elf.DynTag(min(f.order.Uint64(b), 1<<32)), f.order.Uint64(b[8:])
		} else {
			tag, value = elf.DynTag(f.order.Uint32(b)), uint64(f.order.Uint32(b[4:]))
		}
		switch tag {
		case elf.DT_NULL:
			return t, nil
		case elf.DT_NEEDED:
			t.needed = append(t.needed, value)
		case elf.DT_SONAME:
			t.soname = &value
		case elf.DT_RPATH:
			t.rpath = &value
		case elf.DT_RUNPATH:
			t.runpath = &value
		case elf.DT_STRTAB:
			t.strtab = value
		case elf.DT_STRSZ:
			t.strsz = value
		case elf.DT_VERNEED:
			t.verneed = value
		case elf.DT_VERNEEDNUM:
			t.verneednum = value
		}
	}
	if s.size > maxWindow {
		return nil, errBroken(fmt.Sprintf("its dynamic segment has %d bytes; %d are read", s.size, maxWindow))
	}
	return t, nil
}

// need is a version that the file needs of a library, names as offsets into the string table.
type need struct{ file, version uint64 }

// resolve turns the table's offsets into names.
func (f *file) resolve(t *table) error {
	needs, err := f.readNeeds(t)
	if err != nil {
		return err
	}
	wanted := slices.Clone(t.needed)
	for _, p := range []*uint64{t.soname, t.rpath, t.runpath} {
		if p != nil {
			wanted = append(wanted, *p)
		}
	}
	for _, n := range needs {
		wanted = append(wanted, n.file, n.version)
	}
	names, err := f.names(t, wanted)
	if err != nil {
		return err
	}
	f.facts.fill(t, needs, names)
	return nil
}

func (f *Facts) fill(t *table, needs []need, names map[uint64]string) {
	for _, n := range t.needed {
		if name := names[n]; name != "" && !slices.Contains(f.Needed, name) {
			f.Needed = append(f.Needed, name)
		}
	}
	if t.soname != nil {
		f.Soname = names[*t.soname]
	}
	if t.runpath != nil {
		f.Runpath = folders(names[*t.runpath])
	} else if t.rpath != nil {
		f.Rpath = folders(names[*t.rpath])
	}
	if len(needs) == 0 {
		return
	}
	f.Versions = map[string][]string{}
	for _, n := range needs {
		lib, v := names[n.file], names[n.version]
		f.Versions[lib] = append(f.Versions[lib], v)
		if g, ok := glibcVersion(v); ok && f.GlibcNeeded.Less(g) {
			f.GlibcNeeded = g
		}
	}
	for lib, versions := range f.Versions {
		slices.Sort(versions)
		f.Versions[lib] = slices.Compact(versions)
	}
}

// folders takes a search path apart (ld.so(8)); empty parts, which mean the working directory, are left out.
func folders(path string) []string {
	var out []string
	for s := range strings.SplitSeq(path, ":") {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

// names reads the strings at the given offsets of the string table, in the order in which they lie there.
func (f *file) names(t *table, wanted []uint64) (map[uint64]string, error) {
	offsets := slices.Clone(wanted)
	slices.Sort(offsets)
	offsets = slices.Compact(offsets)
	out := make(map[uint64]string, len(offsets))
	start, room := f.offsetOf(t.strtab)
	room = min(room, t.strsz)
	for _, o := range offsets {
		if o >= room {
			return nil, errBroken("a name lies outside of its string table")
		}
		s, err := f.name(start+o, room-o)
		if err != nil {
			return nil, err
		}
		out[o] = strings.ToValidUTF8(s, "\uFFFD")
	}
	total := 0 // of what the facts will hold, where a name may stand many times
	for _, o := range wanted {
		if total += len(out[o]); total > maxStrings {
			return nil, errBroken(fmt.Sprintf("its names have more than %d bytes", maxStrings))
		}
	}
	return out, nil
}

// name reads a string that ends in a NUL. Search paths may be long, so a second, larger look is taken.
func (f *file) name(off, room uint64) (string, error) {
	for _, n := range []uint64{maxName, maxWindow} {
		b, err := f.at(off, int(min(n, room)))
		if err != nil {
			return "", err
		}
		if i := bytes.IndexByte(b, 0); i >= 0 {
			return string(b[:i]), nil
		}
	}
	return "", errBroken("a name in its string table has no end")
}

// readNeeds reads the versions that the file needs (LSB, "Version Requirements").
func (f *file) readNeeds(t *table) ([]need, error) {
	if t.verneed == 0 || t.verneednum == 0 {
		return nil, nil
	}
	start, room := f.offsetOf(t.verneed)
	w, err := f.at(start, int(min(room, maxWindow)))
	if err != nil {
		return nil, err
	}
	var out []need
	outside := errBroken("the list of the versions it needs lies outside of it")
	steps := 0
	for at := uint64(0); ; {
		if steps++; at+16 > uint64(len(w)) {
			return nil, outside
		}
		file, next := uint64(f.order.Uint32(w[at+4:])), uint64(f.order.Uint32(w[at+12:]))
		aux := at + uint64(f.order.Uint32(w[at+8:]))
		for range f.order.Uint16(w[at+2:]) {
			if steps++; steps > maxNeeds {
				return nil, errBroken(fmt.Sprintf("it needs more than %d versions", maxNeeds))
			}
			if aux+16 > uint64(len(w)) {
				return nil, outside
			}
			if elf.DynamicVersionFlag(f.order.Uint16(w[aux+4:]))&elf.VER_FLG_WEAK == 0 {
				out = append(out, need{file, uint64(f.order.Uint32(w[aux+8:]))})
			}
			step := uint64(f.order.Uint32(w[aux+12:]))
			if step == 0 {
				break
			}
			aux += step
		}
		if t.verneednum--; t.verneednum == 0 || next == 0 {
			return out, nil
		}
		at += next
	}
}

// offsetOf is where an address lies in the file, and how many bytes the file has from there on in
// the same segment.
func (f *file) offsetOf(address uint64) (off, room uint64) {
	for _, s := range f.segments {
		if s.kind == elf.PT_LOAD && address >= s.address && address-s.address < s.size {
			skip := address - s.address
			if s.offset > 1<<62 || skip > 1<<62 {
				break
			}
			return s.offset + skip, s.size - skip
		}
	}
	return f.size, 0
}
