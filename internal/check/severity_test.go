package check_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerpack/layerpack/internal/check"
	"github.com/layerpack/layerpack/internal/elffacts"
)

func static(f *elffacts.Facts) { f.Needed, f.Type = nil, elffacts.Executable }

func broken(f *elffacts.Facts) { f.Broken = "its dynamic segment lies outside of it" }

func musl(f *elffacts.Facts) { f.Needed[len(f.Needed)-1] = "libc.musl-x86_64.so.1" }

func TestSeverity(t *testing.T) {
	const plain = "x-1-cp311-cp311-linux_x86_64.whl"
	loader := interp("/lib64/ld-linux-x86-64.so.2")
	for name, c := range map[string]struct {
		files []check.File
		want  []string
	}{
		"the only module":       {[]check.File{so("w: a" + ext + " needs libodbc.so.2")}, []string{"missing-library a" + ext}},
		"one module of several": {[]check.File{so("numba: tbbpool" + ext + " needs libtbb.so.12"), so("numba: core" + ext)}, []string{"(missing-library tbbpool" + ext + ")"}},
		"all modules, through a library": {
			[]check.File{so("w: a" + ext + " needs libw.so.1"), so("w: b.abi3.so needs libw.so.1"), so("w: w.libs/libw.so.1 needs libGL.so.1")},
			[]string{"missing-library libw.so.1"},
		},
		"what all have in common": {
			[]check.File{so("qt: libcore.so.5 needs libglib-2.0.so.0"), so("qt: plug/libgst.so needs libcore.so.5 libgst.so.0"), so("qt: plug/libegl.so needs libcore.so.5")},
			[]string{"missing-library libcore.so.5", "(missing-library libgst.so)"},
		},
		"nothing in common":                   {[]check.File{so("w: a" + ext + " needs liba.so.1"), so("w: b" + ext + " needs libb.so.1")}, []string{"missing-library its"}},
		"a plugin beside modules":             {[]check.File{so("qt: QtCore.abi3.so"), so("qt: Qt5/plugins/libqsqlmysql.so needs libmysqlclient.so.21")}, []string{"(missing-library libqsqlmysql.so)"}},
		"one module of a wheel that is local": {[]check.File{so(plain + ": a" + ext + " needs libxml2.so.2"), so(plain + ": b" + ext)}, []string{"missing-library a" + ext}},
		"a plugin of a wheel that is local":   {[]check.File{so(plain + ": libplug.so needs libq.so.1"), so(plain + ": b" + ext)}, []string{"(missing-library libplug.so)"}},
		"only a library":                      {[]check.File{so("lightgbm: lightgbm/lib/lib_lightgbm.so needs libgomp.so.1")}, []string{"missing-library lib_lightgbm.so"}},
		"a library and what it brings": {
			[]check.File{so("lightgbm: lib_lightgbm.so needs libhelp.so.1 libgomp.so.1"), so("lightgbm: libhelp.so.1")},
			[]string{"missing-library lib_lightgbm.so"},
		},
		"the wheel's own of two": {
			[]check.File{so("b: libx.so.1"), so("a: a" + ext + " needs libx.so.1"), so("a: b" + ext), so("a: libs/libx.so.1", glibc(41))},
			[]string{"glibc-too-old libx.so.1"},
		},
		"for another machine in RUNPATH": {
			[]check.File{so("a: a"+ext+" needs libx.so.1", runpath("$ORIGIN/libs")), so("a: libs/libx.so.1", machine("aarch64"))},
			[]string{"missing-library a" + ext},
		},
		"the user's own file":          {[]check.File{so("-: a" + ext + " needs libodbc.so.2")}, []string{"(missing-library a" + ext + ")"}},
		"a module of another Python":   {[]check.File{so("w: a.cpython-312-x86_64-linux-gnu.so needs libodbc.so.2"), so("w: a.cpython-311-aarch64-linux-gnu.so", machine("aarch64")), so("w: b" + ext)}, nil},
		"an object file":               {[]check.File{so("w: a.o needs libq.so.1", func(f *elffacts.Facts) { f.Type = elffacts.Relocatable })}, nil},
		"a static program":             {[]check.File{so("w: bin/ruff", static)}, nil},
		"a program without its loader": {[]check.File{so("w: bin/tool", interp("/lib/ld-other.so.1"))}, []string{"missing-loader tool"}},
		"a program with its loader":    {[]check.File{so("w: bin/tool", loader)}, nil},
		"a newer glibc in one module":  {[]check.File{so("w: a"+ext, glibc(37)), so("w: b" + ext)}, []string{"glibc-too-old a" + ext}},
		"a newer glibc in a module's library": {
			[]check.File{so("w: a" + ext + " needs libx.so.1"), so("w: b" + ext), so("w: libs/libx.so.1", glibc(41), soname("libx.so.1")), so("w: libs/liby.so.1", glibc(37))},
			[]string{"glibc-too-old libx.so.1", "(glibc-too-old liby.so.1)"},
		},
		"the base's glibc":                    {[]check.File{so("w: a"+ext, glibc(36))}, nil},
		"several files, the worst is named":   {[]check.File{so("w: a"+ext, glibc(37)), so("w: b"+ext, glibc(39)), so("w: c"+ext, glibc(38))}, []string{"glibc-too-old b" + ext}},
		"musl's module":                       {[]check.File{so("w: a.abi3.so", musl), so("w: b" + ext)}, []string{"wrong-libc a.abi3.so"}},
		"a tagged module of another machine":  {[]check.File{so("w: a.abi3.so", machine("aarch64")), so("w: b" + ext)}, []string{"wrong-machine a.abi3.so"}},
		"the same for this machine beside it": {[]check.File{so("w: arm/a.abi3.so", machine("aarch64")), so("w: x86/a.abi3.so")}, nil},
		"other machines' files as data":       {[]check.File{so("w: attach_x86.so", machine("i686")), so("w: attach_amd64.so")}, nil},
		"nothing for this machine":            {[]check.File{so("w: a.so", machine("aarch64"))}, []string{"wrong-machine a.so"}},
		"binaries in a wheel for any machine": {[]check.File{so("w-1-py3-none-any.whl: tool", machine("aarch64"))}, nil},
		"a module that is cut":                {[]check.File{so("w: a.abi3.so", broken), so("w: test/data"+ext+".cut", broken)}, []string{"broken-library a.abi3.so"}},
	} {
		t.Run(name, func(t *testing.T) {
			l := check.Libraries{Base: tree(t, "lib64/ld-linux-x86-64.so.2"), Target: target(), Files: c.files}
			if diff := cmp.Diff(c.want, brief(l.Findings())); diff != "" {
				t.Errorf("(-want +got)\n%s%v", diff, l.Findings())
			}
		})
	}
}

