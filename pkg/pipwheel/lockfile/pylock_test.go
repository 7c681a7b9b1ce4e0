package lockfile

import (
	"strings"
	"testing"
)

const head = "lock-version = '1.0'\ncreated-by = 'x'\n"

// entry is a package with one wheel and more keys.
func entry(name, version, more string, files ...string) string {
	s := "[[packages]]\nname = '" + name + "'\nversion = '" + version + "'\n" + more + "\n"
	if len(files) == 0 {
		files = []string{name + "-" + version + "-py3-none-any.whl"}
	}
	s += "wheels = ["
	for _, f := range files {
		s += "{ url = 'https://h/" + f + "', hashes = { sha256 = 'AB' } }, "
	}
	return s + "]\n"
}

func TestParsePylockRefuses(t *testing.T) {
	for _, c := range []struct{ text, err string }{
		{"x = [", "line 1"},
		{"created-by = 'x'\npackages = []", "lock-version is missing"},
		{"lock-version = '1.0'\npackages = []", "created-by"},
		{head, "packages is missing"},
		{"lock-version = 1.0\ncreated-by = 'x'\npackages = []", "not a pylock.toml"},
		{"lock-version = '2.0'\ncreated-by = 'x'\npackages = []", "only 1.x is understood"},
		{"lock-version = '1!1.0'\ncreated-by = 'x'\npackages = []", "only 1.x is understood"},
		{"lock-version = 'new'\ncreated-by = 'x'\npackages = []", "lock-version"},
		{head + "requires-python = 'yes'\npackages = []", "requires-python"},
		{head + "environments = ['yes']\npackages = []", "environments"},
		{head + "extras = ['A_b']\npackages = []", "not a normalised name"},
		{head + "[[packages]]\nversion = '1'", "packages[0]: name is missing"},
		{head + entry("A", "1", ""), "not a normalised name"},
		{head + entry("a", "one", ""), "a: "},
		{head + entry("a", "1", "marker = 'no'"), "a: marker"},
		{head + entry("a", "1", "requires-python = 'no'"), "a: requires-python"},
		{head + entry("a", "1", "", "b-1-py3-none-any.whl"), "not a wheel of it"},
		{head + entry("a", "1", "", "a-2-py3-none-any.whl"), "not a wheel of its version"},
		{head + entry("a", "1", "", "a-1.zip"), "a-1.zip"},
		{head + "[[packages]]\nname = 'a'", "it has no source"},
		{head + entry("a", "1", "directory = { path = '.' }"), "stand alone"},
		{head + "[[packages]]\nname = 'a'\ndirectory = { path = '.' }\nvcs = { type = 'git', url = 'u', commit-id = '0' }", "it has no source: one of"},
		{head + "[[packages]]\nname = 'a'\ndirectory = { editable = true }", "directory needs a path"},
		{head + "[[packages]]\nname = 'a'\nvcs = { type = 'git', url = 'u' }", "vcs needs"},
		{head + "[[packages]]\nname = 'a'\nwheels = [{ name = 'a-1-py3-none-any.whl', hashes = { sha256 = '0' } }]", "url or a path"},
		{head + "[[packages]]\nname = 'a'\nwheels = [{ url = 'https://h/a-1-py3-none-any.whl' }]", "has no hash"},
		{head + "[[packages]]\nname = 'a'\nwheels = [{ url = 'https://h/a-1-py3-none-any.whl', hashes = { sha256 = '0' }, size = -1 }]", "below 0"},
		{head + "[[packages]]\nname = 'a'\nsdist = { url = '/', hashes = { sha256 = '0' } }", "has no name"},
	} {
		_, err := ParsePylock("dir/pylock.toml", []byte(c.text))
		if err == nil {
			t.Errorf("accepted:\n%s", c.text)
			continue
		}
		refused(t, err, "dir/pylock.toml", c.err)
	}
}

