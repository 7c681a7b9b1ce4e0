package lockfile

import (
	"strings"
	"testing"
)

// uvEntry is a package of an index with one pure wheel.
func uvEntry(name, version, more string) string {
	return "[[package]]\nname = '" + name + "'\nversion = '" + version + "'\nsource = { registry = 'https://i' }\n" +
		"wheels = [{ url = 'https://h/" + name + "-" + version + "-py3-none-any.whl', hash = 'sha256:0', size = 1 }]\n" + more
}

const (
	uvHead = "version = 1\nrevision = 99\nrequires-python = '>=3.9'\n"
	uvRoot = "[[package]]\nname = 'proj'\nsource = { virtual = '.' }\n"
)

func TestSelectUV(t *testing.T) {
	forks := uvEntry("n", "1", "resolution-markers = [\"python_full_version < '3.12'\"]\n") + uvEntry("n", "2", "resolution-markers = [\"python_full_version >= '3.12'\"]\n")
	conflict := "conflicts = [[{ package = 'proj', extra = 'old' }, { package = 'proj', extra = 'new' }, { package = 'proj', group = 'g' }]]\n"
	both := uvRoot + "[package.optional-dependencies]\nold = [{ name = 'n', version = '1' }]\nnew = [{ name = 'n', version = '2' }]\n" +
		"[package.dev-dependencies]\ng = [{ name = 'a' }]\n" + forks +
		uvEntry("a", "1", "dependencies = [{ name = 'b', marker = \"extra == 'extra-4-proj-old'\" }, { name = 'c', marker = \"extra != 'extra-4-proj-old'\" }]\n") + uvEntry("b", "1", "") + uvEntry("c", "1", "")
	for _, c := range []struct {
		name, text string
		choice     Choice
		want, err  string
	}{
		{"markers and chains", uvRoot + "dependencies = [{ name = 'a', marker = \"os_name == 'posix'\" }, { name = 'c', marker = \"os_name == 'nt'\" }]\n" + uvEntry("a", "1", "dependencies = [{ name = 'b' }]\n") + uvEntry("b", "1", "dependencies = [{ name = 'a' }]\n") + uvEntry("c", "1", ""), Choice{}, "a b", ""},
		{"extras of dependencies", uvRoot + "dependencies = [{ name = 'a', extra = ['x'] }]\n" + uvEntry("a", "1", "[package.optional-dependencies]\nx = [{ name = 'b' }]\ny = [{ name = 'c' }]\n") + uvEntry("b", "1", "") + uvEntry("c", "1", ""), Choice{}, "a b", ""},
		{"extras of the project", uvRoot + "[package.optional-dependencies]\nx = [{ name = 'proj', extra = ['y'] }]\ny = [{ name = 'a' }]\n" + uvEntry("a", "1", ""), Choice{Extras: []string{"X"}}, "a", ""},
		{"extra without dependencies", uvRoot + "[package.metadata]\nprovides-extras = ['e']\nrequires-dev = { g = [] }\n", Choice{Extras: []string{"e"}, Groups: []string{"g"}}, "", ""},
		{"unknown extra", uvRoot + "[package.optional-dependencies]\nx = []\n", Choice{Extras: []string{"y"}}, "", "it has the extras x"},
		{"unknown group", uvRoot, Choice{Groups: []string{"y"}}, "", "no dependency groups"},
		{"groups", uvRoot + "dependencies = [{ name = 'a' }]\n[package.dev-dependencies]\ndev = [{ name = 'b' }]\n" + uvEntry("a", "1", "") + uvEntry("b", "1", ""), Choice{Groups: []string{"dev"}}, "a b", ""},
		{"groups alone", uvRoot + "dependencies = [{ name = 'a' }]\n[package.dev-dependencies]\ndev = [{ name = 'b' }]\n" + uvEntry("a", "1", "") + uvEntry("b", "1", ""), Choice{Groups: []string{"dev"}, OnlyGroups: true}, "b", ""},
		{"forks", uvRoot + "dependencies = [{ name = 'n', version = '1', marker = \"python_full_version < '3.12'\" }, { name = 'n', version = '2', marker = \"python_full_version >= '3.12'\" }]\n" + forks, Choice{}, "n", ""},
		{"both forks", uvRoot + "dependencies = [{ name = 'n', version = '1' }, { name = 'n', version = '2' }]\n" + forks, Choice{}, "", "both n 1 and 2"},
		{"a fork too vague", uvRoot + "dependencies = [{ name = 'n' }]\n" + forks, Choice{}, "", "does not say which"},
		{"a script", "[manifest]\nrequirements = [{ name = 'n' }, { name = 'a', extras = ['x'], marker = \"os_name == 'posix'\" }, { name = 'z', marker = \"os_name == 'nt'\" }]\n" + forks + uvEntry("a", "1", "[package.optional-dependencies]\nx = [{ name = 'b' }]\n") + uvEntry("b", "1", ""), Choice{}, "a b n", ""},
		{"a workspace without project", "[manifest]\nmembers = ['p', 'q']\n[manifest.dependency-groups]\ndev = [{ name = 'c' }]\n" + strings.ReplaceAll(uvRoot, "'proj'", "'p'") + "dependencies = [{ name = 'a' }]\n" + strings.ReplaceAll(strings.ReplaceAll(uvRoot, "'proj'", "'q'"), "virtual = '.'", "editable = 'q'") + "dependencies = [{ name = 'b' }]\n" + uvEntry("a", "1", "") + uvEntry("b", "1", "") + uvEntry("c", "1", ""), Choice{Members: []string{"Q"}, Groups: []string{"dev"}}, "b c", ""},
		{"no such member", uvRoot, Choice{Members: []string{"other"}}, "", "it has the members proj"},
		{"no project", uvEntry("a", "1", ""), Choice{}, "", "does not say which project"},
		{"missing package", uvRoot + "dependencies = [{ name = 'gone' }]\n", Choice{}, "", "no package gone"},
		{"git and sdist", uvRoot + "dependencies = [{ name = 'g' }, { name = 's' }]\n[[package]]\nname = 'g'\nversion = '1'\nsource = { git = 'https://h/r?rev=x#0' }\n[[package]]\nname = 's'\nversion = '1'\nsource = { registry = 'https://i' }\nsdist = { url = 'https://h/s-1.tar.gz', hash = 'sha256:0' }\n", Choice{}, "", "\n  g 1: a checkout from version control has to be built\n  s 1: it is locked as a source distribution\n"},
		{"wrong wheel", uvRoot + "dependencies = [{ name = 'a' }]\n" + strings.Replace(uvEntry("a", "1", ""), "/a-1", "/b-1", 1), Choice{}, "", "is a wheel of b"},
		{"supported", "supported-markers = [\"os_name == 'nt'\"]\n" + uvRoot, Choice{}, "", "it supports: os_name == 'nt'"},
		{"conflict: neither", conflict + both, Choice{}, "", ""},
		{"conflict: old", conflict + both, Choice{Extras: []string{"old"}}, "n", ""},
		{"conflict: both", conflict + both, Choice{Extras: []string{"old", "new"}}, "", "incompatible: extra old of proj, extra new of proj"},
		{"conflict: group", conflict + both, Choice{Extras: []string{"old"}, Groups: []string{"g"}}, "", "group g of proj"},
		{"conflicting markers", strings.Replace(conflict, ", { package = 'proj', group = 'g' }", "", 1) + both, Choice{Extras: []string{"old"}, Groups: []string{"g"}}, "a b n", ""},
		{"conflicting markers, other side", strings.Replace(conflict, ", { package = 'proj', group = 'g' }", "", 1) + both, Choice{Extras: []string{"new"}, Groups: []string{"g"}}, "a c n", ""},
	} {
		u, err := ParseUV("p/uv.lock", []byte(uvHead+c.text))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		s, err := u.Select(debian("x86_64"), c.choice)
		var names []string
		if s != nil {
			for _, p := range s.Packages {
				names = append(names, p.Name)
			}
		}
		switch {
		case c.err != "":
			refused(t, err, "p/uv.lock", c.err)
		case err != nil:
			t.Errorf("%s: %v", c.name, err)
		case strings.Join(names, " ") != c.want:
			t.Errorf("%s: %s", c.name, names)
		}
	}
}

func TestParseUVRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"version = ":                           "line 1",
		"version = '1'":                        "not an uv.lock",
		"":                                     "it has no version",
		"version = 2":                          "uv export --format pylock.toml",
		"version = 1\nrequires-python = 'x'":   "requires-python",
		"version = 1\n[[package]]\nname = 'A'": "not normalised",
		"version = 1\nsupported-markers = ['no']":                          "not a valid uv.lock",
		uvHead + uvRoot + "dependencies = [{ name = 'a', marker = 'no' }]": "not a valid uv.lock",
	} {
		_, err := ParseUV("uv.lock", []byte(text))
		if err == nil {
			t.Errorf("accepted: %s", text)
			continue
		}
		refused(t, err, want)
	}
	u, err := ParseUV("uv.lock", []byte("version = 1\nrequires-python = '>=3.12'\n"+uvRoot))
	if err != nil {
		t.Fatal(err)
	}
	_, err = u.Select(debian("x86_64"), Choice{})
	refused(t, err, "it needs Python >=3.12, the image has 3.11.9")
}
