package baseimage

import (
	"encoding/json"
	"fmt"
	"strings"
)

// parseVenv reads a pyvenv.cfg (PEP 405): key = value, keys in any case.
func parseVenv(text string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(text) {
		if k, v, ok := strings.Cut(line, "="); ok && len(out) < 100 {
			out[strings.ToLower(strings.TrimSpace(k))] = strings.TrimSpace(v)
		}
	}
	return out
}

// parseSysconfig reads the variables that matter of a _sysconfigdata file, which is a Python
// module with one dictionary, one item per line: strings in either quotes, numbers bare.
func parseSysconfig(text string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if _, item, ok := strings.Cut(line, "{"); ok && strings.HasPrefix(line, "build_time_vars") {
			line = strings.TrimSpace(item)
		}
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		key = unquote(strings.TrimSpace(key))
		switch key {
		case "ABIFLAGS", "EXT_SUFFIX", "LIBDIR", "MULTIARCH", "PLATLIBDIR", "Py_DEBUG", "Py_GIL_DISABLED", "SOABI", "VERSION", "prefix":
			out[key] = unquote(strings.TrimRight(strings.TrimSpace(value), ",}"))
		}
	}
	return out
}

func unquote(s string) string {
	if len(s) >= 2 && (s[0] == '\'' || s[0] == '"') && s[len(s)-1] == s[0] {
		return s[1 : len(s)-1]
	}
	return s
}

// parsePatchlevel returns the version that a patchlevel.h defines as PY_VERSION; the "+" of a
// build between two releases is left out.
func parsePatchlevel(text string) string {
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) >= 3 && f[0] == "#define" && f[1] == "PY_VERSION" {
			return strings.TrimSuffix(unquote(f[2]), "+")
		}
	}
	return ""
}

// details is what a build-details.json says (PEP 739).
type details struct {
	version      string // "3.14.0rc1"
	freeThreaded bool
	debug        bool
}

func parseDetails(text string) (details, bool) {
	var raw struct {
		Language struct {
			Version string `json:"version"`
			Info    struct {
				Major, Minor, Micro, Serial int
				ReleaseLevel                string
			} `json:"version_info"`
		} `json:"language"`
		Implementation struct {
			Name    string `json:"name"`
			Version struct {
				Major, Minor, Micro, Serial int
				ReleaseLevel                string
			} `json:"version"`
		} `json:"implementation"`
		ABI struct {
			Flags []string `json:"flags"`
		} `json:"abi"`
	}
	if err := json.Unmarshal([]byte(text), &raw); err != nil {
		return details{}, false
	}
	d := details{version: raw.Language.Version}
	i := raw.Language.Info
	if i.Major == 0 && raw.Implementation.Name == "cpython" { // CPython's implementation is the language
		i = raw.Implementation.Version
	}
	if i.Major > 0 {
		d.version = fmt.Sprintf("%d.%d.%d", i.Major, i.Minor, i.Micro)
		switch i.ReleaseLevel {
		case "alpha", "beta":
			d.version += fmt.Sprintf("%c%d", i.ReleaseLevel[0], i.Serial)
		case "candidate":
			d.version += fmt.Sprintf("rc%d", i.Serial)
		}
	}
	for _, f := range raw.ABI.Flags {
		d.freeThreaded = d.freeThreaded || f == "t"
		d.debug = d.debug || f == "d"
	}
	return d, true
}

// findMarks tells which of the words that distributions patch into CPython's installation schemes occur.
func findMarks(b []byte) map[string]bool {
	out := map[string]bool{}
	for _, w := range []string{"posix_local", "unix_local", "rpm_prefix", "RPM_BUILD_ROOT"} {
		if strings.Contains(string(b), w) {
			out[w] = true
		}
	}
	return out
}

// parseActivated returns the environment that the last `conda activate` of a shell's start file
// names: "base" when it names none, empty when there is no such line.
func parseActivated(text string) string {
	env := ""
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 2 || f[1] != "activate" || f[0] != "conda" && f[0] != "source" && f[0] != "." {
			continue
		}
		if env = "base"; len(f) > 2 && !strings.HasPrefix(f[2], "#") {
			env = strings.Trim(f[2], `"';`)
		}
	}
	return env
}