func TestSelectPylock(t *testing.T) {
	groups := "extras = ['x']\ndependency-groups = ['dev', 'Doc_s']\ndefault-groups = ['main']\n"
	for _, c := range []struct {
		name, text string
		choice     Choice
		want, err  string
	}{
		{"best tag", entry("a", "1", "", "a-1-py3-none-any.whl", "a-1-cp311-cp311-manylinux_2_17_x86_64.whl", "a-1-cp311-cp311-manylinux_2_28_x86_64.whl", "a-1-cp312-cp312-manylinux_2_28_x86_64.whl"), Choice{}, "a 1 a-1-cp311-cp311-manylinux_2_28_x86_64.whl", ""},
		{"build number", entry("a", "1", "", "a-1-9-py3-none-any.whl", "a-1-10-py3-none-any.whl", "a-1-py3-none-any.whl"), Choice{}, "a 1 a-1-10-py3-none-any.whl", ""},
		{"unknown kind of wheel", entry("a", "1", "", "a-1-py3-none-any-x86_64_v3.whl", "a-1-py3-none-any.whl"), Choice{}, "a 1 a-1-py3-none-any.whl", ""},
		{"marker", entry("b", "1", "marker = \"sys_platform == 'win32'\"") + entry("a", "1", "marker = \"sys_platform == 'linux'\""), Choice{}, "a 1 a-1-py3-none-any.whl", ""},
		{"two of a name", entry("a", "1", "") + entry("a", "2", "marker = \"os_name == 'posix'\""), Choice{}, "", "two entries of a for this image: packages[0] and packages[1]"},
		{"two of a name, one here", entry("a", "1", "marker = \"os_name == 'nt'\"") + entry("a", "2", ""), Choice{}, "a 2 a-2-py3-none-any.whl", ""},
		{"requires-python of a package", entry("a", "1", "requires-python = '>=3.12'"), Choice{}, "", "a: it needs Python >=3.12, the image has 3.11.9"},
		{"the same, not here", entry("a", "1", "requires-python = '>=3.12'\nmarker = \"os_name == 'nt'\""), Choice{}, "", ""},
		{"default groups", groups + entry("m", "1", "marker = \"'main' in dependency_groups\"") + entry("d", "1", "marker = \"'dev' in dependency_groups\""), Choice{}, "m 1 m-1-py3-none-any.whl", ""},
		{"no default groups", groups + entry("m", "1", "marker = \"'main' in dependency_groups\"") + entry("d", "1", "marker = \"'dev' in dependency_groups\""), Choice{NoDefaultGroups: true, Groups: []string{"Dev"}}, "d 1 d-1-py3-none-any.whl", ""},
		{"group spelled otherwise", groups + entry("m", "1", "marker = \"'doc-s' in dependency_groups\""), Choice{Groups: []string{"doc.s"}}, "m 1 m-1-py3-none-any.whl", ""},
		{"extra", groups + entry("m", "1", "marker = \"'x' in extras and 'y' not in extras\""), Choice{Extras: []string{"X"}}, "m 1 m-1-py3-none-any.whl", ""},
		{"unknown extra", groups, Choice{Extras: []string{"y"}}, "", "it has the extras x"},
		{"unknown group", groups, Choice{Groups: []string{"y"}}, "", "it has the dependency groups dev, Doc_s"},
		{"members", "", Choice{Members: []string{"y"}}, "", "no workspace members"},
		{"python", "requires-python = '<3.11'\n", Choice{}, "", "the lock does not fit the image: it needs Python <3.11"},
		{"environments", "environments = [\"os_name == 'nt'\", \"sys_platform == 'linux'\"]\n", Choice{}, "", ""},
		{"other environments", "environments = [\"os_name == 'nt'\"]\n", Choice{}, "", "Python 3.11.9, linux, x86_64"},
		{"no environments", "environments = []\n", Choice{}, "", "not for the image's environment"},
		{"marker without value", entry("a", "1", "marker = \"extra == 'a'\""), Choice{}, "", "the marker of a"},
		{"archive", "[[packages]]\nname = 'a'\narchive = { path = 'w/a-1-py3-none-any.whl', hashes = { sha256 = '0' } }\n", Choice{}, "a 1 a-1-py3-none-any.whl", ""},
		{"archive of another name", "[[packages]]\nname = 'b'\narchive = { url = 'https://h/a-1-py3-none-any.whl', hashes = { sha256 = '0' } }\n", Choice{}, "", "is a wheel of a"},
		{"own project", "[[packages]]\nname = 'a'\ndirectory = { path = '.' }\n[[packages]]\nname = 'b'\ndirectory = { path = '../b', editable = true }\n", Choice{}, "", ""},
		{
			"all that must be built",
			"[[packages]]\nname = 'a'\ndirectory = { path = 'd' }\n[[packages]]\nname = 'b'\nvcs = { type = 'git', url = 'u', commit-id = '0' }\n" +
				"[[packages]]\nname = 'c'\nversion = '1'\nsdist = { url = 'https://h/c-1.tar.gz', hashes = { sha256 = '0' } }\n" +
				"[[packages]]\nname = 'd'\narchive = { url = 'https://h/d.zip', hashes = { sha256 = '0' } }\n" + entry("e", "1", "", "e-1-cp312-abi3-win_amd64.whl") + entry("f", "1", ""),
			Choice{},
			"",
			"\n  a: a folder with a project has to be built\n  b: a checkout from version control has to be built\n  c 1: it is locked as a source distribution\n  d: it is locked as a source distribution\n  e 1: no wheel fits: has cp312 abi3 wheels for win amd64; the image is CPython 3.11, glibc 2.36, x86_64",
		},
	} {
		text := head + c.text
		if !strings.Contains(text, "[[packages]]") {
			text += "packages = []\n"
		}
		p, err := ParsePylock("dir/pylock.toml", []byte(text))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		s, err := p.Select(debian("x86_64"), c.choice)
		switch {
		case c.err != "":
			refused(t, err, "dir/pylock.toml", c.err)
		case err != nil:
			t.Errorf("%s: %v", c.name, err)
		case chosen(s) != c.want:
			t.Errorf("%s: %s", c.name, chosen(s))
		}
	}
}

