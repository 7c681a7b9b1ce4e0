package tagging

import (
	"errors"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/refusal"
)

var digest = "sha256:" + strings.Repeat("0a", 32)

func TestUnique(t *testing.T) {
	for in, want := range map[string]string{
		digest:          "0a0a0a0a0a0a",
		"sha256:123":    "123",
		"sha256:":       "",
		"no digest":     "",
		"sha256:a:bcde": "a:bcde",
	} {
		if got := Unique(in); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
	if !validTag.MatchString(Unique(digest)) {
		t.Error("the unique tag is no tag")
	}
}

func TestBase(t *testing.T) {
	for in, want := range map[string]string{
		"python":                         "index.docker.io/library/python:latest",
		"prefecthq/prefect:2-python3.11": "index.docker.io/prefecthq/prefect:2-python3.11",
		"docker.io/library/python:3":     "index.docker.io/library/python:3",
		"ghcr.io/a/b":                    "ghcr.io/a/b:latest",
		"localhost/ab":                   "localhost/ab:latest",
		"localhost:5000/a/b-c__d.e":      "localhost:5000/a/b-c__d.e:latest",
		"[::1]:5000/ab:T_1.x-y":          "[::1]:5000/ab:T_1.x-y",
		"python@" + digest:               "index.docker.io/library/python@" + digest,
		"python:3.11@" + digest:          "index.docker.io/library/python@" + digest,
		"GHCR.io/a/b:1":                  "GHCR.io/a/b:1",
	} {
		ref, err := Base(in)
		if err != nil || ref.Name() != want {
			t.Errorf("%s: %v, %v; want %s", in, ref, err, want)
		}
	}
}

func TestBaseRefuses(t *testing.T) {
	for in, want := range map[string]string{
		"":                                   "a repository name must be specified",
		" python":                            "repository can only contain the characters",
		"Python":                             "repository can only contain the characters",
		"ghcr.io/":                           "repository must be between",
		"python:":                            "python: must specify a tag name after the colon",
		"python:-x":                          `tag "-x" begins with "-"`,
		"python:" + strings.Repeat("t", 129): "tag must be between 1 and 128 characters",
		"https://ghcr.io/a/b":                "leave https:// out",
		"ghcr.io/a//b":                       `"" is no part of a repository's name`,
		"ghcr.io/a/-b":                       `"-b" is no part of a repository's name`,
		"ghcr.io/a/b/":                       `"" is no part of a repository's name`,
		"ghcr.io/a..b/c":                     `"a..b" is no part of a repository's name`,
		"/a":                                 `"" is no part of a repository's name`,
		"a/b:1/c":                            "repository can only contain the characters",
		"python@sha256:12":                   "invalid checksum digest length: sha256:12",
		"a//b@" + digest:                     `"" is no part of a repository's name`,
	} {
		_, err := Base(in)
		if err == nil || !refusal.Is(err) || !strings.Contains(err.Error(), ": not an image reference: "+want) ||
			!strings.HasSuffix(err.Error(), "; write it as [HOST/]NAME[:TAG] or [HOST/]NAME@sha256:…") {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func TestDestination(t *testing.T) {
	for in, want := range map[string]struct{ reference, name string }{
		"team/flow":              {"team/flow:0a0a", "index.docker.io/team/flow:0a0a"},
		"team/flow:1":            {"team/flow:1", "index.docker.io/team/flow:1"},
		"flow":                   {"flow:0a0a", "index.docker.io/library/flow:0a0a"},
		"localhost:5000/flow":    {"localhost:5000/flow:0a0a", "localhost:5000/flow:0a0a"},
		"localhost:5000/flow:v1": {"localhost:5000/flow:v1", "localhost:5000/flow:v1"},
		"flow:latest":            {"flow:latest", "index.docker.io/library/flow:latest"},
	} {
		d, err := ParseDestination(in)
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		if got := d.Reference("0a0a"); got != want.reference {
			t.Errorf("%s: reference %s, want %s", in, got, want.reference)
		}
		if got := d.Name("0a0a").Name(); got != want.name {
			t.Errorf("%s: name %s, want %s", in, got, want.name)
		}
	}
}

func TestDestinationRefuses(t *testing.T) {
	for in, want := range map[string]string{
		"flow@" + digest: "flow@" + digest + ": a destination is a tag, not a digest; write [HOST/]NAME[:TAG]",
		"":               `"": not an image reference; write [HOST/]NAME[:TAG]: a repository name must be specified`,
		"flow:":          `"flow:": not an image reference; write [HOST/]NAME[:TAG]: flow: must specify a tag name after the colon`,
		"flow:.x":        `"flow:.x": not an image reference; write [HOST/]NAME[:TAG]: tag ".x" begins with "."`,
		"http://h/flow":  `"http://h/flow": not an image reference; write [HOST/]NAME[:TAG]: leave http:// out`,
		"h.io/fl--ow_":   `"h.io/fl--ow_": not an image reference; write [HOST/]NAME[:TAG]: "fl--ow_" is no part of a repository's name: lower-case letters and digits, with single . or _ and - between them`,
	} {
		_, err := ParseDestination(in)
		if err == nil || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", in, err, want)
		}
	}
}

func FuzzReferences(f *testing.F) {
	for _, s := range []string{"a", "h:1/a:t", "a@" + digest, "://", "a:b:c", "[::1]/a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if ref, err := Base(s); err != nil {
			var r *refusal.Error
			if !errors.As(err, &r) {
				t.Fatalf("no refusal: %v", err)
			}
		} else if again, err := Base(ref.Name()); err != nil || again.Name() != ref.Name() {
			t.Fatalf("%q is %q, which is %v, %v", s, ref.Name(), again, err)
		}
		d, err := ParseDestination(s)
		if err != nil {
			return
		}
		// What is printed must name what was pushed.
		again, err := ParseDestination(d.Reference("0a0a"))
		if err != nil || again.Name("x").Name() != d.Name("0a0a").Name() {
			t.Fatalf("%q prints %q, %v", s, d.Reference("0a0a"), err)
		}
	})
}

// A reference with credentials is refused without repeating them.
func TestCredentialsAreNotRepeated(t *testing.T) {
	for _, in := range []string{"user:secret@host/x:1", "https://user:secret@host/x", "secret@host/a/b", "user:secret@host:5000/x@sha256:12"} {
		_, base := Base(in)
		_, destination := ParseDestination(in)
		for _, err := range []error{base, destination} {
			if !refusal.Is(err) || strings.Contains(err.Error(), "secret") {
				t.Errorf("%q: %v", in, err)
			}
		}
	}
}
