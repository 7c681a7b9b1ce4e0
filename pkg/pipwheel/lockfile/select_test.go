package lockfile

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
	"github.com/layerpack/layerpack/pkg/pipwheel/requirement"
	"github.com/layerpack/layerpack/pkg/pipwheel/tag"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// debian is CPython 3.11 in an image with glibc 2.36.
func debian(machine string) Target {
	return Target{
		Environment: marker.Linux(machine, "3.11.9", "cpython"),
		Interpreter: tag.Interpreter{Implementation: "cpython", Major: 3, Minor: 11, Machine: machine, LibcKind: "glibc", LibcMajor: 2, LibcMinor: 36},
	}
}

// chosen writes a selection as lines "name version file".
func chosen(s *Selection) string {
	if s == nil {
		return ""
	}
	var out []string
	for _, p := range s.Packages {
		out = append(out, strings.TrimSpace(p.Name+" "+p.Version+" "+p.File))
	}
	return strings.Join(out, "\n")
}

// refused checks that an error is a refusal that holds all of some words.
func refused(t *testing.T, err error, words ...string) {
	t.Helper()
	var r *refusal.Error
	if !errors.As(err, &r) {
		t.Fatalf("not a refusal: %v", err)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("the refusal does not say %q: %v", w, err)
		}
	}
}

func TestParseByName(t *testing.T) {
	for file, want := range map[string]string{
		"a/pylock.toml": "", "pylock.dev.toml": "", "uv.lock": "version", "pylock.a.b.toml": "not the name", "pylock..toml": "not the name",
		"poetry.lock": "poetry export", "pdm.lock": "pdm export", "Pipfile.lock": "pipenv", "requirements.txt": "not the name",
	} {
		_, err := Parse(file, []byte("lock-version = '1.0'\ncreated-by = 'x'\npackages = []"))
		if want == "" {
			if err != nil || !IsLock(file) {
				t.Errorf("%s: %v, IsLock %v", file, err, IsLock(file))
			}
			continue
		}
		refused(t, err, want)
		if IsLock(file) != (file == "uv.lock") {
			t.Errorf("IsLock(%s) = %v", file, IsLock(file))
		}
	}
}

// TestLocalSources reads what uv wrote of a project that depends on a folder index, files, and folders.
func TestLocalSources(t *testing.T) {
	data, err := os.ReadFile("testdata/local/uv.lock")
	if err != nil {
		t.Fatal(err)
	}
	lock, err := ParseUV("/project/uv.lock", data)
	if err != nil {
		t.Fatal(err)
	}
	_, err = lock.Select(debian("x86_64"), Choice{})
	refused(t, err, "/project/uv.lock", "dirp 1: the folder dirp has to be built", "pip wheel", "--wheels")

	lock.byName["dirp"][0].Source = uvSource{Editable: "dirp"}
	s, err := lock.Select(debian("x86_64"), Choice{})
	if err != nil {
		t.Fatal(err)
	}
	var got []Locked
	for _, p := range s.Packages {
		if p.Name != "attrs" && p.Name != "click" {
			got = append(got, p)
		}
	}
	want := []Locked{
		{Name: "iniconfig", Version: "2.1.0", File: "iniconfig-2.1.0-py3-none-any.whl", Path: "/project/links/iniconfig-2.1.0-py3-none-any.whl", Hashes: requirement.Hashes{}, Index: "links", Requested: true},
		{
			Name: "packaging", Version: "24.2", File: "packaging-24.2-py3-none-any.whl", Direct: true, Requested: true,
			URL:    "https://files.pythonhosted.org/packages/88/ef/eb23f262cca3c0c4eb7ab1933c3b1f03d021f2c48f54763065b6f0e321be/packaging-24.2-py3-none-any.whl",
			Hashes: requirement.Hashes{"sha256": {"09abb1bccd265c01f4a3aa3f7a7db064b36514d2cba19a2f694fe6150451a759"}}, Size: got[1].Size,
		},
		{
			Name: "six", Version: "1.17.0", File: "six-1.17.0-py2.py3-none-any.whl", Path: "/project/lib/six-1.17.0-py2.py3-none-any.whl", Direct: true, Requested: true,
			Hashes: requirement.Hashes{"sha256": {"4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274"}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var notes []string
	for _, n := range s.Notes {
		notes = append(notes, n.String())
	}
	if len(notes) != 3 || !strings.Contains(notes[0], "loc (.)") || !strings.Contains(notes[0], "source layer") || !slices.ContainsFunc(notes, func(n string) bool {
		return strings.Contains(n, "ed (ed)") && strings.Contains(n, "--wheels")
	}) {
		t.Errorf("notes: %q", notes)
	}
	for _, p := range s.Packages {
		if p.Requested == (p.Name == "click") {
			t.Errorf("%s: Requested is %v", p.Name, p.Requested)
		}
	}
}

func TestHashed(t *testing.T) {
	sha := strings.Repeat("0", 64)
	for _, c := range []struct{ text, want, err string }{
		{"a==1 --hash=sha256:" + sha + "\nB_c===2.0 ; os_name == 'posix' --hash=sha256:" + sha + "\nd==1 ; os_name == 'nt'", "a 1\nb-c 2.0", ""},
		{"https://h/x-1-py3-none-any.whl#sha256=" + sha + "\na==1 --hash=sha256:" + sha, "a 1\nx 1 x-1-py3-none-any.whl", ""},
		{"a==1 --hash=sha256:" + sha + "\na==1.0 --hash=sha256:" + sha, "a 1", ""},
		{"a==1 --hash=sha256:" + sha + "\na==2 --hash=sha256:" + sha, "", "twice, as 1 and as 2"},
		{"a==1.* --hash=sha256:" + sha + "\nb>=1\nc==1\nd==1 --hash=sha256:" + sha, "", "b>=1: its version is not pinned with == (r.txt:2)\n  c==1: it has no --hash (r.txt:3)"},
		{"https://h/x-1-cp312-cp312-win_amd64.whl --hash=sha256:" + sha, "", "does not fit: has cp312"},
		{"https://h/x-1-py3-none-any.whl", "", "nor one in its URL"},
		{"--no-binary a\na==1 --hash=sha256:" + sha, "", "--no-binary"},
		{"-c c.txt\na==1 --hash=sha256:" + sha, "", "c.txt:1 constrains it to <1"},
		{"-e .\na==1 --hash=sha256:" + sha, "", "an editable install"},
	} {
		files := map[string]string{"r.txt": c.text, "c.txt": "a<1"}
		set, err := requirement.Reader{Open: func(name string) ([]byte, error) { return []byte(files[name]), nil }}.Files([]string{"r.txt"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		s, err := Hashed(set, debian("x86_64"))
		if c.err != "" {
			refused(t, err, c.err)
			continue
		}
		if err != nil || chosen(s) != c.want {
			t.Errorf("%s\n%v\n%s", c.text, err, chosen(s))
		}
		for _, p := range s.Packages {
			if !p.AnyHash || len(p.Hashes["sha256"]) != 1 || p.Direct != (p.File != "") {
				t.Errorf("%+v", p)
			}
		}
	}
}