func TestPylockPlaces(t *testing.T) {
	p, err := ParsePylock("dir/pylock.toml", []byte("lock-version = '1.1'\ncreated-by = 'x'\n"+
		"[[packages]]\nname = 'a'\nwheels = [{ path = 'w\\a-1%2B2-py3-none-any.whl', url = 'https://h/x', name = 'a-1+2-py3-none-any.whl', size = 7, hashes = { sha256 = 'AB', md5 = 'C' } }]\n"+
		"[[packages]]\nname = 'b'\narchive = { url = 'file:///w/b-1%2B2-py3-none-any.whl', hashes = { sha256 = '0' } }\n"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := p.Select(debian("aarch64"), Choice{})
	if err != nil {
		t.Fatal(err)
	}
	a, b := s.Packages[0], s.Packages[1]
	if a.Path != "dir/w/a-1%2B2-py3-none-any.whl" || a.URL != "" || a.File != "a-1+2-py3-none-any.whl" || a.Version != "1+2" || a.Size != 7 || a.Hashes["sha256"][0] != "ab" || a.Direct {
		t.Errorf("%+v", a)
	}
	if b.Path != "/w/b-1+2-py3-none-any.whl" || b.URL != "" || b.File != "b-1+2-py3-none-any.whl" || !b.Direct {
		t.Errorf("%+v", b)
	}
	if len(s.Notes) != 1 || !strings.Contains(s.Notes[0].String(), "1.1 is newer") {
		t.Errorf("%v", s.Notes)
	}
}
