package fakebase

import (
	"debug/elf"
	"fmt"
	"strings"
)

type arch struct {
	machine           elf.Machine
	variant           string
	multiarch, linker string
	linkerDir         string
}

func archOf(name string) (arch, bool) {
	switch name {
	case "amd64":
		return arch{elf.EM_X86_64, "", "x86_64-linux-gnu", "ld-linux-x86-64.so.2", "lib64"}, true
	case "arm64":
		return arch{elf.EM_AARCH64, "v8", "aarch64-linux-gnu", "ld-linux-aarch64.so.1", "lib"}, true
	}
	return arch{}, false
}

// debian is what debian:bookworm-slim and Prefect's apt-get bring.
func debian(a arch) []File {
	triplet := "usr/lib/" + a.multiarch
	libc := ELF{Machine: a.machine, Soname: "libc.so.6", Needed: []string{a.linker}, Defines: glibcVersions(36)}
	ld := ELF{Machine: a.machine, Soname: a.linker}
	return []File{
		Link("bin", "usr/bin"), Link("lib", "usr/lib"), Link("lib64", "usr/lib64"), Link("sbin", "usr/sbin"),
		Dir("dev", 0o755), Dir("etc", 0o755), Dir("home", 0o755), Dir("opt", 0o755), Dir("proc", 0o555),
		Text("etc/group", 0o644, "root:x:0:\ndaemon:x:1:\nstaff:x:50:\nnogroup:x:65534:\n"),
		Text("etc/ld.so.conf", 0o644, "include /etc/ld.so.conf.d/*.conf\n"),
		Dir("etc/ld.so.conf.d", 0o755),
		Text("etc/ld.so.conf.d/libc.conf", 0o644, "# libc default configuration\n/usr/local/lib\n"),
		Text("etc/os-release", 0o644, "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n"),
		Text("etc/passwd", 0o644, "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n"+
			"nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"),
		Dir("root", 0o700), Dir("run", 0o755), Dir("sys", 0o555), Dir("tmp", 0o1777),
		Text("root/.bashrc", 0o644, "# ~/.bashrc: executed by bash(1) for non-login shells.\n"),
		Dir("usr", 0o755), Dir("usr/bin", 0o755), Dir("usr/lib", 0o755), Dir("usr/lib64", 0o755), Dir("usr/sbin", 0o755),
		Dir("usr/local", 0o755), Dir("usr/local/bin", 0o755), Dir("usr/local/lib", 0o755), Dir("usr/share", 0o755),
		Binary("usr/bin/bash", 0o755, ELF{Machine: a.machine, Interp: "/" + a.linkerDir + "/" + a.linker, Needed: []string{"libc.so.6"}}),
		Link("usr/bin/sh", "bash"),
		Binary("usr/bin/tini", 0o755, ELF{Machine: a.machine, Interp: "/" + a.linkerDir + "/" + a.linker, Needed: []string{"libc.so.6"}}),
		Dir(triplet, 0o755),
		Binary(triplet+"/"+a.linker, 0o755, ld),
		Link("usr/"+a.linkerDir+"/"+a.linker, "/lib/"+a.multiarch+"/"+a.linker),
		Binary(triplet+"/libc.so.6", 0o755, libc),
		Binary(triplet+"/libm.so.6", 0o644, ELF{
			Machine: a.machine, Soname: "libm.so.6", Needed: []string{"libc.so.6"},
			Defines: []string{"libm.so.6", "GLIBC_2.17", "GLIBC_2.29"},
		}),
		Dir("var", 0o755), Dir("var/lib", 0o755), Dir("var/tmp", 0o1777),
	}
}

// glibcVersions is what a glibc 2.minor defines: itself, every version and the private ones.
func glibcVersions(minor int) []string {
	names := []string{"libc.so.6", "GLIBC_2.2.5"}
	for n := 3; n <= minor; n++ {
		names = append(names, fmt.Sprintf("GLIBC_2.%d", n))
	}
	return append(names, "GLIBC_ABI_DT_RELR", "GLIBC_PRIVATE")
}

