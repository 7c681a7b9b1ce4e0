package tag

import (
	"slices"
	"strings"
	"testing"
)

func debian(minor int) Interpreter {
	return Interpreter{Implementation: "cpython", Major: 3, Minor: minor, Machine: "x86_64", LibcKind: "glibc", LibcMajor: 2, LibcMinor: 36}
}

// text joins tags to lines, for reading.
func text(tags []Tag) string {
	var b strings.Builder
	for _, t := range tags {
		b.WriteString(t.String() + "\n")
	}
	return b.String()
}

func TestSupportedOrder(t *testing.T) {
	i := Interpreter{Implementation: "cpython", Major: 3, Minor: 4, Machine: "aarch64", LibcKind: "glibc", LibcMajor: 2, LibcMinor: 18}
	platforms := []string{"linux_aarch64", "manylinux_2_18_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64"}
	var want []string
	for _, pair := range []string{"cp34-cp34m", "cp34-abi3", "cp34-none", "cp33-abi3", "cp32-abi3", "py34-none", "py3-none", "py33-none", "py32-none", "py31-none", "py30-none"} {
		for _, p := range platforms {
			want = append(want, pair+"-"+p)
		}
	}
	for _, pure := range []string{"cp34", "py34", "py3", "py33", "py32", "py31", "py30"} {
		want = append(want, pure+"-none-any")
	}
	if got := text(Supported(i)); got != strings.Join(want, "\n")+"\n" {
		t.Errorf("got\n%s", got)
	}
}

func TestABIs(t *testing.T) {
	for _, tc := range []struct {
		i    Interpreter
		want string
	}{
		{Interpreter{Major: 3, Minor: 2}, "cp32mu"},
		{Interpreter{Major: 3, Minor: 6}, "cp36m"},
		{Interpreter{Major: 3, Minor: 7, Debug: true}, "cp37dm"},
		{Interpreter{Major: 3, Minor: 8, Debug: true}, "cp38d cp38"},
		{Interpreter{Major: 3, Minor: 11}, "cp311"},
		{Interpreter{Major: 3, Minor: 12, FreeThreaded: true}, "cp312"},
		{Interpreter{Major: 3, Minor: 13, FreeThreaded: true}, "cp313t"},
		{Interpreter{Major: 3, Minor: 14, FreeThreaded: true, Debug: true}, "cp314td cp314t"},
	} {
		if got := strings.Join(tc.i.abis(), " "); got != tc.want {
			t.Errorf("%+v: %s, want %s", tc.i, got, tc.want)
		}
	}
}

// TestNativeFirst holds the place of linux_<machine>, which differs between tools.
func TestNativeFirst(t *testing.T) {
	p := debian(11).Platforms()
	if !nativeFirst || p[0] != "linux_x86_64" || p[1] != "manylinux_2_36_x86_64" || p[len(p)-1] != "manylinux1_x86_64" {
		t.Errorf("order %v", p)
	}
}

func TestPlatforms(t *testing.T) {
	for _, tc := range []struct {
		machine, kind string
		major, minor  int
		want          string
	}{
		{"x86_64", "musl", 1, 2, "linux_x86_64 musllinux_1_2_x86_64 musllinux_1_1_x86_64 musllinux_1_0_x86_64"},
		{"i686", "glibc", 2, 5, "linux_i686 manylinux_2_5_i686 manylinux1_i686"},
		{"x86_64", "glibc", 2, 4, "linux_x86_64"},
		{"aarch64", "glibc", 2, 16, "linux_aarch64"},
		{"armv6l", "glibc", 2, 36, "linux_armv6l"},
		{"armv8l", "glibc", 2, 17, "linux_armv8l linux_armv7l manylinux_2_17_armv8l manylinux2014_armv8l manylinux_2_17_armv7l manylinux2014_armv7l"},
		{"x86_64", "", 0, 0, ""},
	} {
		i := Interpreter{Implementation: "cpython", Major: 3, Minor: 12, Machine: tc.machine, LibcKind: tc.kind, LibcMajor: tc.major, LibcMinor: tc.minor}
		if got := strings.Join(i.Platforms(), " "); got != tc.want {
			t.Errorf("%s %s %d.%d: %s, want %s", tc.machine, tc.kind, tc.major, tc.minor, got, tc.want)
		}
	}
}

func TestRank(t *testing.T) {
	supported := Supported(debian(11))
	s := NewSet(append(slices.Clone(supported), supported[0])) // the first mention counts
	for _, tc := range []struct {
		file string
		want string
	}{
		{"a-1-cp311-cp311-linux_x86_64.whl", "cp311-cp311-linux_x86_64"},
		{"a-1-cp311-cp311-manylinux_2_17_x86_64.manylinux_2_28_x86_64.whl", "cp311-cp311-manylinux_2_28_x86_64"},
		{"a-1-cp37-abi3-manylinux2014_x86_64.whl", "cp37-abi3-manylinux2014_x86_64"},
		{"a-1-py2.py3-none-any.whl", "py3-none-any"},
		{"a-1-CP311-Abi3-MANYLINUX1_X86_64.whl", "cp311-abi3-manylinux1_x86_64"},
		{"a-1-cp312-cp312-manylinux1_x86_64.whl", ""},
		{"a-1-cp37-cp37m-manylinux1_x86_64.whl", ""},
		{"a-1-cp311-cp311-manylinux_2_39_x86_64.whl", ""},
	} {
		f, err := ParseFilename(tc.file)
		if err != nil {
			t.Fatal(err)
		}
		r, ok := s.Rank(f.Tags)
		if ok != (tc.want != "") || ok && supported[r].String() != tc.want {
			t.Errorf("%s: %v %v, want %q", tc.file, supported[r], ok, tc.want)
		}
	}
}
