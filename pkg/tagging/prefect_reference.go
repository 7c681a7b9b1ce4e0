package tagging

import (
	"regexp"
	"strings"

	"github.com/layerpack/layerpack/pkg/refusal"
)

var (
	validHost   = regexp.MustCompile(`^([a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\])(:[0-9]+)?$`)
	validDigest = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
)

// maxName is the length of the longest name of a repository, with its host (distribution-spec,
// "Pulling manifests").
const maxName = 255

// checkedReference returns a reference that Prefect would make up, or refuses one that no
// registry would take, with the fix.
func checkedReference(input, reference, fix string) (string, error) {
	if cause := referenceFault(reference); cause != "" {
		return "", refusal.New(input, "Prefect would name the image "+reference+", and "+cause, fix)
	}
	return reference, nil
}

// referenceFault says what is wrong with NAME:TAG or NAME@DIGEST, or returns nothing.
func referenceFault(reference string) string {
	name, digest, hasDigest := strings.Cut(reference, "@")
	if hasDigest && !validDigest.MatchString(digest) {
		return "what follows the @ is no digest"
	}
	slash := strings.LastIndex(name, "/") + 1
	if last, tag, tagged := strings.Cut(name[slash:], ":"); tagged || !hasDigest {
		if !validTag.MatchString(tag) {
			return "that has no valid tag"
		}
		name = name[:slash] + last
	}
	if len(name) > maxName {
		return "its name is too long"
	}
	host, path, more := strings.Cut(name, "/")
	if !more || !strings.ContainsAny(host, ".:") && host != "localhost" && host == strings.ToLower(host) {
		path = name
	} else if !validHost.MatchString(host) {
		return "its host is none"
	}
	for part := range strings.SplitSeq(path, "/") {
		if !validPart.MatchString(part) {
			return "its name is not one of a repository: lower-case letters and digits, with single . or _ and - between them"
		}
	}
	return ""
}