// python is what docker-library's python:3.11-slim adds, with pip in it.
func python(a arch) []File {
	const lib, site = "usr/local/lib/python3.11", "usr/local/lib/python3.11/site-packages"
	soabi := "cpython-311-" + a.multiarch
	interp := ELF{
		Machine: a.machine, Interp: "/" + a.linkerDir + "/" + a.linker,
		Needed: []string{"libpython3.11.so.1.0", "libc.so.6"}, Runpath: "$ORIGIN/../lib",
	}
	sysconfig := "# system configuration generated and used by the sysconfig module\nbuild_time_vars = {" + strings.Join([]string{
		"'ABIFLAGS': ''", "'EXT_SUFFIX': '." + soabi + ".so'", "'LIBDIR': '/usr/local/lib'", "'MULTIARCH': '" + a.multiarch + "'",
		"'PLATLIBDIR': 'lib'", "'Py_DEBUG': 0", "'SOABI': '" + soabi + "'", "'VERSION': '3.11'", "'prefix': '/usr/local'",
	}, ",\n ") + "}\n"
	files := []File{
		Dir("usr/local/bin", 0o755),
		Binary("usr/local/bin/python3.11", 0o755, interp),
		Link("usr/local/bin/python", "python3"), Link("usr/local/bin/python3", "python3.11"),
		Text("usr/local/bin/pip", 0o755, pipScript), Text("usr/local/bin/pip3", 0o755, pipScript), Text("usr/local/bin/pip3.11", 0o755, pipScript),
		Dir("usr/local/include", 0o755), Dir("usr/local/include/python3.11", 0o755),
		Text("usr/local/include/python3.11/patchlevel.h", 0o644, "#define PY_MAJOR_VERSION\t3\n#define PY_MINOR_VERSION\t11\n"+
			"#define PY_MICRO_VERSION\t9\n#define PY_RELEASE_LEVEL\tPY_RELEASE_LEVEL_FINAL\n\n/* Version as a string */\n#define PY_VERSION      \t\"3.11.9\"\n"),
		Dir("usr/local/lib", 0o755),
		Binary("usr/local/lib/libpython3.11.so.1.0", 0o755, ELF{Machine: a.machine, Soname: "libpython3.11.so.1.0", Needed: []string{"libm.so.6", "libc.so.6"}}),
		Link("usr/local/lib/libpython3.11.so", "libpython3.11.so.1.0"),
		Dir(lib, 0o755),
		Text(lib+"/_sysconfigdata__linux_"+a.multiarch+".py", 0o644, sysconfig),
		Dir(lib+"/json", 0o755), Text(lib+"/json/__init__.py", 0o644, "# json\n"),
		Dir(lib+"/lib-dynload", 0o755),
		Text(lib+"/os.py", 0o644, "# os\n"), Text(lib+"/sysconfig.py", 0o644, "# sysconfig\n"),
		Dir(site, 0o755), Text(site+"/README.txt", 0o644, "This directory contains site-packages.\n"),
		Dir(site+"/pip", 0o755), Text(site+"/pip/__init__.py", 0o644, "__version__ = \"24.0\"\n"),
	}
	return append(files, Dist(site, "pip", "24.0", nil, "pip/__init__.py")...)
}

const pipScript = "#!/usr/local/bin/python3.11\nimport sys\nfrom pip._internal.cli.main import main\nif __name__ == '__main__':\n    sys.exit(main())\n"

// prefect is the application's layer: six, which pip installed, and the entrypoint.
func prefect() []File {
	const site = "usr/local/lib/python3.11/site-packages"
	files := []File{
		Dir("opt/prefect", 0o755),
		Text("opt/prefect/entrypoint.sh", 0o755, "#!/usr/bin/env bash\nset -e\nexec \"$@\"\n"),
		Text(site+"/six.py", 0o644, "__version__ = \"1.16.0\"\n"),
	}
	return append(files, Dist(site, "six", "1.16.0", nil, "six.py")...)
}

// Dist is the metadata folder that pip leaves in a site-packages folder for a distribution.
// requires are Requires-Dist lines; paths are the distribution's own files for RECORD, without hashes.
func Dist(site, name, version string, requires []string, paths ...string) []File {
	dir := name + "-" + version + ".dist-info"
	var meta, record strings.Builder
	fmt.Fprintf(&meta, "Metadata-Version: 2.1\nName: %s\nVersion: %s\n", name, version)
	for _, r := range requires {
		fmt.Fprintf(&meta, "Requires-Dist: %s\n", r)
	}
	meta.WriteString("\n# " + name + "\n")
	for _, p := range append(paths, dir+"/INSTALLER", dir+"/METADATA", dir+"/RECORD", dir+"/WHEEL") {
		record.WriteString(p + ",,\n")
	}
	at := site + "/" + dir
	return []File{
		Dir(at, 0o755), Text(at+"/INSTALLER", 0o644, "pip\n"), Text(at+"/METADATA", 0o644, meta.String()),
		Text(at+"/RECORD", 0o644, record.String()),
		Text(at+"/WHEEL", 0o644, "Wheel-Version: 1.0\nGenerator: fake\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
	}
}
