package requirement

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
)

// Options is what the option lines of requirement files set, for all requirements.
type Options struct {
	// IndexURL replaces the configured index and all configured extra indexes; empty if no line sets it.
	IndexURL string
	// ExtraIndexURLs are asked too: with IndexURL, or with the configured ones.
	ExtraIndexURLs []string
	NoIndex        bool
	FindLinks      []FindLink
	TrustedHosts   []string
	PreferBinary   bool
	// RequireHashes and NoRequireHashes: see [Set.HashMode].
	RequireHashes, NoRequireHashes bool
	// NoBinary and OnlyBinary hold normalised names, or ":all:".
	NoBinary, OnlyBinary []string
	// AllReleases and OnlyFinal say for normalised names, or ":all:", whether pre-releases count; --pre is AllReleases of all.
	AllReleases, OnlyFinal []string
	// Features are the values of --use-feature.
	Features []string
}

// FindLink is a place to look for wheels without an index.
type FindLink struct {
	// Location is a path or URL as written.
	Location string
	// Beside is Location seen from the folder of the file that has it, which pip prefers when it exists; empty for a URL.
	Beside string
}

// WheelAllowed reports whether --no-binary and --only-binary leave wheels of a distribution allowed.
func (o *Options) WheelAllowed(name string) bool {
	name = distname.Normalize(name)
	switch {
	case slices.Contains(o.OnlyBinary, name):
		return true
	case slices.Contains(o.NoBinary, name):
		return false
	}
	return slices.Contains(o.OnlyBinary, ":all:") || !slices.Contains(o.NoBinary, ":all:")
}

// Prereleases reports whether options decide on the pre-releases of a distribution, and how.
func (o *Options) Prereleases(name string) (allowed, decided bool) {
	name = distname.Normalize(name)
	switch {
	case slices.Contains(o.AllReleases, name):
		return true, true
	case slices.Contains(o.OnlyFinal, name):
		return false, true
	case slices.Contains(o.AllReleases, ":all:"):
		return true, true
	}
	return false, slices.Contains(o.OnlyFinal, ":all:")
}

// control applies the options that pip applies on every line, even one with a requirement.
func (o *Options) control(g given) error {
	switch g.name {
	case "--no-binary":
		return exclude(g, &o.NoBinary, &o.OnlyBinary)
	case "--only-binary":
		return exclude(g, &o.OnlyBinary, &o.NoBinary)
	case "--all-releases":
		return exclude(g, &o.AllReleases, &o.OnlyFinal)
	case "--only-final":
		return exclude(g, &o.OnlyFinal, &o.AllReleases)
	}
	return nil
}

// exclude adds the names of an option's value to one list and removes them from its opposite.
func exclude(g given, target, other *[]string) error {
	if strings.HasPrefix(g.value, "-") {
		return fmt.Errorf("%s needs names, not %q", g.name, g.value)
	}
	names := strings.Split(g.value, ",")
	for {
		i := slices.Index(names, ":all:")
		if i < 0 {
			break
		}
		*target, *other = []string{":all:"}, nil
		if names = names[i+1:]; !slices.Contains(names, ":none:") {
			return nil
		}
	}
	for _, name := range names {
		if name == ":none:" {
			*target = nil
			continue
		}
		name = distname.Normalize(name)
		*other = slices.DeleteFunc(*other, func(s string) bool { return s == name })
		if !slices.Contains(*target, name) {
			*target = append(*target, name)
		}
	}
	return nil
}

// apply is the effect of a line of options alone. Of --index-url the last counts, of
// --find-links the first, as with pip.
func (o *Options) apply(options []given, beside func(string) string) {
	index := ""
	var extra []string
	var links []string
	for _, g := range options {
		switch g.name {
		case "--index-url":
			index = g.value
		case "--extra-index-url":
			extra = append(extra, g.value)
		case "--no-index":
			o.NoIndex, o.IndexURL, o.ExtraIndexURLs = true, "", nil
		case "--find-links":
			links = append(links, g.value)
		case "--trusted-host":
			o.TrustedHosts = append(o.TrustedHosts, g.value)
		case "--prefer-binary":
			o.PreferBinary = true
		case "--require-hashes":
			o.RequireHashes = true
		case "--no-require-hashes":
			o.NoRequireHashes = true
		case "--pre":
			if !slices.Contains(o.AllReleases, ":all:") {
				o.AllReleases = append(o.AllReleases, ":all:")
			}
		case "--use-feature":
			if !slices.Contains(o.Features, g.value) {
				o.Features = append(o.Features, g.value)
			}
		}
	}
	if !o.NoIndex {
		if index != "" {
			o.IndexURL, o.ExtraIndexURLs = index, nil
		}
		o.ExtraIndexURLs = append(o.ExtraIndexURLs, extra...)
	}
	if len(links) > 0 {
		o.FindLinks = append(o.FindLinks, FindLink{links[0], beside(links[0])})
	}
}

// hashesOf collects the --hash options of a requirement.
func hashesOf(options []given) (Hashes, error) {
	h := Hashes{}
	for _, g := range options {
		if g.name != "--hash" {
			continue
		}
		algorithm, digest, ok := strings.Cut(g.value, ":")
		size := map[string]int{"sha256": 64, "sha384": 96, "sha512": 128}[algorithm]
		switch {
		case !ok:
			return nil, errors.New("--hash is an algorithm and a digest, like --hash=sha256:0123abcd")
		case size == 0:
			return nil, fmt.Errorf("--hash takes sha256, sha384 and sha512, not %q", algorithm)
		case len(digest) != size || strings.Trim(strings.ToLower(digest), "0123456789abcdef") != "":
			return nil, fmt.Errorf("--hash=%s is not followed by %d hexadecimal digits", algorithm, size)
		}
		h[algorithm] = append(h[algorithm], strings.ToLower(digest))
	}
	if len(h) == 0 {
		return nil, nil
	}
	for algorithm, digests := range h {
		slices.Sort(digests)
		h[algorithm] = slices.Compact(digests)
	}
	return h, nil
}
