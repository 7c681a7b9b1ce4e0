package spec

import (
	"github.com/google/go-containerregistry/pkg/name"

	"github.com/layerpack/layerpack/pkg/tagging"
)

// Cache says where a registry may already have what a build needs.
type Cache struct {
	// Repo takes the cache manifest; nil where there is none: nothing is pushed, or the user wants none.
	Repo *name.Repository
	// From are images of other builds whose layers may be taken over.
	From []name.Reference
	// Off says that nothing which was made before is used.
	Off bool
}

// cache reads --cache-repo, --cache-from and --verify. The cache manifest lies beside the first destination
// unless the user names another place.
func (b *Build) cache(f Flags) error {
	switch {
	case f.NoCache && (len(f.CacheFrom) > 0 || f.CacheRepo != "" && f.CacheRepo != "none"):
		return usage("--no-cache uses nothing that was made before: leave it out, or --cache-repo and --cache-from")
	case f.NoCache:
		b.Cache.Off = true
	case f.CacheRepo == "none":
	case f.CacheRepo != "":
		d, err := tagging.ParseDestination(f.CacheRepo)
		if err != nil || d.Tag != "" {
			return usage("--cache-repo %s: write a repository without a tag, or none", f.CacheRepo)
		}
		b.Cache.Repo = &d.Repository
	case len(b.Destinations) > 0:
		b.Cache.Repo = &b.Destinations[0].Repository
	}
	for _, s := range f.CacheFrom {
		ref, err := tagging.Base(s)
		if err != nil {
			return usage("--cache-from %w", err)
		}
		b.Cache.From = append(b.Cache.From, ref)
	}
	switch f.Verify {
	case "", "fast":
	case "full":
		b.Verify = true
	default:
		return usage("--verify %s: write fast or full", f.Verify)
	}
	return nil
}
