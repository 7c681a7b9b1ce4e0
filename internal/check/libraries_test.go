package check_test

import (
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerpack/layerpack/internal/check"
	"github.com/layerpack/layerpack/internal/elffacts"
	"github.com/layerpack/layerpack/internal/rootfs"
	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/pipwheel"
)

const site = "usr/local/lib/python3.11/site-packages/"

// tree holds files, "link -> target" among them.
func tree(t *testing.T, files ...string) *rootfs.Tree {
	t.Helper()
	tr := rootfs.New()
	var entries []rootfs.Entry
	for _, f := range files {
		name, target, link := strings.Cut(f, " -> ")
		e := rootfs.Entry{Node: rootfs.Node{Path: name, Kind: layers.File, Mode: 0o644}}
		if link {
			e.Kind, e.Target = layers.Symlink, target
		}
		entries = append(entries, e)
	}
	if err := tr.Apply(entries); err != nil {
		t.Fatal(err)
	}
	return tr
}

func target() pipwheel.Target {
	return pipwheel.Target{
		Version: "3.11.2", Implementation: "cpython", Machine: "x86_64",
		Libc: pipwheel.Libc{Kind: "glibc", Major: 2, Minor: 36}, Executable: "/usr/local/bin/python3.11",
	}
}

// so is an ELF file of a wheel: "wheel: path needs lib lib"; options change its facts.
func so(line string, options ...func(*elffacts.Facts)) check.File {
	wheel, rest, _ := strings.Cut(line, ": ")
	name, needs, _ := strings.Cut(rest, " needs ")
	f := check.File{Path: site + name, Facts: &elffacts.Facts{Machine: "x86_64", Class: 64, Type: elffacts.Shared, Needed: append(strings.Fields(needs), "libc.so.6")}}
	if wheel != "-" {
		f.Wheel = wheel + "-manylinux_2_17_x86_64.whl"
		if strings.HasSuffix(wheel, ".whl") {
			f.Wheel = wheel
		}
	}
	for _, o := range options {
		o(f.Facts)
	}
	return f
}

func glibc(minor int) func(*elffacts.Facts) {
	return func(f *elffacts.Facts) { f.GlibcNeeded = elffacts.Version{Major: 2, Minor: minor} }
}

func machine(m string) func(*elffacts.Facts) { return func(f *elffacts.Facts) { f.Machine = m } }

func runpath(dirs ...string) func(*elffacts.Facts) {
	return func(f *elffacts.Facts) { f.Runpath = dirs }
}

func rpath(dirs ...string) func(*elffacts.Facts) { return func(f *elffacts.Facts) { f.Rpath = dirs } }

func soname(s string) func(*elffacts.Facts) { return func(f *elffacts.Facts) { f.Soname = s } }

func interp(s string) func(*elffacts.Facts) { return func(f *elffacts.Facts) { f.Interp = s } }

const ext = ".cpython-311-x86_64-linux-gnu.so"

