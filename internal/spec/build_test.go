package spec

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/pkg/manifest"
)

// flags are those of a small build with a change.
func flags(change func(*Flags)) Flags {
	f := Flags{Base: "python", Dir: "/home/me/shop"}
	if change != nil {
		change(&f)
	}
	return f
}

func mustNew(t *testing.T, f Flags) *Build {
	t.Helper()
	b, err := New(f)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// wants checks that flags are refused as a mistake of usage, in these words.
func wants(t *testing.T, change func(*Flags), want string) {
	t.Helper()
	_, err := New(flags(change))
	var usage *UsageError
	if err == nil || err.Error() != want || !errors.As(err, &usage) {
		t.Errorf(" got %v\nwant %s", err, want)
	}
}

func TestDefaults(t *testing.T) {
	b := mustNew(t, flags(nil))
	want := &Build{
		Base:         Base{Given: "python", Ref: b.Base.Ref},
		Platform:     v1.Platform{OS: "linux", Architecture: "amd64"},
		Platforms:    []v1.Platform{{OS: "linux", Architecture: "amd64"}},
		Sources:      []Mapping{{Given: ".", Src: "/home/me/shop", Dst: "/opt/prefect/shop"}},
		Requirements: "/home/me/shop/requirements.txt",
		Edits:        manifest.Edits{WorkingDir: "/opt/prefect/shop", PythonPath: []string{"/opt/prefect/shop"}},
		Name:         "shop",
		Output:       &Output{Kind: OCILayout, Path: "/home/me/shop/layerpack.oci", Given: "oci:layerpack.oci"},
		Dir:          "/home/me/shop",
		given:        given{pythonPath: []string{"/opt/prefect/shop"}},
	}
	opt := cmp.Options{cmp.AllowUnexported(Build{}, given{}), cmp.Comparer(func(a, b Base) bool { return a.Given == b.Given })}
	if diff := cmp.Diff(want, b, opt); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := b.Base.Ref.Name(); got != "index.docker.io/library/python:latest" {
		t.Errorf("base %s", got)
	}
}

func TestBase(t *testing.T) {
	for given, want := range map[string]Base{
		"oci:base":            {Kind: OCILayout, Path: "/home/me/shop/base"},
		"oci:base:v1":         {Kind: OCILayout, Path: "/home/me/shop/base", Tag: "v1"},
		"oci:/x/base:v1":      {Kind: OCILayout, Path: "/x/base", Tag: "v1"},
		"oci:../a:b/c":        {Kind: OCILayout, Path: "/home/me/a:b/c"},
		"oci:../a:b/c:v1":     {Kind: OCILayout, Path: "/home/me/a:b/c", Tag: "v1"},
		"oci:.":               {Kind: OCILayout, Path: "/home/me/shop"},
		"oci:/base:3.11-slim": {Kind: OCILayout, Path: "/base", Tag: "3.11-slim"},
	} {
		b := mustNew(t, flags(func(f *Flags) { f.Base = given }))
		want.Given = given
		if diff := cmp.Diff(want, b.Base); diff != "" {
			t.Errorf("%s (-want +got):\n%s", given, diff)
		}
	}
	for given, want := range map[string]string{
		"":               "--base is missing: name the image to build on, for example --base prefecthq/prefect:2-python3.11",
		"oci:":           "--base oci:: write oci:DIR or oci:DIR:TAG",
		"oci::v1":        "--base oci::v1: write oci:DIR or oci:DIR:TAG",
		"oci:dir:":       "--base oci:dir:: write oci:DIR or oci:DIR:TAG",
		`oci:C:\base`:    `--base oci:C:\base: write oci:DIR or oci:DIR:TAG`,
		"https://h.io/x": `--base "https://h.io/x": not an image reference: leave https:// out; write it as [HOST/]NAME[:TAG] or [HOST/]NAME@sha256:…`,
		"h.io/team//x":   `--base "h.io/team//x": not an image reference: "" is no part of a repository's name: lower-case letters and digits, with single . or _ and - between them; write it as [HOST/]NAME[:TAG] or [HOST/]NAME@sha256:…`,
	} {
		wants(t, func(f *Flags) { f.Base = given }, want)
	}
}

func TestPlatform(t *testing.T) {
	for given, want := range map[string]string{
		"":               "linux/amd64",
		"linux/amd64":    "linux/amd64",
		"linux/arm64":    "linux/arm64",
		"linux/arm64/v8": "linux/arm64/v8",
		"linux/arm/v7":   "linux/arm/v7",
		"linux/x86_64":   "linux/amd64",
		"linux/aarch64":  "linux/arm64",
		"linux/riscv64":  "linux/riscv64",
	} {
		b := mustNew(t, flags(func(f *Flags) {
			if given != "" {
				f.Platforms = []string{given}
			}
		}))
		if got := b.Platform.String(); got != want {
			t.Errorf("%q: %s, want %s", given, got, want)
		}
	}
	for given, want := range map[string]string{
		"arm64":                   `--platform "arm64": write OS/ARCH or OS/ARCH/VARIANT, for example linux/arm64`,
		"":                        `--platform "": write OS/ARCH or OS/ARCH/VARIANT, for example linux/arm64`,
		"linux/":                  `--platform "linux/": write OS/ARCH or OS/ARCH/VARIANT, for example linux/arm64`,
		"/amd64":                  `--platform "/amd64": write OS/ARCH or OS/ARCH/VARIANT, for example linux/arm64`,
		"linux/amd64/v2/x":        `--platform "linux/amd64/v2/x": write OS/ARCH or OS/ARCH/VARIANT, for example linux/arm64`,
		"linux/amd64:10.0":        `--platform "linux/amd64:10.0": write OS/ARCH or OS/ARCH/VARIANT, for example linux/arm64`,
		"linux/am d64":            `--platform "linux/am d64": write OS/ARCH or OS/ARCH/VARIANT, for example linux/arm64`,
		"windows/amd64":           "--platform windows/amd64: only Linux images can be built",
		"linux/amd64,linux/a/b/c": `--platform "linux/a/b/c": write OS/ARCH or OS/ARCH/VARIANT, for example linux/arm64`,
	} {
		wants(t, func(f *Flags) { f.Platforms = []string{given} }, want)
	}
}

func TestDestinations(t *testing.T) {
	b := mustNew(t, flags(func(f *Flags) { f.Tags = []string{"team/x:1", "docker.io/team/x:1", "team/x", "h.io/x:1", "team/x:1"} }))
	var got []string
	for _, d := range b.Destinations {
		got = append(got, d.Reference("u"))
	}
	if strings.Join(got, " ") != "team/x:1 team/x:u h.io/x:1" || b.Output != nil {
		t.Errorf("destinations %v, output %v", got, b.Output)
	}
	for given, want := range map[string]Output{
		"oci:out":       {Kind: OCILayout, Path: "/home/me/shop/out", Given: "oci:out"},
		"oci:../out:v1": {Kind: OCILayout, Path: "/home/me/out", Tag: "v1", Given: "oci:../out"},
		"oci:/a:b/out":  {Kind: OCILayout, Path: "/a:b/out", Given: "oci:/a:b/out"},
	} {
		b := mustNew(t, flags(func(f *Flags) { f.Outputs = []string{given} }))
		if *b.Output != want || b.Destinations != nil {
			t.Errorf("%s: %+v", given, b.Output)
		}
	}
	for given, want := range map[string]string{
		"out":        "-o out: write oci:DIR or oci:DIR:TAG; oci-archive:FILE and docker-archive:FILE write archives",
		"":           "-o : write oci:DIR or oci:DIR:TAG; oci-archive:FILE and docker-archive:FILE write archives",
		"oci:":       "-o oci:: write oci:DIR or oci:DIR:TAG; oci-archive:FILE and docker-archive:FILE write archives",
		"oci:out:":   "-o oci:out:: write oci:DIR or oci:DIR:TAG; oci-archive:FILE and docker-archive:FILE write archives",
		"oci:out:-v": "-o oci:out:-v: write oci:DIR or oci:DIR:TAG; oci-archive:FILE and docker-archive:FILE write archives",
	} {
		wants(t, func(f *Flags) { f.Outputs = []string{given} }, want)
	}
	wants(t, func(f *Flags) { f.Outputs = []string{"oci:a", "oci:b"} }, "-o: one output can be written in a run")
	wants(t, func(f *Flags) { f.Tags = []string{"x:1", "Team/x"} },
		"-t \"Team/x\": not an image reference; write [HOST/]NAME[:TAG]: repository can only contain the characters `abcdefghijklmnopqrstuvwxyz0123456789_-./`: Team/x")
}

func TestEpoch(t *testing.T) {
	for given, want := range map[string]string{
		"": "", "0": "1970-01-01T00:00:00Z", "1700000000": "2023-11-14T22:13:20Z", "253402300799": "9999-12-31T23:59:59Z",
	} {
		b := mustNew(t, flags(func(f *Flags) { f.SourceDateEpoch = given }))
		if b.Edits.Created != want {
			t.Errorf("%q: %s, want %s", given, b.Edits.Created, want)
		}
	}
	for _, given := range []string{"yesterday", "-1", "+1", " 1", "1 ", "1.5", "1e9", "0x10", "1_000", "253402300800", "99999999999999999999", "１"} {
		wants(t, func(f *Flags) { f.SourceDateEpoch = given }, `SOURCE_DATE_EPOCH="`+given+`": write whole seconds since 1970`)
	}
}
