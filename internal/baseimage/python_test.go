package baseimage

import (
	"debug/elf"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	. "github.com/layerpack/layerpack/internal/baseimage/fakebase"
	"github.com/layerpack/layerpack/pkg/pipwheel"
)

const amd64Linker = "/lib64/ld-linux-x86-64.so.2"

func program(path string) File {
	return Binary(path, 0o755, ELF{Machine: elf.EM_X86_64, Interp: amd64Linker})
}

func libc(path string, versions ...string) File {
	return Binary(path, 0o755, ELF{Machine: elf.EM_X86_64, Soname: "libc.so.6", Defines: append([]string{"libc.so.6"}, versions...)})
}

// stdlib is a Python installation below prefix.
func stdlib(prefix, dir string, more ...File) []File {
	return append([]File{
		program(prefix + "/bin/" + dir), Link(prefix+"/bin/python3", dir), Link(prefix+"/bin/python", "python3"),
		Text(prefix+"/lib/"+dir+"/os.py", 0o644, ""),
	}, more...)
}

func join(parts ...[]File) []File {
	var out []File
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// Where pip installs, in images of every kind that people build on. Expected values were taken
// from what sysconfig and pip say in such images.
func TestFindInterpreter(t *testing.T) {
	glibc := []File{Link("lib64", "usr/lib64"), libc("usr/lib/x86_64-linux-gnu/libc.so.6", "GLIBC_2.2.5", "GLIBC_2.36", "GLIBC_2.4", "GLIBC_PRIVATE")}
	g236 := pipwheel.Libc{Kind: "glibc", Major: 2, Minor: 36}
	posix := func(prefix, dir string) pipwheel.Scheme {
		return pipwheel.Scheme{
			Purelib: prefix + "/lib/" + dir + "/site-packages", Platlib: prefix + "/lib/" + dir + "/site-packages", Scripts: prefix + "/bin",
			Headers: prefix + "/include/" + dir, Data: prefix, Stdlib: prefix + "/lib/" + dir,
		}
	}
	debian := pipwheel.Scheme{
		Purelib: "/usr/local/lib/python3.11/dist-packages", Platlib: "/usr/local/lib/python3.11/dist-packages", Scripts: "/usr/local/bin",
		Headers: "/usr/local/include/python3.11", Data: "/usr/local", Stdlib: "/usr/lib/python3.11",
	}
	venv := posix("/opt/venv", "python3.11")
	venv.Headers, venv.Stdlib = "/opt/venv/include/site/python3.11", "/usr/local/lib/python3.11"
	fedora := posix("/usr/local", "python3.12")
	fedora.Platlib, fedora.Stdlib = "/usr/local/lib64/python3.12/site-packages", "/usr/lib64/python3.12"
	free := posix("/usr/local", "python3.13t")
	old := posix("/usr/local", "python3.6")
	old.Headers += "m"

	for _, c := range []struct {
		name  string
		env   []string
		files []File
		want  pipwheel.Target
		sites string
	}{
		{
			"docker-library, version from the headers",
			[]string{"PYTHON_VERSION=3.11.99"},
			join(glibc, stdlib("usr/local", "python3.11", Text("usr/local/include/python3.11/patchlevel.h", 0o644, "#define PY_VERSION \"3.11.9+\"\n"))),
			pipwheel.Target{Version: "3.11.9", Libc: g236, Executable: "/usr/local/bin/python3.11", Scheme: posix("/usr/local", "python3.11")},
			"/usr/local/lib/python3.11/site-packages",
		},
		{
			"version from the environment, if it agrees",
			[]string{"PYTHON_VERSION=3.11.4"},
			join(glibc, stdlib("usr/local", "python3.11")),
			pipwheel.Target{Version: "3.11.4", Libc: g236, Executable: "/usr/local/bin/python3.11", Scheme: posix("/usr/local", "python3.11")},
			"/usr/local/lib/python3.11/site-packages",
		},
		{
			"a newer Python beside the one that the environment speaks of; pip's own script names its program",
			[]string{"PYTHON_VERSION=3.11.4", "PATH=/opt/py/bin:/usr/bin"},
			join(glibc, stdlib("opt/py", "python3.12", Text("opt/py/bin/pip", 0o755, "#!/opt/py/bin/python\n"))),
			pipwheel.Target{Version: "3.12", Libc: g236, Executable: "/opt/py/bin/python", Scheme: posix("/opt/py", "python3.12")},
			"/opt/py/lib/python3.12/site-packages",
		},
		{
			"Debian's own, externally managed, version from dpkg",
			nil,
			join(glibc, stdlib("usr", "python3.11",
				Text("usr/lib/python3.11/EXTERNALLY-MANAGED", 0o644, "[externally-managed]\nError=use apt\n"),
				Dir("usr/lib/python3/dist-packages", 0o755),
				Text("var/lib/dpkg/status", 0o644, "Package: python3.11-minimal\nStatus: install ok installed\nVersion: 3.11.2-6+deb12u1\n\nPackage: zlib1g\nVersion: 1\n"))),
			pipwheel.Target{Version: "3.11.2", Libc: g236, Executable: "/usr/bin/python3", Scheme: debian, ExternallyManaged: "[externally-managed]\nError=use apt\n"},
			"/usr/local/lib/python3.11/dist-packages /usr/lib/python3/dist-packages /usr/lib/python3.11/dist-packages",
		},
		{
			"Fedora, two libdirs",
			nil,
			join(glibc, []File{
				program("usr/bin/python3.12"), Link("usr/bin/python3", "python3.12"), Text("usr/lib64/python3.12/os.py", 0o644, ""),
				Text("usr/lib64/python3.12/sysconfig.py", 0o644, "'rpm_prefix': {"), Dir("usr/lib/python3.12/site-packages", 0o755),
			}),
			pipwheel.Target{Version: "3.12", Libc: g236, Executable: "/usr/bin/python3", Scheme: fedora},
			"/usr/local/lib64/python3.12/site-packages /usr/local/lib/python3.12/site-packages /usr/lib64/python3.12/site-packages /usr/lib/python3.12/site-packages",
		},
		{
			"virtual environment",
			[]string{"PATH=/opt/venv/bin:/usr/local/bin"},
			join(glibc, stdlib("usr/local", "python3.11", Text("usr/local/lib/python3.11/EXTERNALLY-MANAGED", 0o644, "not for it")), []File{
				Text("opt/venv/pyvenv.cfg", 0o644, "home = /usr/local/bin\ninclude-system-site-packages = false\nversion = 3.11.7\n"),
				Link("opt/venv/bin/python", "/usr/local/bin/python3.11"), Link("opt/venv/bin/python3", "python"), Link("opt/venv/bin/python3.11", "python"),
			}),
			pipwheel.Target{Version: "3.11.7", Libc: g236, Executable: "/opt/venv/bin/python3.11", Scheme: venv, Virtual: true},
			"/opt/venv/lib/python3.11/site-packages",
		},
		{
			"virtual environment by copies, with system packages, made by uv",
			[]string{"PATH=/opt/venv/bin:/usr/local/bin"},
			join(glibc, stdlib("usr/local", "python3.11"), []File{
				Text("opt/venv/pyvenv.cfg", 0o644, "Home=/usr/local/bin\nversion_info = 3.11.6.final.0\nInclude-System-Site-Packages = TRUE\n"),
				program("opt/venv/bin/python"), program("opt/venv/bin/python3"),
			}),
			pipwheel.Target{Version: "3.11.6", Libc: g236, Executable: "/opt/venv/bin/python3", Scheme: venv, Virtual: true},
			"/opt/venv/lib/python3.11/site-packages /usr/local/lib/python3.11/site-packages",
		},
		{
			"a link to a far installation, as uv makes them",
			nil,
			join(glibc, stdlib("root/.local/share/uv/python/cpython-3.11.9", "python3.11"), []File{Link("usr/local/bin/python3", "/root/.local/share/uv/python/cpython-3.11.9/bin/python3.11")}),
			pipwheel.Target{Version: "3.11", Libc: g236, Executable: "/root/.local/share/uv/python/cpython-3.11.9/bin/python3.11", Scheme: posix("/root/.local/share/uv/python/cpython-3.11.9", "python3.11")},
			"/root/.local/share/uv/python/cpython-3.11.9/lib/python3.11/site-packages",
		},
		{
			"Prefect's conda flavour",
			[]string{"PATH=/opt/conda/bin:/usr/bin"},
			join(glibc, stdlib("opt/conda", "python3.12", Dir("opt/conda/conda-meta", 0o755)), stdlib("opt/conda/envs/prefect", "python3.11"), []File{
				Text("opt/conda/envs/prefect/conda-meta/python-3.11.9-h955ad1f_0.json", 0o644, "{}"), Text("opt/conda/envs/prefect/conda-meta/python-dateutil-2.9-x.json", 0o644, "{}"),
				Text("root/.bashrc", 0o644, ". /opt/conda/etc/profile.d/conda.sh\nconda activate base\nconda activate prefect\n"),
			}),
			pipwheel.Target{Version: "3.11.9", Libc: g236, Executable: "/opt/conda/envs/prefect/bin/python3.11", Scheme: posix("/opt/conda/envs/prefect", "python3.11")},
			"/opt/conda/envs/prefect/lib/python3.11/site-packages",
		},
		{
			"free-threaded 3.13, usr merged",
			nil,
			join(glibc, stdlib("usr/local", "python3.13t", Text("usr/local/lib/python3.13t/_sysconfigdata_t_linux_x86_64-linux-gnu.py", 0o644, "build_time_vars = {'ABIFLAGS': 't',\n 'Py_GIL_DISABLED': 1,\n 'PLATLIBDIR': 'lib'}\n"))),
			pipwheel.Target{Version: "3.13", FreeThreaded: true, Libc: g236, Executable: "/usr/local/bin/python3.13t", Scheme: free},
			"/usr/local/lib/python3.13t/site-packages",
		},
		{
			"3.14 says it in build-details.json",
			nil,
			join(glibc, stdlib("usr/local", "python3.14", Text("usr/local/lib/python3.14/build-details.json", 0o644,
				`{"language":{"version":"3.14","version_info":{"major":3,"minor":14,"micro":0,"releaselevel":"candidate","serial":2}},"abi":{"flags":["d"]}}`))),
			pipwheel.Target{Version: "3.14.0rc2", Debug: true, Libc: g236, Executable: "/usr/local/bin/python3.14", Scheme: posix("/usr/local", "python3.14")},
			"/usr/local/lib/python3.14/site-packages",
		},
		{
			"3.6 has an m",
			nil,
			join(glibc, stdlib("usr/local", "python3.6",
				Text("usr/local/lib/python3.6/_sysconfigdata_m_linux_x86_64-linux-gnu.py", 0o644, "build_time_vars = {'ABIFLAGS': 'm',\n 'Py_DEBUG': 0}\n"),
				Text("usr/local/include/python3.6m/patchlevel.h", 0o644, "#define PY_VERSION \"3.6.15\"\n"))),
			pipwheel.Target{Version: "3.6.15", Libc: g236, Executable: "/usr/local/bin/python3.6", Scheme: old},
			"/usr/local/lib/python3.6/site-packages",
		},
		{
			"Alpine: musl's version from apk",
			nil,
			append(stdlib("usr", "python3.12", Text("lib/apk/db/installed", 0o644, "P:musl\nV:1.2.5-r9\n\nP:python3\nV:3.12.3-r1\n"), Text("lib/ld-musl-x86_64.so.1", 0o755, "")),
				Binary("usr/bin/python3.12", 0o755, ELF{Machine: elf.EM_X86_64, Interp: "/lib/ld-musl-x86_64.so.1"})),
			pipwheel.Target{Version: "3.12.3", Libc: pipwheel.Libc{Kind: "musl", Major: 1, Minor: 2}, Executable: "/usr/bin/python3.12", Scheme: posix("/usr", "python3.12")},
			"/usr/lib/python3.12/site-packages",
		},
		{
			"PyPy",
			[]string{"PATH=/opt/pypy/bin"},
			join(glibc, []File{
				program("opt/pypy/bin/pypy3.10"), Link("opt/pypy/bin/python3", "pypy3"), Link("opt/pypy/bin/pypy3", "pypy3.10"),
				Text("opt/pypy/lib/pypy3.10/os.py", 0o644, ""), Text("opt/pypy/include/pypy3.10/patchlevel.h", 0o644, "#define PY_VERSION \"3.10.14\"\n"),
			}),
			pipwheel.Target{Version: "3.10.14", Implementation: "pypy", Libc: g236, Executable: "/opt/pypy/bin/pypy3.10", Scheme: posix("/opt/pypy", "pypy3.10")},
			"/opt/pypy/lib/pypy3.10/site-packages",
		},
		{
			"only a name with a version, the newest",
			nil,
			join(glibc, []File{program("usr/bin/python3.9"), program("usr/bin/python3.11"), Text("usr/lib/python3.9/os.py", 0o644, ""), Text("usr/lib/python3.11/os.py", 0o644, "")}),
			pipwheel.Target{Version: "3.11", Libc: g236, Executable: "/usr/bin/python3.11", Scheme: posix("/usr", "python3.11")},
			"/usr/lib/python3.11/site-packages",
		},
		{
			"a program without a version in its name",
			nil,
			join(glibc, []File{program("usr/bin/python3"), Text("usr/lib/python3.11/os.py", 0o644, ""), Dir("usr/lib/python3.9", 0o755)}),
			pipwheel.Target{Version: "3.11", Libc: g236, Executable: "/usr/bin/python3", Scheme: posix("/usr", "python3.11")},
			"/usr/lib/python3.11/site-packages",
		},
	} {
		p := testBase{arch: "amd64", env: c.env, tars: [][]byte{tarOf(t, c.files...)}}.read(t)
		if p.Python == nil {
			t.Errorf("%s: none found: %s", c.name, p.PythonNote)
			continue
		}
		c.want.Machine = "x86_64"
		if c.want.Implementation == "" {
			c.want.Implementation = "cpython"
		}
		if diff := cmp.Diff(c.want, *p.Python); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if got := strings.Join(p.SiteDirs, " "); got != c.sites {
			t.Errorf("%s: looks in\n%s, want\n%s", c.name, got, c.sites)
		}
	}
}

func TestNoInterpreter(t *testing.T) {
	for want, files := range map[string][]File{
		"no python3 in PATH":               {program("bin/sh")},
		"another program":                  {Text("usr/bin/python3", 0o755, "#!/bin/sh\nexec pyenv exec python3\n")},
		"no standard library":              {program("usr/bin/python3.11"), Link("usr/bin/python3", "python3.11")},
		"no python3 in PATH (/usr/local/s": {Link("usr/bin/python3", "python3")},
	} {
		p := testBase{arch: "amd64", tars: [][]byte{tarOf(t, files...)}}.read(t)
		if p.Python != nil || !strings.Contains(p.PythonNote, want) {
			t.Errorf("found %+v, note %q, want none and a note with %q", p.Python, p.PythonNote, want)
		}
	}
}

func TestNotes(t *testing.T) {
	two := []string{"PATH=/opt/conda/bin"}
	for want, b := range map[string]testBase{
		"built for x86_64": {arch: "arm64", tars: [][]byte{tarOf(t, stdlib("usr/local", "python3.11")...)}},
		"names no dynamic linker": {arch: "amd64", tars: [][]byte{tarOf(t, append(stdlib("usr/local", "python3.11"),
			Binary("usr/local/bin/python3.11", 0o755, ELF{Machine: elf.EM_X86_64}))...)}},
		"C library is not known": {arch: "amd64", tars: [][]byte{tarOf(t, append(stdlib("usr/local", "python3.11"),
			Binary("usr/local/bin/python3.11", 0o755, ELF{Machine: elf.EM_X86_64, Interp: "/system/bin/linker64"}))...)}},
		"version of glibc was not found": {arch: "amd64", tars: [][]byte{tarOf(t, stdlib("usr/local", "python3.11")...)}},
		"has no metadata with a name":    {arch: "amd64", tars: [][]byte{tarOf(t, stdlib("usr/local", "python3.11", Text("usr/local/lib/python3.11/site-packages/x-1.dist-info/REQUESTED", 0o644, ""))...)}},
		"activates, has none": {arch: "amd64", env: two, tars: [][]byte{tarOf(t, stdlib("opt/conda", "python3.12", Dir("opt/conda/conda-meta", 0o755),
			Text("root/.bashrc", 0o644, "conda activate gone\n"))...)}},
	} {
		p := b.read(t)
		if all := strings.Join(append(p.Notes, p.PythonNote), "\n"); p.Python == nil || !strings.Contains(all, want) {
			t.Errorf("notes %q, want one with %q", all, want)
		}
	}
}

// An image without Python still has a C library.
func TestLibcWithoutPython(t *testing.T) {
	for _, c := range []struct {
		files []File
		want  pipwheel.Libc
	}{
		{[]File{libc("lib/x86_64-linux-gnu/libc-2.31.so", "GLIBC_2.31"), Link("lib/x86_64-linux-gnu/libc.so.6", "libc-2.31.so")}, pipwheel.Libc{Kind: "glibc", Major: 2, Minor: 31}},
		{[]File{libc("usr/lib64/libc.so.6", "GLIBC_2.5", "GLIBC_2.17", "GLIBC_2.9"), Link("lib64", "usr/lib64")}, pipwheel.Libc{Kind: "glibc", Major: 2, Minor: 17}},
		{[]File{Text("lib/ld-musl-aarch64.so.1", 0o755, "\x7fELF\x02\x01\x01 any code \x001.2.4\x00 and more \x001.0\x00")}, pipwheel.Libc{Kind: "musl", Major: 1, Minor: 2}},
		{nil, pipwheel.Libc{}},
	} {
		if got := (testBase{arch: "amd64", tars: [][]byte{tarOf(t, c.files...)}}).read(t).Libc; got != c.want {
			t.Errorf("libc %+v, want %+v", got, c.want)
		}
	}
}
