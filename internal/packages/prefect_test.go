package packages

import (
	"slices"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/internal/fakewheel"
	"github.com/layerpack/layerpack/internal/spec"
	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
)

// TestPrefect: which Prefect a project asks for. An index is asked where the project leaves a choice, and there alone.
func TestPrefect(t *testing.T) {
	const uv = "version = 1\nrequires-python = '>=3.9'\n"
	locked := func(versions ...string) string {
		text := uv
		for _, v := range versions {
			text += "[[package]]\nname = 'prefect'\nversion = '" + v + "'\nsource = { registry = 'https://pypi.org/simple' }\n"
		}
		return text
	}
	for name, c := range map[string]struct {
		files map[string]string
		words spec.Packages
		want  string // with where it is written; or a part of the refusal
		asked bool
	}{
		"pinned":                {map[string]string{"requirements.txt": "six\nprefect==2.20.4\n"}, spec.Packages{}, "2.20.4 requirements.txt:2", false},
		"pinned for pip":        {map[string]string{"requirements.txt": "Prefect[aws]===2.20.4\n"}, spec.Packages{}, "2.20.4 requirements.txt:1", false},
		"pinned by another":     {map[string]string{"requirements.txt": "prefect>=2\n", "c.txt": "\nprefect==2.19.1\n"}, spec.Packages{Constraints: []string{"c.txt"}}, "2.19.1 c.txt:2", false},
		"a wheel":               {nil, spec.Packages{Words: []string{"https://x.example/prefect-2.18.3-py3-none-any.whl"}}, "2.18.3 --pip", false},
		"a lock":                {map[string]string{"uv.lock": locked("2.20.4")}, spec.Packages{Files: []string{"uv.lock"}}, "2.20.4 uv.lock", false},
		"a lock without it":     {map[string]string{"uv.lock": uv}, spec.Packages{Files: []string{"uv.lock"}}, "does not ask for Prefect", false},
		"a lock with two":       {map[string]string{"uv.lock": locked("2.20.4", "3.1.9")}, spec.Packages{Files: []string{"uv.lock"}}, "several versions", false},
		"the newest":            {map[string]string{"requirements.txt": "prefect\n"}, spec.Packages{}, "3.1.9 requirements.txt:1", true},
		"the newest below":      {map[string]string{"requirements.txt": "prefect<3\n"}, spec.Packages{}, "2.20.10 requirements.txt:1", true},
		"a family":              {map[string]string{"requirements.txt": "prefect==2.19.*\n"}, spec.Packages{}, "2.19.1 requirements.txt:1", true},
		"compatible":            {nil, spec.Packages{Words: []string{"prefect~=2.19.0"}}, "2.19.1 --pip", true},
		"all lines together":    {map[string]string{"requirements.txt": "prefect>=2\nprefect!=2.20.10\n"}, spec.Packages{Words: []string{"six"}, Files: []string{"requirements.txt"}, Constraints: []string{"c"}}, "2.20.4 requirements.txt:1", true},
		"a pre-release":         {nil, spec.Packages{Words: []string{"prefect>=3.2.0rc1"}}, "3.2.0rc1 --pip", true},
		"nothing so new":        {nil, spec.Packages{Words: []string{"prefect>=4"}}, "no index has such a Prefect", true},
		"source alone":          {nil, spec.Packages{Words: []string{"prefect>=3.5"}}, "no index has such a Prefect", true},
		"another Python's":      {map[string]string{"requirements.txt": "prefect==2.20.4; python_version<'3.9'\nprefect==3.1.9; python_version>='3.9'\n"}, spec.Packages{}, "3.1.9 requirements.txt:2", false},
		"another system's":      {map[string]string{"requirements.txt": "prefect==2.20.4; sys_platform=='win32'\n"}, spec.Packages{}, "does not ask for Prefect", false},
		"normalised":            {map[string]string{"requirements.txt": "prefect==v2.20\n"}, spec.Packages{}, "2.20.0 requirements.txt:1", false},
		"too long":              {map[string]string{"requirements.txt": "prefect==2.20.04.0\n"}, spec.Packages{}, "2.20.4 requirements.txt:1", false},
		"a short candidate":     {map[string]string{"requirements.txt": "prefect==3.0rc19\n"}, spec.Packages{}, "3.0.0rc19 requirements.txt:1", false},
		"a commit's":            {map[string]string{"requirements.txt": "prefect==2.20.4+3.gabcdef1\n"}, spec.Packages{}, "2.20.4+3.gabcdef1 requirements.txt:1", false},
		"a lock that lies here": {map[string]string{"uv.lock": locked("2.20.4")}, spec.Packages{}, "2.20.4 uv.lock", false},
		"a lock beside others":  {map[string]string{"uv.lock": locked("2.20.4"), "requirements.txt": "six\n"}, spec.Packages{}, "2.20.4 uv.lock", false},
		"a project":             {map[string]string{"pyproject.toml": "[project]\nname = 'x'\ndependencies = ['prefect==2.20.4']\n"}, spec.Packages{}, "2.20.4 pyproject.toml: [project] dependencies", false},
		"a project of tools":    {map[string]string{"pyproject.toml": "[tool.ruff]\nline-length = 1\n"}, spec.Packages{}, "does not ask for Prefect", false},
		"what is asked for":     {map[string]string{"uv.lock": locked("2.20.4")}, spec.Packages{Words: []string{"six"}}, "does not ask for Prefect", false},
		"a newer Python's":      {map[string]string{"requirements.txt": "prefect>=3.3\n"}, spec.Packages{}, "no index has such a Prefect for Python 3.11", true},
		"nobody asks for it":    {map[string]string{"requirements.txt": "six\n"}, spec.Packages{}, "does not ask for Prefect", false},
		"nothing is asked for":  {nil, spec.Packages{}, "does not ask for Prefect", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := &shelf{wheels: plain("prefect 2.19.0", "prefect 2.19.1", "prefect 2.20.4", "prefect 2.20.10", "prefect 3.1.9", "prefect 3.2.0rc1"), sdists: []string{"prefect-3.5.0.tar.gz"}}
			s.wheels, s.needs = append(s.wheels, pure("prefect", "3.3.0")), ">=3.12"
			files := map[string]string{"c": "prefect<3\nprefect-aws==0.1\n"}
			for name, text := range c.files {
				files[name] = text
			}
			got, from, err := newProject(t, files, c.words, s).Prefect(t.Context(), marker.Linux("x86_64", "3.11", "cpython"))
			switch {
			case err != nil:
				refused(t, err, c.want)
			case got+" "+from != c.want:
				t.Errorf("%s by %q, want %s", got, from, c.want)
			}
			if slices.Contains(s.asked, prefect) != c.asked {
				t.Errorf("asked for %q", s.asked)
			}
		})
	}
	// Of a folder, without an index.
	raw := func(version string) string { return string(bytesOf(pure("prefect", version))) }
	files := map[string]string{
		"requirements.txt":                      "--no-index\n-f links\nprefect<3\n",
		"links/prefect-2.20.4-py3-none-any.whl": raw("2.20.4"), "links/prefect-3.1.9-py3-none-any.whl": raw("3.1.9"),
	}
	if got, _, err := newProject(t, files, spec.Packages{}, &shelf{wheels: []fakewheel.Wheel{pure("prefect", "2.21.0")}}).Prefect(t.Context(), marker.Linux("x86_64", "3.11", "cpython")); err != nil || got != "2.20.4" {
		t.Errorf("%q: %v", got, err)
	}
	// A name that no index has.
	if _, _, err := newProject(t, nil, spec.Packages{Words: []string{"prefect"}}, &shelf{}).Prefect(t.Context(), marker.Linux("x86_64", "3.11", "cpython")); err == nil || !strings.Contains(err.Error(), "no index has it") {
		t.Errorf("%v", err)
	}
}
