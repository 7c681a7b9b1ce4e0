package cache

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Format is the version of the cache manifest and of the facts in it. Another version has
// another tag: programs of two versions do not overwrite each other's.
const Format = 1

// Subject is what a cache manifest is for.
type Subject struct {
	// Base is the digest of the base's manifest for one platform: "sha256:" and 64 hex digits.
	Base string
	// ProfileVersion is the version of the profile in it.
	ProfileVersion int
}

// Tag is the tag of the subject's cache manifest: "layerpack-cache-" and 16 hex digits.
func (s Subject) Tag() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "layerpack cache %d\n%s\n%d\n", Format, s.Base, s.ProfileVersion))
	return "layerpack-cache-" + hex.EncodeToString(sum[:8])
}

// Tag is the tag of the cache manifest of a base's manifest and a profile version.
func Tag(baseManifestDigest string, profileVersion int) string {
	return Subject{baseManifestDigest, profileVersion}.Tag()
}
