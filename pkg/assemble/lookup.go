package assemble

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/internal/cache"
	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/internal/push"
	"github.com/layerpack/layerpack/internal/registry"
	"github.com/layerpack/layerpack/internal/store"
	"github.com/layerpack/layerpack/pkg/layers"
)

// find looks for the records of the layers that this machine has not built, in the order of docs/design.md,
// 'Registry as cache'. No place is asked for sources alone, which are built faster than asked for, and the cache
// manifest is asked for wheels alone. What cannot be asked is a miss.
func (r *run) find(ctx context.Context, p *planned, b *blobs, pusher *push.Registry) {
	if r.build.Cache.Off || r.distrust {
		return
	}
	known := &cache.Known{}
	var keys, wheels []layers.Key
	for _, l := range b.list {
		if l.layer.Recipe.Role != layers.RoleSource {
			keys = append(keys, l.layer.Key)
		}
		if cache.Reusable(&l.layer.Recipe) {
			wheels = append(wheels, l.layer.Key)
		}
		if l.record != nil {
			known.Add(cache.Origin{Source: cache.Machine}, map[layers.Key]layers.Record{l.layer.Key: *l.record})
		}
	}
	missing := func() bool { return len(known.Missing(keys)) > 0 }
	for _, d := range r.build.Destinations {
		// What the first destination's repository says is believed of it, and what another says is not.
		if !missing() || d.Repository.Name() != r.build.Destinations[0].Repository.Name() {
			break
		}
		m, err := pusher.Look(ctx, d, p.tag)
		if err != nil {
			continue // it is not there: look has seen to all else
		}
		if !r.learn(ctx, known, cache.Origin{Source: cache.Image, Reference: d.Reference(p.tag), Repository: d.Repository.Name()}, d.Repository, m) {
			pusher.Doubt(d.Repository, m.Bytes)
		}
	}
	for _, ref := range r.build.Cache.From {
		if missing() {
			r.cacheFrom(ctx, known, ref, pusher)
		}
	}
	c := p.base.cached
	if len(known.Missing(wheels)) > 0 || c.asked {
		if m := c.records(ctx); m != nil && c.believed() {
			origin := cache.Origin{Source: cache.Cache, Reference: c.reference(), Repository: c.repo.Name()}
			b.taken = true
			known.Add(origin, m.Records())
			pusher.Learn(*c.repo, c.raw.Bytes, "the cache manifest lists it")
		}
	}
	for _, l := range b.list {
		if found, ok := known.Find(l.layer.Key); ok && l.record == nil {
			rec := found.Record
			l.record, l.origin = &rec, found.Origin
		}
	}
}

// learn adds what an image says of its layers. It reports false where the image has lost its configuration.
func (r *run) learn(ctx context.Context, known *cache.Known, from cache.Origin, repo name.Repository, m registry.Manifest) bool {
	parsed, err := v1.ParseManifest(bytes.NewReader(m.Bytes))
	if err != nil || parsed.Config.Size > maxConfig || !parsed.Config.MediaType.IsConfig() {
		return true // an index, or something foreign
	}
	src := &remembered{run: r, repo: repo, Repository: r.client.Repository(repo)}
	config, err := r.smallBlob(ctx, src, parsed.Config, nil)
	if err == nil {
		var records map[layers.Key]layers.Record
		if records, err = cache.FromImage(m.Bytes, config); err == nil {
			known.Add(from, records)
			return true
		}
	}
	r.say(progress.Detail, "%s: nothing can be taken over: %v", from, err)
	return !errors.Is(err, registry.ErrNotFound)
}

// cacheFrom adds what an image that the user named says of its layers.
func (r *run) cacheFrom(ctx context.Context, known *cache.Known, ref name.Reference, pusher *push.Registry) {
	repo := ref.Context()
	src := &remembered{run: r, repo: repo, Repository: r.client.Repository(repo)}
	m, err := src.Manifest(ctx, ref.Identifier())
	if err == nil {
		m, err = r.forPlatform(ctx, src, m, "--cache-from "+ref.String())
	}
	if err != nil {
		r.say(progress.Note, "--cache-from %s: nothing can be taken over: %v", ref, err)
		return
	}
	pusher.Suggest(repo, m.Bytes)
	r.learn(ctx, known, cache.Origin{Source: cache.CacheFrom, Reference: ref.String(), Repository: repo.Name()}, repo, m)
}

// forPlatform follows an index to the build's platform.
func (r *run) forPlatform(ctx context.Context, src registry.Source, m registry.Manifest, subject string) (registry.Manifest, error) {
	index, err := v1.ParseIndexManifest(bytes.NewReader(m.Bytes))
	if err != nil || len(index.Manifests) == 0 {
		return m, nil //nolint:nilerr // it is an image, or nothing that can be read: who reads it says so
	}
	d, err := r.pick(index, subject)
	if err != nil {
		return m, err
	}
	return src.Manifest(ctx, d.Digest.String())
}

// recallAll asks each repository whether it still has the image last pushed to it, where that saves more
// requests than it costs.
func (r *run) recallAll(ctx context.Context, p *planned, b *blobs, pusher *push.Registry) {
	var have []v1.Hash
	for _, d := range p.base.image.Manifest.Layers {
		have = append(have, d.Digest)
	}
	for _, l := range b.list {
		if l.record != nil {
			have = append(have, l.record.Digest)
		}
	}
	for _, repo := range r.repositories() {
		if p.base.repo != nil && p.base.repo.Name() == repo.Name() {
			r.recallBase(ctx, p.base, pusher)
		}
		unknown := slices.DeleteFunc(slices.Clone(have), func(h v1.Hash) bool {
			_, ok := pusher.Knows(repo, h)
			return ok
		})
		if len(unknown) > 1 {
			r.recall(ctx, repo, pusher)
		}
	}
}

// recallBase asks the base's own repository whether it has the base: a mirror or this machine may have told of it.
func (r *run) recallBase(ctx context.Context, b *base, pusher *push.Registry) {
	if _, err := r.client.Head(ctx, b.repo.Digest(b.pinned.Manifest)); err == nil {
		pusher.Learn(*b.repo, b.rawManifest, "it is the base's own repository")
	}
}

// fetch brings a layer that another machine has built here, from the registry that told of it. That it cannot be had
// is no error: it is built then.
func (b *blobs) fetch(ctx context.Context, l *blob) error {
	repo, err := name.NewRepository(l.origin.Repository)
	if err != nil {
		return nil //nolint:nilerr // it lies nowhere
	}
	blob, err := b.run.client.Blob(ctx, repo, l.record.Descriptor())
	if err == nil {
		var spool *store.Spool
		if spool, err = b.run.store.Spool(); err != nil {
			return errors.Join(err, blob.Close())
		}
		_, err = io.Copy(spool, blob)
		if err = errors.Join(err, blob.Close()); err == nil {
			l.spool = spool
			return nil
		}
		err = errors.Join(err, spool.Close())
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	b.run.say(progress.Note, "layer %s: %s knows it and cannot give it, so it is built: %v", l.layer.Title, l.origin, err)
	return nil
}
