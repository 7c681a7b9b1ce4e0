package spec

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// AllPlatforms is what --platform says for every platform of the base.
const AllPlatforms = "all"

// aliases are names of architectures that containerd and Docker take for Go's.
var aliases = strings.NewReplacer("x86_64", "amd64", "x86-64", "amd64", "aarch64", "arm64")

// platforms reads --platform: several times, or several in a list; each is one image, whatever their order.
func (b *Build) platforms(f Flags) error {
	var all []string
	for _, p := range f.Platforms {
		all = append(all, strings.Split(p, ",")...)
	}
	if slices.Contains(all, AllPlatforms) {
		if len(all) > 1 {
			return usage("--platform %s: all is every platform of the base; leave the others out", strings.Join(all, ","))
		}
		b.All, all = true, nil
	}
	if len(all) == 0 {
		all = []string{"linux/amd64"}
	}
	for _, given := range all {
		p, err := v1.ParsePlatform(aliases.Replace(given))
		if err != nil || !validPlatform.MatchString(p.String()) {
			return usage("--platform %q: write OS/ARCH or OS/ARCH/VARIANT, for example linux/arm64", given)
		}
		if p.OS != "linux" {
			return usage("--platform %s: only Linux images can be built", given)
		}
		b.Platforms = append(b.Platforms, *p)
	}
	b.Platforms = SortPlatforms(b.Platforms)
	b.Platform = b.Platforms[0]
	if b.All {
		b.Platforms = nil
	}
	if b.Several() && b.Output != nil && b.Output.Kind == DockerArchive {
		return usage("-o %s: an archive of docker save holds one platform; say --platform %s, or write oci-archive:FILE", b.Output.Given, b.Platform.String())
	}
	return nil
}

var validPlatform = regexp.MustCompile(`^[a-z0-9]+/[a-z0-9]+(/[a-z0-9]+)?$`)

// SortPlatforms puts platforms in the order of an index: by system, architecture and variant. One that is there twice
// comes once; arm64 without a variant is v8, as everywhere.
func SortPlatforms(all []v1.Platform) []v1.Platform {
	all = slices.Clone(all)
	slices.SortFunc(all, ComparePlatforms)
	return slices.CompactFunc(all, func(a, b v1.Platform) bool {
		return a.OS == b.OS && a.Architecture == b.Architecture && Variant(a) == Variant(b)
	})
}

// ComparePlatforms compares by system, architecture and variant.
func ComparePlatforms(a, b v1.Platform) int {
	return cmp.Or(cmp.Compare(a.OS, b.OS), cmp.Compare(a.Architecture, b.Architecture), cmp.Compare(a.Variant, b.Variant))
}

// Variant is a platform's variant; that of arm64 is v8 where none is named, as containerd has it.
func Variant(p v1.Platform) string {
	if p.Variant == "" && p.Architecture == "arm64" {
		return "v8"
	}
	return p.Variant
}

// Several reports whether the build may be of more than one platform: how many all of the base's are is not known here.
func (b *Build) Several() bool { return b.All || len(b.Platforms) > 1 }

// For is the build for one platform alone. What it shares with b must not be changed.
func (b *Build) For(p v1.Platform) *Build {
	one := *b
	one.All, one.Platform, one.Platforms = false, p, []v1.Platform{p}
	return &one
}
