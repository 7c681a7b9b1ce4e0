package tag

import (
	"strings"
	"testing"
)

func TestExplain(t *testing.T) {
	old := debian(11)
	old.LibcMinor = 31
	alpine := debian(12)
	alpine.LibcKind, alpine.LibcMajor, alpine.LibcMinor = "musl", 1, 2
	threaded := debian(13)
	threaded.FreeThreaded = true
	static := debian(11)
	static.LibcKind = ""
	pypy := debian(10)
	pypy.Implementation = "pypy"
	for _, tc := range []struct {
		name  string
		i     Interpreter
		files string
		want  string
	}{
		{"all of it", old, "a-1-cp312-cp312-manylinux_2_34_x86_64.whl", "has cp312 wheels for manylinux_2_34 x86_64; the image is CPython 3.11, glibc 2.31, x86_64: they need CPython 3.12 and glibc 2.34 or newer"},
		{"libc", old, "a-1-cp311-cp311-manylinux_2_35_x86_64.manylinux_2_34_x86_64.whl", "they need glibc 2.34 or newer"},
		{"nearest file", old, "a-1-cp312-cp312-manylinux2014_x86_64.whl a-1-cp311-cp311-manylinux_2_34_x86_64.whl a-1-cp311-cp311-win_amd64.whl", "they need glibc 2.34 or newer"},
		{"python", old, "a-1-cp310-cp310-manylinux2014_x86_64.whl", "they need CPython 3.10"},
		{"two pythons", old, "a-1-cp310-cp310-linux_x86_64.whl a-1-cp312-cp312-linux_x86_64.whl a-1-cp39-cp39-linux_x86_64.whl", "they need CPython 3.10, or CPython 3.12"},
		{"abi3 of a newer one", old, "a-1-cp312-abi3-manylinux2014_x86_64.whl", "has cp312 abi3 wheels for manylinux2014 x86_64; the image is CPython 3.11, glibc 2.31, x86_64: they need CPython 3.12 or newer"},
		{"python 2", old, "a-1-py2-none-any.whl", "has py2 wheels for any platform; the image is CPython 3.11, glibc 2.31, x86_64: they need Python 2"},
		{"newer pure", old, "a-1-py312-none-any.whl", "they need Python 3.12 or newer"},
		{"other implementation", old, "a-1-pp310-pypy310_pp73-manylinux2014_x86_64.whl", "they need PyPy 3.10"},
		{"for pypy", pypy, "a-1-cp310-cp310-manylinux2014_x86_64.whl", "the image is PyPy 3.10, glibc 2.36, x86_64: they need CPython 3.10"},
		{"unknown", old, "a-1-ip27-none-any.whl", "they need the interpreter ip27"},
		{"abi", old, "a-1-cp311-cp311d-manylinux2014_x86_64.whl", "they need a debug build (ABI cp311d)"},
		{"odd abi", old, "a-1-cp311-weird-manylinux2014_x86_64.whl", "they need the ABI weird"},
		{"free-threaded wheel", debian(13), "a-1-cp313-cp313t-manylinux2014_x86_64.whl", "they need a free-threaded interpreter (ABI cp313t)"},
		{"free-threaded stable", debian(15), "a-1-cp315-abi3t-manylinux2014_x86_64.whl", "they need a free-threaded interpreter (ABI abi3t)"},
		{"free-threaded image", threaded, "a-1-cp313-cp313-manylinux2014_x86_64.whl", "the image is CPython 3.13 (free-threaded), glibc 2.36, x86_64: they need an interpreter with the GIL (ABI cp313)"},
		{"abi3 for free-threaded", threaded, "a-1-cp39-abi3-manylinux2014_x86_64.whl", "they need an interpreter with the GIL (ABI abi3)"},
		{"libc kind", alpine, "a-1-cp312-cp312-manylinux2014_x86_64.whl", "they need glibc instead of musl"},
		{"other kind", old, "a-1-cp311-cp311-musllinux_1_1_x86_64.whl", "they need musl instead of glibc"},
		{"musl", alpine, "a-1-cp312-cp312-musllinux_1_3_x86_64.whl", "they need musl 1.3 or newer"},
		{"musl 2", alpine, "a-1-cp312-cp312-musllinux_2_0_x86_64.whl", "they need musl 2.0"},
		{"machine", old, "a-1-cp311-cp311-manylinux2014_aarch64.whl", "they need the architecture aarch64"},
		{"native of another machine", old, "a-1-cp311-cp311-linux_aarch64.whl", "they need the architecture aarch64"},
		{"macOS", old, "a-1-cp311-cp311-macosx_11_0_arm64.whl", "has cp311 wheels for macosx_11_0 arm64; the image is CPython 3.11, glibc 2.31, x86_64: they need macOS"},
		{"windows", old, "a-1-cp311-cp311-win_amd64.win32.whl", "they need Windows"},
		{"odd system", old, "a-1-cp311-cp311-plan9.whl", "they need the platform plan9"},
		{"too old a tag", old, "a-1-cp311-cp311-manylinux_2_4_x86_64.whl", "they need the platform manylinux_2_4_x86_64"},
		{"static", static, "a-1-cp311-cp311-manylinux2014_x86_64.whl", "the image is CPython 3.11, no known C library, x86_64: they need a dynamically linked interpreter with a known C library"},
		{"both", old, "a-1-cp312-cp312-win_amd64.whl", "they need CPython 3.12 and Windows"},
		{"fits", old, "a-1-py3-none-any.whl", "has py3 wheels for any platform; the image is CPython 3.11, glibc 2.31, x86_64: fits as py3-none-any"},
		{"many", old, "a-1-cp31.cp32.cp33.cp34.cp35.cp36.cp37.cp38-none-win32.whl", "has cp31, cp32, cp33, cp34, cp35, cp36 and 2 more wheels for win32; the image is CPython 3.11, glibc 2.31, x86_64: they need CPython 3.8 and Windows"},
		{"none", old, "", "has no wheels; the image is CPython 3.11, glibc 2.31, x86_64"},
	} {
		var files []Filename
		for _, name := range strings.Fields(tc.files) {
			f, err := ParseFilename(name)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, f)
		}
		if got := Explain(tc.i, files...); !strings.HasSuffix(got, tc.want) {
			t.Errorf("%s: %s", tc.name, got)
		}
	}
}
