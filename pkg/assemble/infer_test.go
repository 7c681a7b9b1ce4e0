package assemble

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/internal/spec"
)

// Prefect's own image is named by what the project asks for, without asking an index where it is pinned.
func TestInferBase(t *testing.T) {
	for name, c := range map[string]struct {
		files  map[string]string
		python string
		words  []string
		want   string // or a part of the refusal
	}{
		"pinned":          {map[string]string{"requirements.txt": "pandas\nprefect==2.20.4\n"}, "3.11", nil, "prefecthq/prefect:2.20.4-python3.11"},
		"python-version":  {map[string]string{"requirements.txt": "prefect==3.1.9\n", ".python-version": "# ours\n3.12.4\n"}, "", nil, "prefecthq/prefect:3.1.9-python3.12"},
		"uv's form":       {map[string]string{"requirements.txt": "prefect==3.1.9\n", ".python-version": "cpython-3.12.4-linux-x86_64-gnu\n"}, "", nil, "prefecthq/prefect:3.1.9-python3.12"},
		"requires-python": {map[string]string{"requirements.txt": "prefect==3.1.9\n", "pyproject.toml": "[project]\nname = \"x\"\nrequires-python = \">=3.10,<4\"\n"}, "", nil, "prefecthq/prefect:3.1.9-python3.10"},
		"words":           {nil, "3.11", []string{"pandas prefect==2.20.4"}, "prefecthq/prefect:2.20.4-python3.11"},
		"extras":          {map[string]string{"requirements.txt": "prefect[aws]==2.20.4\n"}, "3.11", nil, "prefecthq/prefect:2.20.4-python3.11"},
		"lock":            {map[string]string{"uv.lock": uvLock}, "3.11", nil, "prefecthq/prefect:2.20.4-python3.11"},
		"none":            {map[string]string{"requirements.txt": "pandas\n"}, "3.11", nil, "it does not ask for Prefect"},
		"no python":       {map[string]string{"requirements.txt": "prefect==3.1.9\n"}, "", nil, "say --python 3.11"},
		"wrong python":    {map[string]string{"requirements.txt": "prefect==3.1.9\n", ".python-version": "pypy\n"}, "", nil, `"pypy" is no version of Python`},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			f := Flags{Dir: dir, Packages: spec.Packages{Words: c.words, NoIndex: true}}
			for file, text := range c.files {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
				if file == "uv.lock" {
					f.Packages.Files = []string{file}
				}
			}
			got, err := InferBase(t.Context(), f, c.python, Host{})
			if err != nil {
				got = err.Error()
			}
			if got != c.want && (err == nil || !strings.Contains(got, c.want)) {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

const uvLock = `version = 1
requires-python = ">=3.9"

[[package]]
name = "prefect"
version = "2.20.4"
source = { registry = "https://pypi.org/simple" }
`
