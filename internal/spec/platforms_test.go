package spec

import (
	"strings"
	"testing"
)

// TestPlatforms: several platforms are the same build in whatever order and however often they are named.
func TestPlatforms(t *testing.T) {
	for given, want := range map[string]string{
		"":                                          "linux/amd64",
		"linux/arm64":                               "linux/arm64",
		"linux/arm64,linux/amd64":                   "linux/amd64 linux/arm64",
		"linux/amd64 linux/arm64":                   "linux/amd64 linux/arm64",
		"linux/s390x linux/arm64,linux/amd64":       "linux/amd64 linux/arm64 linux/s390x",
		"linux/amd64,linux/amd64":                   "linux/amd64",
		"linux/amd64,linux/x86_64":                  "linux/amd64",
		"linux/arm64/v8,linux/arm64":                "linux/arm64",
		"linux/arm64/v9,linux/arm64":                "linux/arm64 linux/arm64/v9",
		"linux/arm/v7,linux/arm/v6,linux/arm/v5":    "linux/arm/v5 linux/arm/v6 linux/arm/v7",
		"linux/amd64/v3,linux/amd64,linux/amd64/v2": "linux/amd64 linux/amd64/v2 linux/amd64/v3",
		"all": "",
	} {
		b := mustNew(t, flags(func(f *Flags) { f.Platforms = strings.Fields(given) }))
		var got []string
		for _, p := range b.Platforms {
			got = append(got, p.String())
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %q, want %q", given, got, want)
		}
		if b.All != (given == "all") || b.Several() != (b.All || len(got) > 1) {
			t.Errorf("%q: all %t, several %t", given, b.All, b.Several())
		}
		if first := b.Platform.String(); first != "linux/amd64" && first != got[0] {
			t.Errorf("%q: the first is %s", given, first)
		}
		for _, p := range b.Platforms {
			if one := b.For(p); one.Several() || one.Platform.String() != p.String() || len(b.Platforms) != len(got) {
				t.Errorf("%q: the build of %s is %v", given, p, one.Platforms)
			}
		}
	}
	for given, want := range map[string]string{
		"linux/amd64,arm64":         `--platform "arm64": write OS/ARCH or OS/ARCH/VARIANT, for example linux/arm64`,
		"linux/amd64,windows/amd64": "--platform windows/amd64: only Linux images can be built",
		"linux/amd64,all":           "--platform linux/amd64,all: all is every platform of the base; leave the others out",
		"all,all":                   "--platform all,all: all is every platform of the base; leave the others out",
	} {
		wants(t, func(f *Flags) { f.Platforms = []string{given} }, want)
	}
	for _, given := range []string{"linux/amd64,linux/arm64", "all"} {
		wants(t, func(f *Flags) { f.Platforms, f.Outputs = []string{given}, []string{"docker-archive:x.tar"} },
			"-o docker-archive:x.tar: an archive of docker save holds one platform; say --platform linux/amd64, or write oci-archive:FILE")
	}
	mustNew(t, flags(func(f *Flags) {
		f.Platforms, f.Outputs = []string{"linux/amd64,linux/amd64"}, []string{"docker-archive:x.tar"}
	}))
}
