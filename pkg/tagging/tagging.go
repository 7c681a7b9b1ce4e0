// Package tagging decides what an image is called: it reads references and gives the tags
// that a build did not name. It knows no network.
//
// A reference without a host means Docker Hub, as it does everywhere.
package tagging

import (
	"fmt"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// uniqueLen is the length of a unique tag: the first hex digits of the plan's digest.
const uniqueLen = 12

// Unique returns the tag of a build whose plan has the digest ("sha256:…"). The same plan
// always gets the same tag, so building again names the same image.
func Unique(digest string) string {
	_, hex, _ := strings.Cut(digest, ":")
	if len(hex) > uniqueLen {
		hex = hex[:uniqueLen]
	}
	return hex
}

// Destination is where an image is pushed to: a repository and the tag it gets there. An
// empty tag stands for the build's unique tag.
type Destination struct {
	Repository name.Repository
	Tag        string
	// Given is the reference as the user wrote it, without a tag that was not written.
	Given string
}

// ParseDestination reads a -t reference. A digest in it is an error: what an image's digest
// will be is not the user's to say.
func ParseDestination(s string) (Destination, error) {
	if err := refuseCredentials(s); err != nil {
		return Destination{}, err
	}
	if strings.Contains(s, "@") {
		return Destination{}, fmt.Errorf("%s: a destination is a tag, not a digest; write [HOST/]NAME[:TAG]", s)
	}
	ref, err := parseTag(s, "")
	if err != nil {
		return Destination{}, fmt.Errorf("%q: not an image reference; write [HOST/]NAME[:TAG]: %w", s, err)
	}
	return Destination{Repository: ref.Repository, Tag: ref.TagStr(), Given: s}, nil
}

// Reference returns the destination as the user wrote it, with tag where none was written.
func (d Destination) Reference(tag string) string {
	if d.Tag != "" {
		return d.Given
	}
	return d.Given + ":" + tag
}

// Name returns the destination for a registry client, with tag where none was written.
func (d Destination) Name(tag string) name.Tag {
	if d.Tag != "" {
		tag = d.Tag
	}
	return d.Repository.Tag(tag)
}

// Canonical writes a reference in full, with host and tag or digest. Docker Hub is docker.io, as
// users and other tools write it.
func Canonical(ref name.Reference) string {
	full := ref.Name()
	if rest, ok := strings.CutPrefix(full, name.DefaultRegistry+"/"); ok {
		return "docker.io/" + rest
	}
	return full
}

// refuseCredentials refuses a reference with a user or password in front of its host, and does
// not repeat it: messages end in logs.
func refuseCredentials(s string) error {
	_, rest, ok := strings.Cut(s, "://")
	if !ok {
		rest = s
	}
	first, _, more := strings.Cut(rest, "/")
	if more && strings.Contains(first, "@") {
		return refusal.New("image reference", "it has a user or password before the host", "leave it out and log in with docker login or podman login")
	}
	return nil
}
