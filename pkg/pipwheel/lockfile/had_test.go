package lockfile

import (
	"slices"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/pipwheel/requirement"
)

// What the image has needs no wheel: not even one that fits.
func TestHad(t *testing.T) {
	target := debian("x86_64")
	target.Has = func(name, version string) bool { return name == "pendulum" && version == "2.1.2" }
	pylock, err := ParsePylock("pylock.toml", []byte(`lock-version = "1.0"
created-by = "test"
[[packages]]
name = "pendulum"
version = "2.1.2"
sdist = {name = "pendulum-2.1.2.tar.gz", url = "https://x.test/pendulum-2.1.2.tar.gz", hashes = {sha256 = "aa"}}
`))
	if err != nil {
		t.Fatal(err)
	}
	uv, err := ParseUV("uv.lock", []byte(`version = 1
requires-python = ">=3.8"
[[package]]
name = "p"
version = "1"
source = { virtual = "." }
dependencies = [{ name = "pendulum" }]
[[package]]
name = "pendulum"
version = "2.1.2"
source = { registry = "https://x.test/simple" }
sdist = { url = "https://x.test/pendulum-2.1.2.tar.gz", hash = "sha256:aa", size = 1 }
`))
	if err != nil {
		t.Fatal(err)
	}
	hashed, err := requirement.Reader{Open: func(string) ([]byte, error) {
		return []byte("pendulum==2.1.2 --hash=sha256:" + strings.Repeat("ab", 32)), nil
	}}.Files([]string{"r.txt"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, sel := range map[string]func() (*Selection, error){
		"pylock": func() (*Selection, error) { return pylock.Select(target, Choice{}) },
		"uv":     func() (*Selection, error) { return uv.Select(target, Choice{}) },
		"hashed": func() (*Selection, error) { return Hashed(hashed, target) },
	} {
		s, err := sel()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(s.Packages) != 0 || !slices.Equal(s.Had, []string{"pendulum"}) {
			t.Errorf("%s: %+v", name, s)
		}
	}
}
