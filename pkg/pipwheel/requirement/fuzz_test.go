package requirement

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// FuzzFiles checks that reading ends with a set or a refusal, and that no secret gets into either.
func FuzzFiles(f *testing.F) {
	for _, text := range []string{
		"pandas[b]>=2 ; python_version > '3' # x\n-r b.txt\n", "-c b.txt --hash=sha256:0\n-i https://u:p@h", "a==1 \\\n --hash=sha256:00 -C a=b", "${A}==${LAYERPACK_B}",
		"-e git+https://h/r#egg=x\n./w/a-1-py3-none-any.whl[x]", "\xff\xfea\x00", "# coding: latin-1\n\xe4", "x @ https://h/x-1-py3-none-any.whl#sha256=0 ; os_name=='a'", "--no-binary :all:,a --pre --only-final x",
	} {
		f.Add([]byte(text))
	}
	env := marker.Linux("x86_64", "3.11.2", "cpython")
	f.Fuzz(func(t *testing.T, data []byte) {
		r := Reader{
			Open: func(name string) ([]byte, error) {
				if strings.HasSuffix(name, "b.txt") {
					return []byte("b"), nil
				}
				if name == "r.txt" {
					return data, nil
				}
				return nil, fs.ErrNotExist
			},
			Getenv: func(name string) (string, bool) {
				if secret(name) {
					t.Fatalf("%s was asked for", name)
				}
				return "s3cret", true
			},
		}
		set, err := r.Files([]string{"r.txt"}, nil)
		if err != nil {
			if strings.Contains(err.Error(), "s3cret") && !strings.Contains(string(data), "s3cret") && refusal.Is(err) && strings.Contains(err.Error(), "variables") {
				t.Fatal(err)
			}
			return
		}
		set.HashMode()
		for _, q := range set.Requirements {
			if q.Name == "" && q.Build == "" {
				t.Fatalf("a requirement without name or reason: %+v", q)
			}
		}
		if _, err := set.For(env); err != nil && !refusal.Is(err) {
			t.Fatal(err)
		}
	})
}

func FuzzParseArgs(f *testing.F) {
	for _, text := range []string{"scikit-learn matplotlib", "a >= 2", `"a; os_name=='nt'" -U --pre`, "-f x --index-url=y ./a-1-py3-none-any.whl[x]", "a\\ b 'c"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := ParseArgs(text); err != nil && !refusal.Is(err) {
			t.Fatal(err)
		}
	})
}

func FuzzParseProject(f *testing.F) {
	f.Add([]byte(pyproject))
	f.Add([]byte("[project]\nname = 'a'\ndynamic = ['dependencies']\n[dependency-groups]\na = [{include-group = 'a'}]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ParseProject("pyproject.toml", data)
		if err != nil {
			if !refusal.Is(err) {
				t.Fatal(err)
			}
			return
		}
		for name := range p.extras {
			if _, err := p.Dependencies(name); err != nil && !refusal.Is(err) {
				t.Fatal(err)
			}
		}
		for name := range p.groups {
			if _, err := p.Groups(name); err != nil && !refusal.Is(err) {
				t.Fatal(err)
			}
		}
	})
}
