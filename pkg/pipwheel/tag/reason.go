package tag

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// How far a tag is from fitting. What the user can change most easily is nearest: another image of
// the same Python, another Python, another architecture. Version distances are added.
const (
	farLibc = (1 + iota) << 32
	farABI
	farPython
	farImplementation
	farLibcKind
	farMachine
	farSystem
)

// reason says what the tags that come nearest to i need; none of them fits.
func (i Interpreter) reason(tags []Tag) string {
	best := math.MaxInt
	var texts []string
	for _, t := range tags {
		code, codeText := i.codeNeed(t)
		place, placeText := i.placeNeed(t)
		n := code + place
		if n > best {
			continue
		}
		if n < best {
			best, texts = n, nil
		}
		text := codeText
		if text != "" && placeText != "" {
			text += " and "
		}
		if text += placeText; text != "" && !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	if len(texts) > maxNamed {
		texts = texts[:maxNamed]
	}
	if len(texts) == 0 {
		return "the combination of Python, ABI and platform is none that it supports"
	}
	return "they need " + strings.Join(texts, ", or ")
}

// codeNeed says what t demands of Python and ABI that i does not offer, and how far off that is; 0 when it fits.
func (i Interpreter) codeNeed(t Tag) (far int, text string) {
	probe := i
	probe.LibcKind, probe.LibcMajor, probe.LibcMinor, probe.Machine = "musl", 1, 0, "probe"
	fits := slices.ContainsFunc(Supported(probe), func(s Tag) bool { return s.Python == t.Python && s.ABI == t.ABI })
	if fits {
		return 0, ""
	}
	kind, major, minor, ok := parsePython(t.Python)
	if !ok {
		return farImplementation, "the interpreter " + t.Python
	}
	own := kind == "Python" || kind == implementation(i.Implementation)
	version := fmt.Sprintf("%s %d", kind, major)
	if minor >= 0 {
		version += "." + strconv.Itoa(minor)
	}
	newer := major > i.Major || major == i.Major && minor > i.Minor
	distance := abs(major-i.Major)<<16 + abs(max(minor, 0)-i.Minor)
	same := major == i.Major && minor == i.Minor
	switch {
	case !own:
		return farImplementation, version
	case t.ABI == "abi3t" && !i.FreeThreaded && !newer:
		return farABI, "a free-threaded interpreter (ABI abi3t)"
	case t.ABI == "abi3" && i.FreeThreaded && !newer:
		return farABI, "an interpreter with the GIL (ABI abi3)"
	case newer && (t.ABI == "abi3" || t.ABI == "abi3t" || t.ABI == "none" && kind == "Python"):
		return farPython + distance, version + " or newer"
	case !same || kind == "Python" && t.ABI == "none":
		return farPython + distance, version
	}
	return farABI, i.abiNeed(t)
}

// abiNeed is for a wheel of the interpreter's own version.
func (i Interpreter) abiNeed(t Tag) string {
	flags := strings.TrimPrefix(t.ABI, t.Python)
	switch {
	case flags == t.ABI:
		return "the ABI " + t.ABI
	case strings.Contains(flags, "t") && !i.FreeThreaded:
		return "a free-threaded interpreter (ABI " + t.ABI + ")"
	case !strings.Contains(flags, "t") && i.FreeThreaded:
		return "an interpreter with the GIL (ABI " + t.ABI + ")"
	case strings.Contains(flags, "d") && !i.Debug:
		return "a debug build (ABI " + t.ABI + ")"
	}
	return "the ABI " + t.ABI
}

// parsePython takes a Python tag apart; minor is -1 when it names the major version only.
func parsePython(s string) (kind string, major, minor int, ok bool) {
	kinds := map[string]string{"py": "Python", "cp": "CPython", "pp": "PyPy"}
	if len(s) < 3 || kinds[s[:2]] == "" || !digit(s[2]) {
		return "", 0, 0, false
	}
	minor = -1
	if len(s) > 3 {
		n, err := strconv.ParseUint(s[3:], 10, 16)
		if err != nil {
			return "", 0, 0, false
		}
		minor = int(n)
	}
	return kinds[s[:2]], int(s[2] - '0'), minor, true
}

func abs(n int) int { return max(n, -n) }
