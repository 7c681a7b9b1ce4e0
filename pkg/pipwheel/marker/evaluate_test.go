package marker

import (
	"errors"
	"testing"
)

func TestEvaluate(t *testing.T) {
	env := Linux("x86_64", "3.11.2", "cpython")
	for _, c := range []struct {
		marker string
		extras []string
		want   bool
	}{
		{`python_version >= "3.8"`, nil, true},
		{`python_version < "3.8"`, nil, false},
		{`python_version < "3.9" or python_version >= "3.10"`, nil, true}, // 3.9 < 3.10 < 3.11 as versions only
		{`"3.8" <= python_version`, nil, true},
		{`"3.8" < python_version`, nil, true},
		{`python_version == "3.11.*"`, nil, true},
		{`python_version ~= "3.10"`, nil, true},
		{`python_version in "3.10 3.11"`, nil, true},
		{`python_version not in "3.10,3.11"`, nil, false},
		{`python_version >= "foo"`, nil, false}, // no version: compared as texts
		{`python_version != "foo"`, nil, true},
		{`python_full_version > "3.11.1" and python_full_version < "3.12"`, nil, true},
		{`platform_release >= "5"`, nil, false}, // unknown: no version satisfies it
		{`platform_release == ""`, nil, true},
		{`platform_version != ""`, nil, false},
		{`sys_platform == "linux" and os_name == "posix" and platform_system == "Linux"`, nil, true},
		{`sys_platform < "zzz"`, nil, false}, // texts have no order
		{`sys_platform >= "linux"`, nil, true},
		{`sys_platform >= "a"`, nil, false},
		{`"lin" in sys_platform`, nil, true},
		{`platform_machine == "aarch64" or platform_python_implementation == "CPython"`, nil, true},
		{`os_name == "nt" and os_name == "nt" or os_name == "posix"`, nil, true},
		{`os_name == "posix" or os_name == "nt" and os_name == "nt"`, nil, true},
		{`(os_name == "posix" or os_name == "nt") and os_name == "nt"`, nil, false},
		{`extra == "test"`, nil, false},
		{`extra != "test"`, nil, true},
		{`extra == ""`, nil, true},
		{`extra == "Test.Suite"`, []string{"test_suite"}, true},
		{`extra == "a" and extra == "b"`, []string{"a", "b"}, true},
		{`extra == "a" and extra == "b"`, []string{"a"}, false},
		{`extra != "a"`, []string{"a", "b"}, false},
		{`extra in "a b"`, []string{"x", "b"}, true},
		{`extra not in "a b"`, []string{"x", "b"}, false},
		{`"b" == extra`, []string{"x", "B"}, true},
		{`extra == ""`, []string{"x"}, false},
	} {
		got, err := must(c.marker).Evaluate(env, c.extras...)
		if err != nil || got != c.want {
			t.Errorf("%s with %q is %v, %v, want %v", c.marker, c.extras, got, err, c.want)
		}
	}
	if got, err := (Marker{}).Evaluate(env); !got || err != nil {
		t.Errorf("no condition is %v, %v", got, err)
	}
}

func TestEvaluateErrors(t *testing.T) {
	env := Linux("x86_64", "3.11.2", "cpython")
	for _, in := range []string{
		`sys_platform ~= "linux"`, `python_version ~= "surprise"`, `os_name === "posix"`, `os_name == sys_platform`, `"a" == "b"`,
		`"x" in extras`, `"x" not in dependency_groups`, `os_name == "posix" or "x" in extras`, `os_name == "nt" and os_name ~= "nt"`, `extra ~= "1.0"`,
	} {
		got, err := must(in).Evaluate(env, "x")
		if e := (*EvaluateError)(nil); got || !errors.As(err, &e) {
			t.Errorf("%s is %v, %v, want an *EvaluateError", in, got, err)
		}
	}
}

func TestEvaluateLock(t *testing.T) {
	env := Linux("x86_64", "3.11.2", "cpython")
	extras, groups := []string{"Test_Suite"}, []string{"dev"}
	for in, want := range map[string]bool{
		`"test.suite" in extras`: true,
		`"dev" in extras`:        false,
		`"dev" not in extras and "DEV" in dependency_groups`:    true,
		`"x" in dependency_groups or python_version >= "3.11"`:  true,
		`"x" in dependency_groups and python_version >= "3.11"`: false,
	} {
		if got, err := must(in).EvaluateLock(env, extras, groups); err != nil || got != want {
			t.Errorf("%s is %v, %v, want %v", in, got, err, want)
		}
	}
	for _, in := range []string{`extra == "x"`, `"x" == extras`, `extras in "x"`, `"x" < dependency_groups`, `extras == dependency_groups`} {
		if got, err := must(in).EvaluateLock(env, extras, groups); got || err == nil {
			t.Errorf("%s is %v, %v, want an error", in, got, err)
		}
	}
}

func TestLinux(t *testing.T) {
	for _, c := range []struct{ full, impl, wantFull, wantShort, wantImpl, wantName string }{
		{"3.11.2", "cpython", "3.11.2", "3.11", "3.11.2", "CPython"},
		{"3.11", "cpython", "3.11.0", "3.11", "3.11.0", "CPython"},
		{"3.14.0rc2", "cpython", "3.14.0rc2", "3.14", "3.14.0rc2", "CPython"},
		{"3.10.14", "pypy", "3.10.14", "3.10", "0", "PyPy"},
		{"3.11.7", "graalpy", "3.11.7", "3.11", "0", "GraalVM"},
		{"3.11.7", "other", "3.11.7", "3.11", "0", "other"},
		{"?", "cpython", "?", "?", "?", "CPython"},
	} {
		e := Linux("x86_64", c.full, c.impl)
		if e.PythonFullVersion != c.wantFull || e.PythonVersion != c.wantShort || e.ImplementationVersion != c.wantImpl ||
			e.PlatformPythonImplementation != c.wantName || e.ImplementationName != c.impl {
			t.Errorf("Linux(%q, %q) = %+v", c.full, c.impl, e)
		}
	}
	for in, want := range map[[2]string]string{
		{"amd64", ""}: "x86_64", {"amd64", "v3"}: "x86_64", {"arm64", "v8"}: "aarch64", {"arm", "v7"}: "armv7l", {"arm", "v6"}: "armv6l",
		{"arm", "v5"}: "armv5tel", {"arm", ""}: "armv7l", {"386", ""}: "i686", {"ppc64le", ""}: "ppc64le", {"s390x", ""}: "s390x",
		{"riscv64", ""}: "riscv64", {"loong64", ""}: "loongarch64", {"mips64le", ""}: "mips64",
	} {
		if got := Machine(in[0], in[1]); got != want {
			t.Errorf("Machine(%q) = %q, want %q", in, got, want)
		}
	}
}

// An interpreter built from a source tree calls itself 3.12.0+, which is no version.
func TestEvaluateRepairsSourceBuilds(t *testing.T) {
	env := Linux("x86_64", "3.12.0", "cpython")
	env.PythonFullVersion = "3.12.0+"
	if got, err := must(`python_full_version >= "3.12.0" and python_full_version == "3.12.0+local"`).Evaluate(env); !got || err != nil {
		t.Errorf("%v, %v", got, err)
	}
}

func BenchmarkEvaluate(b *testing.B) {
	m, env := must(`python_version < "3.12" and (extra == "test" or sys_platform == "linux")`), Linux("x86_64", "3.11.2", "cpython")
	b.ReportAllocs()
	for b.Loop() {
		if holds, err := m.Evaluate(env); !holds || err != nil {
			b.Fatal(holds, err)
		}
	}
}