func TestMuslBase(t *testing.T) {
	tg := target()
	tg.Libc.Kind, tg.Libc.Major, tg.Libc.Minor = "musl", 1, 2
	files := []check.File{so("w: a.abi3.so"), so("v: b.abi3.so needs libpthread.so.0", musl)}
	l := check.Libraries{Base: tree(t, "lib/ld-musl-x86_64.so.1"), Target: tg, Files: files}
	if diff := cmp.Diff([]string{"wrong-libc a.abi3.so"}, brief(l.Findings())); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	l.Base = tree(t, "lib/ld-musl-x86_64.so.1", "lib/libgcompat.so.0")
	if got := l.Findings(); got != nil {
		t.Errorf("with gcompat: %v", got)
	}
}

func TestFreeThreaded(t *testing.T) {
	tg := target()
	tg.Version, tg.FreeThreaded = "3.14.0", true
	l := check.Libraries{Base: tree(t), Target: tg, Files: []check.File{
		so("w: a.cpython-314t-x86_64-linux-gnu.so needs libq.so.1"), so("w: a.cpython-314-x86_64-linux-gnu.so needs libr.so.1"), so("w: a.abi3.so needs libs.so.1"),
	}}
	if diff := cmp.Diff([]string{"missing-library a.cpython-314t-x86_64-linux-gnu.so"}, brief(l.Findings())); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestOtherInterpreters checks which modules are the interpreter's own: they alone are looked at.
func TestOtherInterpreters(t *testing.T) {
	for _, c := range []struct{ implementation, version, machine, elf, tag string }{
		{"cpython", "3.11.2", "aarch64", "aarch64", "cpython-311-aarch64-linux-gnu"},
		{"cpython", "3.9", "armv7l", "arm", "cpython-39-arm-linux-gnueabihf"},
		{"cpython", "3.7.1", "i686", "i686", "cpython-37m-i386-linux-gnu"},
		{"cpython", "3.12.0", "ppc64le", "ppc64le", "cpython-312-powerpc64le-linux-gnu"},
		{"cpython", "3.12.0", "x86_64", "x86_64", "cpython-312"},
		{"pypy", "3.10.1", "x86_64", "x86_64", "pypy310-pp73-x86_64-linux-gnu"},
	} {
		tg := target()
		tg.Implementation, tg.Version, tg.Machine = c.implementation, c.version, c.machine
		width := func(f *elffacts.Facts) {
			f.Machine = c.elf
			if c.elf == "arm" || c.elf == "i686" {
				f.Class = 32
			}
		}
		own, other := "a."+c.tag+".so", "a.cpython-36m-x86_64-linux-gnu.so"
		l := check.Libraries{Base: tree(t), Target: tg, Files: []check.File{so("w: "+own+" needs libq.so.1", width), so("w: "+other+" needs libr.so.1", width)}}
		if diff := cmp.Diff([]string{"missing-library " + own}, brief(l.Findings())); diff != "" {
			t.Errorf("%+v (-want +got)\n%s", c, diff)
		}
	}
}