func TestSearch(t *testing.T) {
	base := tree(t, "lib -> usr/lib", "usr/lib/x86_64-linux-gnu/libz.so.1 -> libz.so.1.2", "usr/lib/x86_64-linux-gnu/libz.so.1.2",
		"usr/lib/x86_64-linux-gnu/libgone.so.1 -> libgone.so.1.1", "usr/local/lib/libpython3.11.so.1.0", "opt/odbc/libodbc.so.2",
		"usr/lib/x86_64-linux-gnu/blas/libblas.so.3", "usr/local/lib/python3.11/site-packages/torch/lib/libtorch.so", "opt/conda/lib/libfoo.so.1",
		"venv/bin/python -> /opt/pbs/bin/python3.11", "opt/pbs/bin/python3.11", "opt/pbs/lib/libpbs.so.1")
	for name, c := range map[string]struct {
		file check.File
		edit func(*check.Libraries)
		want string // "missing", or "elsewhere"
	}{
		"standard folder, through links": {file: so("w: a" + ext + " needs libz.so.1 ld-linux-x86-64.so.2 libm.so.6")},
		"a link to nothing":              {file: so("w: a" + ext + " needs libgone.so.1"), want: "elsewhere"},
		"nowhere":                        {file: so("w: a" + ext + " needs libodbc.so.3"), want: "missing"},
		"where the loader does not look": {file: so("w: a" + ext + " needs libodbc.so.2"), want: "elsewhere"},
		"LD_LIBRARY_PATH":                {file: so("w: a" + ext + " needs libodbc.so.2"), edit: func(l *check.Libraries) { l.LibraryPath = []string{"/opt/odbc"} }},
		"RUNPATH":                        {file: so("w: a"+ext+" needs libodbc.so.2", runpath("/nowhere", "$ORIGIN/../../../../../../opt/odbc"))},
		"RPATH":                          {file: so("w: p/a"+ext+" needs libodbc.so.2", rpath("${ORIGIN}/../../../../../../../opt/odbc"))},
		"RUNPATH instead of RPATH":       {file: so("w: a"+ext+" needs libodbc.so.2", runpath("/x"), rpath("/opt/odbc")), want: "elsewhere"},
		"$LIB":                           {file: so("w: a"+ext+" needs libblas.so.3", runpath("/usr/$LIB/blas"))},
		"ld.so.cache": {file: so("w: a" + ext + " needs libblas.so.3"), edit: func(l *check.Libraries) {
			l.CacheNames = map[string]string{"libblas.so.3": "/lib/x86_64-linux-gnu/blas/libblas.so.3"}
		}},
		"ld.so.cache that is stale":                {file: so("w: a" + ext + " needs libq.so.3"), edit: func(l *check.Libraries) { l.CacheNames = map[string]string{"libq.so.3": "/lib/libq.so.3"} }, want: "missing"},
		"/usr/local/lib without a cache":           {file: so("w: a" + ext + " needs libpython3.11.so.1.0"), edit: func(l *check.Libraries) { l.Target.Executable = "" }},
		"/usr/local/lib is in the cache":           {file: so("w: a" + ext + " needs libpython3.11.so.1.0"), edit: func(l *check.Libraries) { l.Target.Executable, l.CacheNames = "", map[string]string{} }, want: "elsewhere"},
		"beside the interpreter":                   {file: so("w: a" + ext + " needs libfoo.so.1"), edit: func(l *check.Libraries) { l.Target.Executable = "/opt/conda/bin/python" }},
		"the interpreter's RPATH":                  {file: so("w: a" + ext + " needs libfoo.so.1"), edit: func(l *check.Libraries) { l.Interpreter = &elffacts.Facts{Rpath: []string{"/opt/conda/lib"}} }},
		"beside what the interpreter is a link to": {file: so("w: a" + ext + " needs libpbs.so.1"), edit: func(l *check.Libraries) { l.Target.Executable = "/venv/bin/python" }},
		"another folder":                           {file: so("w: a" + ext + " needs libodbc.so.2"), edit: func(l *check.Libraries) { l.SearchDirs = []string{"/opt/odbc"} }},
		"loaded by the base's package":             {file: so("w: a" + ext + " needs libtorch.so"), edit: func(l *check.Libraries) { l.SiteDirs = []string{"/" + site} }},
		"the driver":                               {file: so("w: a" + ext + " needs libcuda.so.1 libnvidia-ml.so.1 libnvidia-fatbinaryloader.so.390.1")},
		"not the driver":                           {file: so("w: a" + ext + " needs libcudart.so.12"), want: "missing"},
		"allowed":                                  {file: so("w: a" + ext + " needs libmkl_rt.so.2"), edit: func(l *check.Libraries) { l.AllowMissing = []string{"[", "libmkl*"} }},
		"a path":                                   {file: so("w: a" + ext + " needs /opt/odbc/libodbc.so.2 ./libx.so")},
		"a path to nothing":                        {file: so("w: a" + ext + " needs /opt/libodbc.so.2"), want: "missing"},
		"another wheel's, for this machine":        {file: so("w: a" + ext + " needs libcudnn.so.9")},
		"another wheel's, for another":             {file: so("w: a" + ext + " needs libarm.so.1"), want: "missing"},
		"a new link":                               {file: so("w: a" + ext + " needs libnew.so.1"), edit: func(l *check.Libraries) { l.Paths = []string{"opt/x/libnew.so.1"} }},
	} {
		t.Run(name, func(t *testing.T) {
			l := check.Libraries{Base: base, Target: target(), Files: []check.File{
				c.file, so("nvidia: nvidia/libcudnn.so.9.1 needs", soname("libcudnn.so.9")), so("nvidia: nvidia/libarm.so.1 needs", machine("aarch64")),
			}}
			if c.edit != nil {
				c.edit(&l)
			}
			got := ""
			if all := l.Findings(); len(all) > 0 {
				got = "missing"
				if all[0].Rule == check.LibraryElsewhere {
					got = "elsewhere"
				}
			}
			if got != c.want {
				t.Errorf("got %q, want %q: %v", got, c.want, l.Findings())
			}
		})
	}
}

