package packages

import (
	"strings"
	"testing"

	"github.com/layerpack/layerpack/internal/fakewheel"
	"github.com/layerpack/layerpack/internal/spec"
)

// plain are pure wheels that require nothing: "NAME VERSION".
func plain(words ...string) (out []fakewheel.Wheel) {
	for _, w := range words {
		name, version, _ := strings.Cut(w, " ")
		out = append(out, pure(name, version))
	}
	return out
}

const emptyLock = "lock-version = '1.0'\ncreated-by = 'x'\npackages = []\n"

// TestAskRefuses: what cannot be understood, and what does not go together.
func TestAskRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		words spec.Packages
		says  []string
	}{
		"a lock and words":     {map[string]string{"pylock.toml": emptyLock}, spec.Packages{Files: []string{"pylock.toml"}, Words: []string{"app"}}, []string{"pylock.toml", "beside it"}},
		"a lock and a file":    {map[string]string{"pylock.toml": emptyLock, "r.txt": ""}, spec.Packages{Files: []string{"r.txt", "pylock.toml"}}, []string{"pylock.toml", "beside it"}},
		"two locks":            {map[string]string{"pylock.toml": emptyLock, "pylock.b.toml": emptyLock}, spec.Packages{Files: []string{"pylock.toml", "pylock.b.toml"}}, []string{"beside it"}},
		"a lock, overrides":    {map[string]string{"pylock.toml": emptyLock, "o": ""}, spec.Packages{Files: []string{"pylock.toml"}, Overrides: []string{"o"}}, []string{"beside it"}},
		"no lock at all":       {map[string]string{"uv.lock": "{}"}, spec.Packages{Files: []string{"uv.lock"}}, []string{"uv.lock"}},
		"a missing file":       {nil, spec.Packages{Files: []string{"r.txt"}}, []string{"r.txt"}},
		"a missing lock":       {nil, spec.Packages{Files: []string{"sub/pylock.toml"}}, []string{"sub/pylock.toml"}},
		"a missing project":    {nil, spec.Packages{Files: []string{"pyproject.toml"}}, []string{"pyproject.toml"}},
		"a missing override":   {nil, spec.Packages{Words: []string{"app"}, Overrides: []string{"o.txt"}}, []string{"--override", "o.txt"}},
		"a missing constraint": {nil, spec.Packages{Words: []string{"app"}, Constraints: []string{"c.txt"}}, []string{"c.txt"}},
		"an extra of nothing":  {nil, spec.Packages{Extras: []string{"x"}}, []string{"--extra x", "pyproject.toml"}},
		"a group of nothing":   {nil, spec.Packages{Groups: []string{"g"}}, []string{"--group g", "pyproject.toml"}},
		"no such group":        {map[string]string{"pyproject.toml": tomlProject}, spec.Packages{Groups: []string{"h"}}, []string{"pyproject.toml", "h", "g"}},
		"dynamic":              {map[string]string{"pyproject.toml": "[project]\nname='x'\ndynamic=['dependencies']\n"}, spec.Packages{Files: []string{"pyproject.toml"}}, []string{"pyproject.toml", "uv lock"}},
		"no hashes":            {nil, spec.Packages{Words: []string{"app==1"}, RequireHashes: true}, []string{"app==1", "hash"}},
		"a checkout":           {nil, spec.Packages{Words: []string{"git+https://x/y"}}, []string{"git+https://x/y", "pip wheel"}},
		"a folder":             {map[string]string{"here/setup.py": ""}, spec.Packages{Words: []string{"./here"}}, []string{"./here", "pip wheel"}},
		"nonsense":             {nil, spec.Packages{Words: []string{"app =="}}, []string{"--pip", "==", "without spaces"}},
	} {
		_, err := newProject(t, c.files, c.words, &shelf{}).found(t, debian())
		if err == nil {
			t.Errorf("%s: not refused", name)
			continue
		}
		refused(t, err, c.says...)
	}
}

// TestFilesNamed: each file that was read is named once.
func TestFilesNamed(t *testing.T) {
	files := map[string]string{"pyproject.toml": "[project]\nname = 'x'\nversion = '1'\ndependencies = ['six']\n", "r.txt": "six\n"}
	found, err := newProject(t, files, spec.Packages{Files: []string{"r.txt", "pyproject.toml"}}, nil).Find(t.Context(), debian(six))
	if err != nil || strings.Join(found.Files, " ") != "r.txt pyproject.toml" {
		t.Errorf("%q: %v", found.Files, err)
	}
}

// TestWhere: an index in a file is instead of those of the command line, links are beside them; paths are meant from the file.
func TestWhere(t *testing.T) {
	links := map[string]string{"sub/links/app-1.5-py3-none-any.whl": string(bytesOf(pure("app", "1.5")))}
	for text, want := range map[string]string{
		"app\n":                                                       "app-2.0*",
		"--no-index\n-f links\napp\n":                                 "app-1.5*",
		"--find-links=links\napp<2\n":                                 "app-1.5*",
		"--index-url http://127.0.0.1/simple\napp\n":                  "app-2.0*",
		"--pre\napp\n":                                                "app-3.0b1*",
		"--only-binary :all:\napp\n":                                  "app-2.0*",
		"app --hash=sha256:" + strings.Repeat("0", 64):                "",
		"--no-binary app\napp\n":                                      "",
		"--index-url http://elsewhere/simple\napp\n":                  "",
		"--no-index\napp\n":                                           "",
		"--trusted-host elsewhere\n-i http://elsewhere/simple\napp\n": "app-2.0*",
	} {
		files := map[string]string{"sub/r.txt": text}
		for name, content := range links {
			files[name] = content
		}
		p := newProject(t, files, spec.Packages{Files: []string{"sub/r.txt"}}, &shelf{wheels: plain("app 1.0", "app 2.0", "app 3.0b1")})
		got, err := p.found(t, debian())
		if got != want || (err == nil) == (want == "") {
			t.Errorf("%q: %q, want %q: %v", text, got, want, err)
		}
	}
}

// TestTarget: what counts as installed.
func TestTarget(t *testing.T) {
	base := debian(six)
	base.Distributions = append(base.Distributions, six, six)
	base.Distributions[1].Version, base.Distributions[2].Name, base.Distributions[2].Version = "0.1", "odd", "not a version"
	s := &shelf{wheels: plain("odd 1.0", "six 0.2")}
	if got, err := newProject(t, nil, spec.Packages{Words: []string{"six==1.16 odd"}}, s).found(t, base); err != nil || got != "odd-1.0*" {
		t.Errorf("%q: %v", got, err)
	}
}
