package baseimage

import (
	"fmt"
	"path"
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel"
)

// scheme is where pip installs (sysconfig's schemes, with what distributions patch into them), and
// the folders where the interpreter finds packages, in its order, relative to the root.
func (v *view) scheme(py *interpreter) (pipwheel.Scheme, []string) {
	switch {
	case py.venv != "":
		s := v.posix(py, py.venv, "site-packages")
		s.Headers = strings.TrimSuffix(s.Data, "/") + "/include/site/" + py.dir()
		sites := sitesOf(s)
		if py.systemSite {
			base := *py
			base.venv = ""
			_, more := v.scheme(&base)
			sites = append(sites, more...)
		}
		return s, sites
	case v.isDebian(py):
		s := v.posix(py, path.Join(py.prefix, "local"), "dist-packages")
		return s, append(sitesOf(s), py.prefix+"/lib/python3/dist-packages", py.prefix+"/lib/"+py.dir()+"/dist-packages")
	case v.isFedora(py):
		s := v.posix(py, path.Join(py.prefix, "local"), "site-packages")
		return s, append(sitesOf(s), sitesOf(v.posix(py, py.prefix, "site-packages"))...)
	}
	s := v.posix(py, py.prefix, "site-packages")
	return s, sitesOf(s)
}

// posix is sysconfig's posix_prefix below prefix, with another name for site-packages if need be.
func (v *view) posix(py *interpreter, prefix, packages string) pipwheel.Scheme {
	root := "/" + prefix
	if prefix == "." {
		root = ""
	}
	libdir := py.libdir
	if value := v.sysconfig(py)["PLATLIBDIR"]; value == "lib" || value == "lib64" {
		libdir = value
	}
	data := root
	if data == "" {
		data = "/"
	}
	purelib, platlib := "lib", libdir
	if packages == "dist-packages" || py.pypy {
		platlib = "lib"
	}
	return pipwheel.Scheme{
		Purelib: fmt.Sprintf("%s/%s/%s/%s", root, purelib, py.dir(), packages),
		Platlib: fmt.Sprintf("%s/%s/%s/%s", root, platlib, py.dir(), packages),
		Scripts: root + "/bin",
		Headers: root + "/include/" + py.dir() + v.includeFlags(py),
		Data:    data,
		Stdlib:  "/" + py.stdlib,
	}
}

// sitesOf is a scheme's folders for packages, the platform's first as in site.py when they differ.
func sitesOf(s pipwheel.Scheme) []string {
	pure, plat := strings.Trim(s.Purelib, "/"), strings.Trim(s.Platlib, "/")
	if pure == plat {
		return []string{pure}
	}
	return []string{plat, pure}
}

// isDebian: Debian and its children install to /usr/local's dist-packages from the interpreter in
// /usr. Their patches name the scheme; images without sysconfig.py still have the folder.
func (v *view) isDebian(py *interpreter) bool {
	return py.prefix == "usr" && !py.pypy && (v.patched(py, "posix_local") || v.patched(py, "unix_local") || v.isDir("usr/lib/python3/dist-packages"))
}

// isFedora: Fedora and RHEL install to /usr/local too, under site-packages.
func (v *view) isFedora(py *interpreter) bool {
	return py.prefix == "usr" && !py.pypy && (v.patched(py, "rpm_prefix") || v.patched(py, "RPM_BUILD_ROOT"))
}

func (v *view) patched(py *interpreter, mark string) bool {
	for _, file := range []string{"sysconfig.py", "sysconfig/__init__.py", "distutils/command/install.py"} {
		if v.read(py.stdlib + "/" + file).marks[mark] {
			return true
		}
	}
	return false
}

// sysconfig is the variables of the build (_sysconfigdata_{abiflags}_{platform}_{multiarch}.py), the
// one with the program's own flags first: Debian keeps a debug build's beside it. Never nil.
func (v *view) sysconfig(py *interpreter) map[string]string {
	out := map[string]string{}
	for _, n := range v.list(py.stdlib) {
		name, ok := strings.CutPrefix(path.Base(n.Path), "_sysconfigdata_")
		vars := v.of(n).sysconfig
		if !ok || vars == nil {
			continue
		}
		if flags, _, _ := strings.Cut(name, "_"); flags == py.flags {
			return vars
		}
		if len(out) == 0 {
			out = vars
		}
	}
	return out
}

// includeFlags is what the headers' folder has after the version: "m" until Python 3.7, "d" of debug builds.
func (v *view) includeFlags(py *interpreter) string {
	flags := strings.TrimPrefix(v.sysconfig(py)["ABIFLAGS"], "t") // dir has the "t"
	if strings.Trim(flags, "dmu") != "" {
		return ""
	}
	return flags
}

// executable is what pip would write into scripts: what its own script there says, else the name
// with a version in the folder of scripts, else the name that PATH finds.
func (v *view) executable(py *interpreter, s pipwheel.Scheme) string {
	own, _ := v.resolve(py.found)
	same := func(at string) bool {
		n, ok := v.resolve(at)
		return ok && n.Path == own.Path
	}
	for _, name := range []string{"pip", "pip3"} {
		line, _, _ := strings.Cut(v.read(s.Scripts+"/"+name).text, "\n")
		if at, ok := strings.CutPrefix(line, "#!/"); ok && !strings.ContainsAny(at, " \t\r") && same(at) {
			return "/" + at
		}
	}
	if at := s.Scripts + "/" + py.dir(); same(at) {
		return at
	}
	return "/" + py.found
}