func TestMessage(t *testing.T) {
	l := check.Libraries{Base: tree(t, "opt/libq.so.1"), Target: target(), Files: []check.File{
		so("pyodbc-5.3.0-cp311-cp311: pyodbc" + ext + " needs libodbc.so.2"),
		so("q-1-cp311-cp311: q" + ext + " needs libq.so.1"),
		so("-: x"+ext+" needs libspatialindex_c.so.6", glibc(38)),
		so("cv-1-cp37-abi3: cv2.abi3.so needs libqt.so.5 libGL.so.1"), so("cv-1-cp37-abi3: libqt.so.5 needs libGL.so.1 libgomp.so.1.0.0 libmysqlclient.so.21"),
	}}
	var got []string
	for _, f := range l.Findings() {
		got = append(got, f.String())
	}
	want := []string{
		"cv-1-cp37-abi3-manylinux_2_17_x86_64.whl: its files need shared libraries that neither the base nor a new layer has: libGL.so.1 (needed by /" + site + "cv2.abi3.so), " +
			"libgomp.so.1.0.0 (needed by /" + site + "libqt.so.5), libmysqlclient.so.21 (needed by /" + site + "libqt.so.5); " +
			"use a base that has them (libgl1 libgomp1 in Debian, libmysqlclient21 in Ubuntu), or let it through with --allow-missing-lib GLOB",
		"pyodbc-5.3.0-cp311-cp311-manylinux_2_17_x86_64.whl: /" + site + "pyodbc" + ext + " needs the shared library libodbc.so.2, which neither the base nor a new layer has; " +
			"use a base that has it (libodbc2 in Debian), or let it through with --allow-missing-lib 'libodbc.so.2'",
		"/" + site + "x" + ext + ": /" + site + "x" + ext + " needs glibc 2.38 or newer; the base has 2.36; use a base with a newer glibc, or a wheel that was built for an older one",
		"/" + site + "x" + ext + ": /" + site + "x" + ext + " needs the shared library libspatialindex_c.so.6, which neither the base nor a new layer has; " +
			"use a base that has it (libspatialindex-c6 in Debian 12), or let it through with --allow-missing-lib 'libspatialindex_c.so.6'",
		"q-1-cp311-cp311-manylinux_2_17_x86_64.whl: /" + site + "q" + ext + " needs libq.so.1; the base has it as /opt/libq.so.1, where the loader does not look by itself; " +
			"say --env LD_LIBRARY_PATH=/opt if nothing else loads it",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// brief is "rule file" of each finding, warnings in parentheses.
func brief(findings []check.Finding) []string {
	var out []string
	for _, f := range findings {
		file, _, _ := strings.Cut(strings.TrimPrefix(f.Cause, "/"), " ")
		s := string(f.Rule) + " " + path.Base(file)
		if f.Warning {
			s = "(" + s + ")"
		}
		out = append(out, s)
	}
	return out
}
