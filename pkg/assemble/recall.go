package assemble

import (
	"context"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/internal/push"
)

// recall learns what the destinations have with as few requests as that can be. Where all layers are known and every
// tag holds what will come of them, nothing is asked at all, and unchanged is true. The error is that no image can be
// made of what is known.
func (j *job) recall(ctx context.Context, all *blobs, pusher *push.Registry) (unchanged bool, err error) {
	if j.choir != nil && len(all.unknown()) == 0 {
		if unchanged, err = j.unchanged(ctx, pusher); unchanged || err != nil {
			return unchanged, err
		}
	}
	j.learnTags(ctx, pusher)
	j.recallAll(ctx, all, pusher)
	return false, nil
}

// unknown are the layers without a record.
func (b *blobs) unknown() []*blob {
	return slices.DeleteFunc(slices.Clone(b.list), func(l *blob) bool { return l.record != nil })
}

// unchanged reports whether the tags of all destinations hold the index that will come of the build: an index of images
// that the registry has.
func (j *job) unchanged(ctx context.Context, pusher *push.Registry) (bool, error) {
	if len(j.run.build.Destinations) == 0 {
		return false, nil
	}
	made, err := j.assemble(ctx)
	if err != nil {
		return false, err
	}
	digest, err := made.index.Digest()
	if err != nil {
		return false, err
	}
	for _, d := range j.run.build.Destinations {
		if !pusher.Holds(d, j.tag, digest) {
			return false, nil
		}
	}
	for _, img := range made.images {
		raw, err := img.RawManifest()
		if err != nil {
			return false, err
		}
		for _, repo := range j.run.repositories() {
			pusher.Learn(repo, raw, heldByTag)
		}
	}
	return true, nil
}

// heldByTag is why a blob need not be brought.
const heldByTag = "the tag's image has it"

// learnTags learns the blobs of the images that the indexes of the tags list: one request, or what is kept, for each image
// in place of one for each of its blobs. What cannot be asked is a miss.
func (j *job) learnTags(ctx context.Context, pusher *push.Registry) {
	for _, d := range j.run.build.Destinations {
		m, err := pusher.Look(ctx, d, j.tag)
		if err != nil {
			continue
		}
		for _, p := range j.images {
			_, _ = j.ofPlatform(ctx, p, d.Repository, m, pusher, d.Reference(j.tag))
		}
	}
}

// recallAll asks each repository whether it still has the images last pushed to it, where that saves more
// requests than it costs.
func (j *job) recallAll(ctx context.Context, all *blobs, pusher *push.Registry) {
	var have []v1.Hash
	for _, p := range j.images {
		for _, d := range p.base.image.Manifest.Layers {
			have = append(have, d.Digest)
		}
	}
	for _, l := range all.list {
		if l.record != nil {
			have = append(have, l.record.Digest)
		}
	}
	for _, repo := range j.run.repositories() {
		for _, p := range j.images {
			if p.base.repo != nil && p.base.repo.Name() == repo.Name() {
				p.run.recallBase(ctx, p.base, pusher)
			}
		}
		unknown := slices.DeleteFunc(slices.Clone(have), func(h v1.Hash) bool {
			_, ok := pusher.Knows(repo, h)
			return ok
		})
		if len(unknown) > 1 {
			j.run.recall(ctx, repo, pusher)
		}
	}
}
