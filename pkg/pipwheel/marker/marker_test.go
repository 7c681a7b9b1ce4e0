package marker

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func must(s string) Marker {
	m, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return m
}

func TestParseWrites(t *testing.T) {
	for in, want := range map[string]string{
		`os_name=='posix'`:                             `os_name == "posix"`,
		"\t'linux' in\tsys.platform ":                  `"linux" in sys_platform`,
		`python_implementation == "CPython"`:           `platform_python_implementation == "CPython"`,
		`platform.machine not  in 'a b'`:               `platform_machine not in "a b"`,
		`extra == 'Test_Suite.x'`:                      `extra == "test-suite-x"`,
		`'A__b' == extra`:                              `"a-b" == extra`,
		`"Dev" in dependency_groups`:                   `"dev" in dependency_groups`,
		`os_name == 'a"b'`:                             `os_name == 'a"b'`,
		`((os_name == "a"))`:                           `os_name == "a"`,
		`(os_name=="a"or os_name=="b")and extra=="c"`:  `(os_name == "a" or os_name == "b") and extra == "c"`,
		`os_name=="a" or (os_name=="b" and extra=="")`: `os_name == "a" or (os_name == "b" and extra == "")`,
		`(os_name == "a" and (os_name == "b"))`:        `os_name == "a" and os_name == "b"`,
	} {
		m, err := Parse(in)
		if err != nil || m.String() != want {
			t.Errorf("Parse(%q) = %s, %v, want %s", in, m, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, in := range []string{
		"", " ", "os_name", "os_name ==", `os_name == "a`, `os_name = "a"`, `os_name == "a" and`, `os_name == "a" extra == "b"`,
		`(os_name == "a"`, `os_name == "a")`, `os_nam == "a"`, `os_names == "a"`, `python.version == "3"`, `os_name == posix`,
		`os_name notin "a"`, `os_name not "a"`, `os_name in"a" or`, `OS_NAME == "a"`, "os_name\n== 'a'", `os_name == "a\x"`, "os_name == 'a\n'",
		`os_name == "a" xor os_name == "b"`, `os_name == "a" andos_name == "b"`, "os_name == '\xff'", `os_name·== "a"`,
		strings.Repeat("(", 200) + `os_name == "a"` + strings.Repeat(")", 200),
	} {
		m, err := Parse(in)
		if e := (*Error)(nil); !errors.As(err, &e) || e.Input != in || !m.IsZero() {
			t.Errorf("Parse(%q) = %s, %v, want an *Error", in, m, err)
		}
	}
}

func TestFields(t *testing.T) {
	m := must(`os.name == "a" and ("b" in platform_version or extra == "c" and os_name != "d")`)
	if got := m.Fields(); !slices.Equal(got, []string{"extra", "os_name", "platform_version"}) {
		t.Errorf("fields %q", got)
	}
	if (Marker{}).Fields() != nil || (Marker{}).String() != "" {
		t.Error("no condition compares fields")
	}
}

func TestMarkerText(t *testing.T) {
	var m Marker
	if err := m.UnmarshalText([]byte(`'x'==extra`)); err != nil {
		t.Fatal(err)
	}
	if text, err := m.MarshalText(); err != nil || string(text) != `"x" == extra` {
		t.Errorf("%s, %v", text, err)
	}
	if err := m.UnmarshalText([]byte("x")); err == nil || !m.IsZero() {
		t.Errorf("%s, %v", m, err)
	}
	if err := m.UnmarshalText(nil); err != nil || !m.IsZero() {
		t.Errorf("%s, %v", m, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`python_version < "3.11" and (extra == 'Test_Suite' or "x" not in sys.platform)`, `'a"b' == os_name`, `"x" in extras or "y" in dependency_groups`,
		`((python_full_version ~= "3.11.2"))`, `platform_release >= "6.1-x"`, `implementation_version === ""`, "python_version == '=3.11'",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		m, err := Parse(in)
		if err != nil {
			return
		}
		again, err := Parse(m.String())
		if err != nil || again.String() != m.String() {
			t.Fatalf("%q reads as %s, and that as %s, %v", in, m, again, err)
		}
		env := Linux("x86_64", "3.11.2", "cpython")
		for _, extras := range [][]string{nil, {"x"}, {"test.suite", "x"}} {
			a, errA := m.Evaluate(env, extras...)
			b, errB := again.Evaluate(env, extras...)
			if a != b || (errA == nil) != (errB == nil) || a && errA != nil {
				t.Fatalf("%q is %v, %v, and as %s %v, %v", in, a, errA, again, b, errB)
			}
		}
		if a, err := m.EvaluateLock(env, []string{"x"}, nil); a && err != nil {
			t.Fatalf("%q is true and an error: %v", in, err)
		}
	})
}
