package tagging

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// Base reads the reference of a base image, with a tag, a digest or neither (then the tag is
// "latest"). A tag beside a digest is dropped: the digest says which image it is.
func Base(s string) (name.Reference, error) {
	if err := refuseCredentials(s); err != nil {
		return nil, err
	}
	ref, err := parse(s)
	if err != nil {
		return nil, &refusal.Error{
			Input: fmt.Sprintf("%q", s), Cause: "not an image reference", Err: err,
			Fix: "write it as [HOST/]NAME[:TAG] or [HOST/]NAME@sha256:…",
		}
	}
	return ref, nil
}

func parse(s string) (name.Reference, error) {
	if !strings.Contains(s, "@") {
		return parseTag(s, "latest")
	}
	ref, err := name.NewDigest(s)
	if err != nil {
		return nil, err
	}
	return ref, checkRepository(ref.Repository)
}

// parseTag reads a reference without a digest; fallback is the tag of one that has none.
func parseTag(s, fallback string) (name.Tag, error) {
	if scheme, _, ok := strings.Cut(s, "://"); ok {
		return name.Tag{}, fmt.Errorf("leave %s:// out", scheme)
	}
	ref, err := name.NewTag(s, name.WithDefaultTag(fallback))
	if err != nil {
		return name.Tag{}, err
	}
	if t := ref.TagStr(); t != "" && !validTag.MatchString(t) {
		return name.Tag{}, fmt.Errorf("tag %q begins with %q", t, t[:1])
	}
	return ref, checkRepository(ref.Repository)
}

// The grammar of distribution-spec ("Pulling manifests"), which go-containerregistry checks
// by the characters alone: registries answer what it lets through with an error that says nothing.
var (
	validTag  = regexp.MustCompile(`^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$`)
	validPart = regexp.MustCompile(`^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*$`)
)

func checkRepository(r name.Repository) error {
	if r.RegistryStr() == "" {
		return errors.New("the host is missing before the first slash")
	}
	for part := range strings.SplitSeq(r.RepositoryStr(), "/") {
		if !validPart.MatchString(part) {
			return fmt.Errorf("%q is no part of a repository's name: lower-case letters and digits, with single . or _ and - between them", part)
		}
	}
	return nil
}
