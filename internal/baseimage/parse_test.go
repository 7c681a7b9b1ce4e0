package baseimage

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseMetadata(t *testing.T) {
	for _, c := range []struct {
		in   string
		want metadata
	}{
		{"Metadata-Version: 2.1\nName: a\nVersion: 1\nRequires-Dist: b\nRequires-Dist: c\n\nRequires-Dist: body\n", metadata{"a", "1", []string{"b", "c"}}},
		{"name:a\r\nVERSION:  1 \r\n\r\nVersion: 2\r\n", metadata{"a", "1", nil}},
		{"Name: a\nName: b\nVersion: 1\nVersion: 2\n", metadata{"a", "1", nil}},
		{"Summary: x\n  Name: not this\nName: a\n", metadata{"a", "", nil}},
		{"Requires-Dist: x\n\t>= 1;\n   python_version > '3'\nName: a\n", metadata{"a", "", []string{"x >= 1; python_version > '3'"}}},
		{"no colon\n continued\nName: \xff\n", metadata{"\uFFFD", "", nil}},
		{"", metadata{}},
	} {
		if diff := cmp.Diff(c.want, *parseMetadata([]byte(c.in)), cmp.AllowUnexported(metadata{})); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.in, diff)
		}
	}
}

func TestParseSysconfig(t *testing.T) {
	const in = "# generated\nbuild_time_vars = {'ABIFLAGS': 't',\n 'AC_X': '-Wl '\n       'more',\n \"EXT_SUFFIX\": \".cpython-313t-x86_64-linux-gnu.so\",\n" +
		" 'MULTIARCH': 'x86_64-linux-gnu',\n 'Py_DEBUG': 0,\n 'Py_GIL_DISABLED': 1,\n 'SOABI': 'cpython-313t-x86_64-linux-gnu'}\n"
	want := map[string]string{
		"ABIFLAGS": "t", "EXT_SUFFIX": ".cpython-313t-x86_64-linux-gnu.so", "MULTIARCH": "x86_64-linux-gnu",
		"Py_DEBUG": "0", "Py_GIL_DISABLED": "1", "SOABI": "cpython-313t-x86_64-linux-gnu",
	}
	if diff := cmp.Diff(want, parseSysconfig(in)); diff != "" {
		t.Error(diff)
	}
}

func TestSmallParsers(t *testing.T) {
	for in, want := range map[string]string{
		"#define PY_VERSION      \"3.12.1\"\n":                     "3.12.1",
		"#define PY_VERSION \"3.13.0rc1+\"":                        "3.13.0rc1",
		"#define PY_VERSION_HEX 0x1\n#define PYPY_VERSION \"7\"\n": "",
	} {
		if got := parsePatchlevel(in); got != want {
			t.Errorf("patchlevel %q: %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"conda activate prefect\n": "prefect", "  source activate 'x' # y\n": "x", "conda activate\n": "base", "# conda activate no\n": "", "": "",
		"conda activate a\nconda activate /opt/env\n": "/opt/env",
	} {
		if got := parseActivated(in); got != want {
			t.Errorf("activated by %q: %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"1:3.11.2-6+deb12u1": "3.11.2", "3.12.3-r1": "3.12.3", "3.11~rc1": "3.11", "": "", "x": ""} {
		if got := upstream(in); got != want {
			t.Errorf("upstream(%q) = %q, want %q", in, got, want)
		}
	}
	removed := "Package: python3.11-minimal\nStatus: deinstall ok config-files\nVersion: 3.11.2\n\nPackage: python3.9\nStatus: install ok installed\nDescription: x\n Version: 7\nVersion: 3.9.2\n"
	if diff := cmp.Diff(map[string]string{"python3.9": "3.9.2"}, parsePackages([]byte(removed))); diff != "" {
		t.Error(diff)
	}
	users := parseUsers("root:x:0:0:root:/root:/bin/sh\n# no:x:1:1::/:\nbad:x:-1:0::/:\nroot:x:5:5::/:\nshort:x:1\nbig:x:4294967295:1::/h:\n")
	if diff := cmp.Diff(map[string]User{"root": {0, 0, "/root"}, "big": {4294967295, 1, "/h"}}, users); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]int{"staff": 50}, parseGroups("staff:x:50:a,b\nx:y\nbad:x:z:\n")); diff != "" {
		t.Error(diff)
	}
	for in, want := range map[string]details{
		`{"language":{"version":"3.14"}}`: {version: "3.14"},
		`{"implementation":{"name":"cpython","version":{"major":3,"minor":14,"micro":2,"releaselevel":"final"}},"abi":{"flags":["t"]}}`:          {version: "3.14.2", freeThreaded: true},
		`{"language":{"version":"3.15","version_info":{"major":3,"minor":15,"micro":0,"releaselevel":"beta","serial":1}},"abi":{"flags":["d"]}}`: {version: "3.15.0b1", debug: true},
	} {
		if got, ok := parseDetails(in); !ok || got != want {
			t.Errorf("%s: %+v, want %+v", in, got, want)
		}
	}
}

// No bytes make a parser fail, and what they find is bounded by what they were given.
func FuzzTextParsers(f *testing.F) {
	f.Add("Name: a\nVersion: 1\nRequires-Dist: b\n")
	f.Add("build_time_vars = {'ABIFLAGS': 't',\n 'SOABI': 'x'}")
	f.Add("home = /usr/bin\nversion = 3.11\n")
	f.Add("#define PY_VERSION \"3.12.1+\"\n")
	f.Add(`{"language":{"version":"3.14","version_info":{"major":3,"minor":14}},"abi":{"flags":["t"]}}`)
	f.Add("Package: python3.11\nVersion: 1:3.11.2-6\n\nP:musl\nV:1.2.5-r9\n")
	f.Add("root:x:0:0:root:/root:/bin/sh\nconda activate x\n")
	f.Fuzz(func(t *testing.T, in string) {
		m := parseMetadata([]byte(in))
		if len(m.name)+len(m.version) > 3*len(in) || strings.Contains(m.name, "\n") {
			t.Errorf("metadata of %q: %+v", in, m)
		}
		for k, v := range parseSysconfig(in) {
			if !strings.Contains(in, k) || !strings.Contains(in, v) {
				t.Errorf("sysconfig of %q has %q: %q", in, k, v)
			}
		}
		for _, v := range parseVenv(in) {
			if !strings.Contains(in, v) {
				t.Errorf("pyvenv.cfg %q has %q", in, v)
			}
		}
		if v := parsePatchlevel(in); strings.ContainsAny(v, " \t\n") {
			t.Errorf("patchlevel of %q: %q", in, v)
		}
		parseDetails(in)
		for _, v := range parsePackages([]byte(in)) {
			if u := upstream(v); strings.Trim(u, "0123456789.") != "" {
				t.Errorf("upstream(%q) = %q", v, u)
			}
		}
		for name := range parseUsers(in) {
			if strings.ContainsAny(name, ":\n") {
				t.Errorf("user %q of %q", name, in)
			}
		}
		parseGroups(in)
		parseActivated(in)
	})
}
