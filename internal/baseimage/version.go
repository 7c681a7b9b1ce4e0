package baseimage

import (
	"fmt"
	"strings"
)

// version is the interpreter's version as far as files tell, and its build flags. What says
// "3.11.9" counts only if it agrees with the 3.11 of the standard library's folder.
func (v *view) version(py *interpreter, cfg *imageConfig) (version string, freeThreaded, debug bool) {
	short := fmt.Sprintf("%d.%d", py.major, py.minor)
	vars := v.sysconfig(py)
	freeThreaded = strings.Contains(py.flags, "t") || vars["Py_GIL_DISABLED"] == "1"
	debug = strings.Contains(py.flags, "d") || vars["Py_DEBUG"] == "1"
	d, ok := parseDetails(v.read(py.stdlib + "/build-details.json").text)
	if ok {
		freeThreaded, debug = freeThreaded || d.freeThreaded, debug || d.debug
	}
	env, _ := cfg.env("PYTHON_VERSION")
	var own string
	if py.venv != "" {
		own = v.venvVersion(py)
	}
	for _, candidate := range []string{
		d.version,
		v.patchlevel(py),
		env,
		v.condaVersion(py.prefix),
		upstream(v.installed(fmt.Sprintf("python%s-minimal", short))),
		upstream(v.installed("python" + short)),
		upstream(v.installed("python3")),
		own,
	} {
		if rest, ok := strings.CutPrefix(candidate, short+"."); ok && rest != "" && strings.Trim(rest, "0123456789abcr") == "" {
			return candidate, freeThreaded, debug
		}
	}
	return short, freeThreaded, debug
}

func (v *view) patchlevel(py *interpreter) string {
	for _, flags := range []string{v.includeFlags(py), "", "m", "d"} {
		if version := parsePatchlevel(v.read(py.prefix + "/include/" + py.dir() + flags + "/patchlevel.h").text); version != "" {
			return version
		}
	}
	return ""
}

// venvVersion is what the tool that made the environment wrote: venv "version", virtualenv and uv
// "version_info", with release level and serial behind.
func (v *view) venvVersion(py *interpreter) string {
	cfg := parseVenv(v.read(py.venv + "/pyvenv.cfg").text)
	if cfg["version"] != "" {
		return cfg["version"]
	}
	parts := strings.Split(cfg["version_info"], ".")
	return strings.Join(parts[:min(len(parts), 3)], ".")
}
