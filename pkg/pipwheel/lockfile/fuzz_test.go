package lockfile

import (
	"bytes"
	"os"
	"testing"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// FuzzParsePylock checks that what is read can be written, that writing what was written changes nothing, and that all refusals are such.
func FuzzParsePylock(f *testing.F) {
	merged, err := os.ReadFile("testdata/merged.toml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(merged)
	f.Add([]byte(head + "extras = ['x']\ndefault-groups = ['g']\nenvironments = []\n" + entry("a", "1", "marker = \"'x' in extras\"\nrequires-python = '>3'")))
	f.Add([]byte(head + "[[packages]]\nname = 'a'\ndirectory = { path = '.', editable = true }\n[[packages]]\nname = 'b'\nvcs = { type = 'git', url = 'u', commit-id = '0' }"))
	f.Add([]byte(head + "[[packages]]\nname = 'd'\narchive = { url = 'file:///d-1-py3-none-any.whl', hashes = { sha256 = '0' }, upload-time = 2026-01-01T00:00:00Z }"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ParsePylock("pylock.toml", data)
		if err != nil {
			if !refusal.Is(err) {
				t.Fatal(err)
			}
			return
		}
		if _, err := p.Select(debian("x86_64"), Choice{}); err != nil && !refusal.Is(err) {
			t.Fatal(err)
		}
		var first, second bytes.Buffer
		if err := Write(&first, p); err != nil {
			t.Fatal(err)
		}
		again, err := ParsePylock("pylock.toml", first.Bytes())
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, first.Bytes())
		}
		if err := Write(&second, again); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Fatalf("%v\n%s\n%s", err, first.Bytes(), second.Bytes())
		}
	})
}

// FuzzParseUV checks that reading and selecting end, without more than a refusal, and twice alike.
func FuzzParseUV(f *testing.F) {
	local, err := os.ReadFile("testdata/local/uv.lock")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(local)
	f.Add([]byte(uvHead + "conflicts = [[{ package = 'proj', extra = 'x' }, { package = 'proj', extra = 'y' }]]\n" + uvRoot +
		"dependencies = [{ name = 'a', extra = ['e'], marker = \"os_name == 'posix'\" }]\n[package.optional-dependencies]\nx = [{ name = 'proj', extra = ['y'] }]\n" +
		uvEntry("a", "1", "dependencies = [{ name = 'a' }]\n[package.optional-dependencies]\ne = [{ name = 'b' }]\n") + uvEntry("b", "1", "resolution-markers = [\"os_name == 'nt'\"]\n")))
	f.Add([]byte(uvHead + "[manifest]\nrequirements = [{ name = 'a' }]\n" + uvEntry("a", "1", "")))
	f.Fuzz(func(t *testing.T, data []byte) {
		u, err := ParseUV("uv.lock", data)
		if err != nil {
			if !refusal.Is(err) {
				t.Fatal(err)
			}
			return
		}
		for _, c := range []Choice{{}, {Extras: []string{"x"}}} {
			first, err := u.Select(debian("x86_64"), c)
			if err != nil && !refusal.Is(err) {
				t.Fatal(err)
			}
			second, _ := u.Select(debian("x86_64"), c)
			if chosen(first) != chosen(second) {
				t.Fatalf("%s\n\n%s", chosen(first), chosen(second))
			}
		}
	})
}
