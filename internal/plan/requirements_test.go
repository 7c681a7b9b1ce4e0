package plan

import (
	"slices"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/internal/baseimage"
	"github.com/layerpack/layerpack/internal/spec"
	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/refusal"
)

func profile() *baseimage.Profile {
	return &baseimage.Profile{
		Python: &pipwheel.Target{
			Implementation: "cpython", Version: "3.11.9", Machine: "x86_64",
			Libc: pipwheel.Libc{Kind: "glibc", Major: 2, Minor: 36},
		},
		Distributions: []pipwheel.Distribution{{Name: "six", Version: "1.16.0"}, {Name: "Typing_Extensions", Version: "4.12.0rc1"}},
	}
}

func TestUnmet(t *testing.T) {
	for line, met := range map[string]bool{
		"": true, "  ": true, "# a comment": true, "\ufeffsix": true, "six\r": true,
		"six": true, "SIX>=1.10": true, "six==1.16": true, "six == 1.16.0  # pinned": true, "six~=1.16": true,
		"six<1.16": false, "six==1.15": false, "six[extra]": false, "six @ https://example.com/six.whl": false,
		"typing-extensions": true, "typing.extensions>=4": true, "typing-extensions>=4.12": false,
		"pandas": false, `pandas; python_version < "3"`: true, `pandas; sys_platform == "linux"`: false,
		`colorama; sys_platform == "win32"`: true, `six; python_version >= "3.11"`: true,
		"-r other.txt": false, "-e .": false, "--index-url https://example.com": false, "./six.whl": false, "six \\": false,
		"!?": false,
	} {
		unmet := Unmet(line, profile())
		if (len(unmet) == 0) != met {
			t.Errorf("%q: unmet %q, want met: %t", line, unmet, met)
		}
	}
	want := []string{"pandas>=2", "-c constraints.txt"}
	if got := Unmet("six\npandas>=2  # data\n\n-c constraints.txt\n", profile()); !slices.Equal(got, want) {
		t.Errorf("unmet %q, want %q", got, want)
	}
	none := profile()
	none.Python = nil
	if got := Unmet("six", none); len(got) != 1 {
		t.Errorf("a base without Python meets a requirement")
	}
}

func FuzzUnmet(f *testing.F) {
	for _, seed := range []string{"six>=1.0; python_version<'3'", "a[b] @ file:///x", "\\\n#", "-r x", "six===1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, u := range Unmet(text, profile()) {
			if strings.TrimSpace(u) == "" || strings.Contains(u, "\n") {
				t.Errorf("unmet %q", u)
			}
		}
	})
}

// TestRequirementsError: the message can be followed on any machine: base, Python and platform are
// those of the image.
func TestRequirementsError(t *testing.T) {
	b, err := spec.New(spec.Flags{Base: "prefecthq/prefect:2-python3.11", Dir: "/p/shop"})
	if err != nil {
		t.Fatal(err)
	}
	message := RequirementsError([]string{"a", "b", "c", "d", "e", "f", "g"}, b, profile())
	if !refusal.Is(message) {
		t.Errorf("no refusal: %v", message)
	}
	for _, says := range []string{
		"(a, b, c, d, e and 2 more)",
		"layerpack inspect --base prefecthq/prefect:2-python3.11 --print constraints",
		"--python-version 3.11 --implementation cp --abi cp311 --platform manylinux_2_36_x86_64",
		"--platform manylinux2014_x86_64\n",
		"layerpack --base prefecthq/prefect:2-python3.11 --wheels wheels",
	} {
		if !strings.Contains(message.Error(), says) {
			t.Errorf("the message does not say %q:\n%v", says, message)
		}
	}
	if strings.Contains(message.Error(), "2_39") {
		t.Errorf("a platform newer than the base: %v", message)
	}

	musl := profile()
	musl.Python.Libc = pipwheel.Libc{Kind: "musl", Major: 1, Minor: 2}
	musl.Python.FreeThreaded, musl.Python.Version = true, "3.13.1"
	text := RequirementsError([]string{"a"}, b, musl).Error()
	if !strings.Contains(text, "--abi cp313t --platform musllinux_1_2_x86_64 --platform musllinux_1_1_x86_64\n") {
		t.Errorf("musl, free-threaded:\n%s", text)
	}
}
