package tag

import "strconv"

// Supported lists the tags of i, best first.
//
// The order is that of packaging.tags for such an interpreter on Linux. PyPy's ABI is taken to be
// pp73, that of every PyPy release since 2019.
func Supported(i Interpreter) []Tag {
	platforms := i.Platforms()
	var tags []Tag
	add := func(python, abi string) {
		for _, p := range platforms {
			tags = append(tags, Tag{python, abi, p})
		}
	}
	generic := "" // the interpreter's own tag in pure wheels
	switch i.Implementation {
	case "cpython":
		generic = i.cpython(i.Minor)
		for _, abi := range i.abis() {
			add(generic, abi)
		}
		stable := i.stableABI()
		if stable != "" {
			add(generic, stable)
		}
		add(generic, "none")
		for minor := i.Minor - 1; stable != "" && minor >= 2; minor-- {
			add(i.cpython(minor), stable)
		}
	case "pypy":
		generic = "pp3"
		add("pp"+i.nodot(i.Minor), "pypy"+i.nodot(i.Minor)+"_pp73")
		add("pp"+i.nodot(i.Minor), "none")
	default:
		add(i.Implementation+i.nodot(i.Minor), "none")
	}
	versions := i.pythons()
	for _, v := range versions {
		add(v, "none")
	}
	platforms = []string{"any"}
	if generic != "" {
		add(generic, "none")
	}
	for _, v := range versions {
		add(v, "none")
	}
	return tags
}

// abis lists CPython's ABI tags but the stable one.
func (i Interpreter) abis() []string {
	base := i.cpython(i.Minor)
	if i.freeThreaded() {
		base += "t"
	}
	switch {
	case i.before(3, 3):
		return []string{base + i.debug() + "mu"} // pymalloc, UCS-4: the usual build on Linux
	case i.before(3, 8):
		return []string{base + i.debug() + "m"}
	case i.Debug:
		return []string{base + "d", base} // a debug build loads modules of the other, since 3.8
	}
	return []string{base}
}

// stableABI is the tag of the limited API (PEP 384, PEP 803), empty before Python 3.2.
func (i Interpreter) stableABI() string {
	switch {
	case i.before(3, 2):
		return ""
	case i.freeThreaded():
		return "abi3t"
	}
	return "abi3"
}

// pythons lists the tags of pure Python code: this version, the major one, the older ones.
func (i Interpreter) pythons() []string {
	v := []string{"py" + i.nodot(i.Minor), "py" + strconv.Itoa(i.Major)}
	for minor := i.Minor - 1; minor >= 0; minor-- {
		v = append(v, "py"+i.nodot(minor))
	}
	return v
}

func (i Interpreter) freeThreaded() bool { return i.FreeThreaded && !i.before(3, 13) }

func (i Interpreter) debug() string {
	if i.Debug {
		return "d"
	}
	return ""
}

func (i Interpreter) before(major, minor int) bool {
	return i.Major < major || i.Major == major && i.Minor < minor
}

func (i Interpreter) cpython(minor int) string { return "cp" + i.nodot(minor) }

func (i Interpreter) nodot(minor int) string { return strconv.Itoa(i.Major) + strconv.Itoa(minor) }
