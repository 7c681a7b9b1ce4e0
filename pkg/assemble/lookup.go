package assemble

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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
func (j *job) find(ctx context.Context, all *blobs, pusher *push.Registry) {
	r := j.run
	if r.build.Cache.Off || r.distrust {
		return
	}
	known := &cache.Known{}
	for _, l := range all.list {
		if l.record != nil {
			known.Add(cache.Origin{Source: cache.Machine}, map[layers.Key]layers.Record{l.layer.Key: *l.record})
		}
	}
	for _, d := range r.build.Destinations {
		// What the first destination's repository says is believed of it, and what another says is not.
		if !j.missing(known) || d.Repository.Name() != r.build.Destinations[0].Repository.Name() {
			break
		}
		m, err := pusher.Look(ctx, d, j.tag)
		if err != nil {
			continue // it is not there: look has seen to all else
		}
		from := cache.Origin{Source: cache.Image, Reference: d.Reference(j.tag), Repository: d.Repository.Name()}
		for _, p := range j.images {
			if !p.missing(known) {
				continue
			}
			one, err := j.ofPlatform(ctx, p, d.Repository, m, pusher, from.Reference)
			if err != nil {
				p.run.say(progress.Detail, "%s: nothing can be taken over: %v", from, err)
			} else if !j.learn(ctx, known, from, d.Repository, one) {
				pusher.Doubt(d.Repository, one.Bytes)
			}
		}
	}
	for _, ref := range r.build.Cache.From {
		if j.missing(known) {
			j.cacheFrom(ctx, known, ref, pusher)
		}
	}
	for _, p := range j.images {
		p.askCache(ctx, known, pusher)
	}
	for _, p := range j.images {
		for _, l := range p.blobs.list {
			if found, ok := known.Find(l.layer.Key); ok && l.record == nil {
				rec := found.Record
				l.record, l.origin, l.cached = &rec, found.Origin, p.base.cached
			}
		}
	}
}

// missing reports whether records are still looked for.
func (j *job) missing(known *cache.Known) bool {
	return slices.ContainsFunc(j.images, func(p *planned) bool { return p.missing(known) })
}

// missing reports whether records are still looked for that other places than this machine may have.
func (p *planned) missing(known *cache.Known) bool {
	return len(known.Missing(p.keys(func(r *layers.Recipe) bool { return r.Role != layers.RoleSource }))) > 0
}

// keys are those of the image's layers that are wanted.
func (p *planned) keys(wanted func(*layers.Recipe) bool) []layers.Key {
	var out []layers.Key
	for _, l := range p.blobs.list {
		if wanted(&l.layer.Recipe) {
			out = append(out, l.layer.Key)
		}
	}
	return out
}

// askCache adds what the cache manifest of an image's base says.
func (p *planned) askCache(ctx context.Context, known *cache.Known, pusher *push.Registry) {
	c := p.base.cached
	if len(known.Missing(p.keys(cache.Reusable))) == 0 && !c.asked {
		return
	}
	if m := c.records(ctx); m != nil && c.believed() {
		origin := cache.Origin{Source: cache.Cache, Reference: c.reference(), Repository: c.repo.Name()}
		p.taken = true
		known.Add(origin, m.Records())
		pusher.Learn(*c.repo, c.raw.Bytes, "the cache manifest lists it")
	}
}

// believed is an error where a cache manifest that was believed has lost what it should tell.
func (j *job) believed() error {
	for _, p := range j.images {
		if p.taken && !p.base.cached.believed() {
			return &distrusted{fmt.Errorf("%s has lost what it should tell", p.base.cached.reference())}
		}
	}
	return nil
}

// learned is what an image of a registry says, once it has been read.
type learned struct {
	manifest registry.Manifest
	in       map[string]bool // the repositories that said in this run that they have it
	records  map[layers.Key]layers.Record
	read     bool
	lost     bool // its configuration
}

// ofPlatform follows an index that a repository has to the image for a platform: each is asked for once. pusher, which may
// be nil, learns what the image has.
func (j *job) ofPlatform(ctx context.Context, p *planned, repo name.Repository, m registry.Manifest, pusher *push.Registry, subject string) (registry.Manifest, error) {
	r := j.run
	d, err := p.run.entryOf(m, subject)
	if err != nil || d == nil {
		return m, err
	}
	l := j.learned[d.Digest]
	if l == nil {
		_, kept := r.keptManifest(d.Digest.String())
		src := &remembered{run: r, repo: repo, Repository: r.client.Repository(repo)}
		one, err := src.Manifest(ctx, d.Digest.String())
		if err != nil {
			return one, err
		}
		l = &learned{manifest: one, in: map[string]bool{repo.Name(): !kept}}
		j.learned[d.Digest] = l
	}
	if pusher == nil || l.lost {
		return l.manifest, nil
	}
	if !l.in[repo.Name()] { // an index may list what has been deleted
		if _, err := r.client.Head(ctx, repo.Digest(d.Digest.String())); err != nil {
			return l.manifest, err
		}
		l.in[repo.Name()] = true
	}
	pusher.Learn(repo, l.manifest.Bytes, heldByTag)
	return l.manifest, nil
}

// learn adds what an image says of its layers. It reports false where the image has lost its configuration.
func (j *job) learn(ctx context.Context, known *cache.Known, from cache.Origin, repo name.Repository, m registry.Manifest) bool {
	l := j.learned[m.Digest]
	if l == nil {
		l = &learned{manifest: m}
		j.learned[m.Digest] = l
	}
	if !l.read {
		l.read = true
		j.read(ctx, l, from, repo)
	}
	known.Add(from, l.records)
	return !l.lost
}

func (j *job) read(ctx context.Context, l *learned, from cache.Origin, repo name.Repository) {
	parsed, err := v1.ParseManifest(bytes.NewReader(l.manifest.Bytes))
	if err != nil || parsed.Config.Size > maxConfig || !parsed.Config.MediaType.IsConfig() {
		return // something foreign
	}
	src := &remembered{run: j.run, repo: repo, Repository: j.run.client.Repository(repo)}
	config, err := j.run.smallBlob(ctx, src, parsed.Config, nil)
	if err == nil {
		l.records, err = cache.FromImage(l.manifest.Bytes, config)
	}
	if err != nil {
		l.lost = errors.Is(err, registry.ErrNotFound)
		j.run.say(progress.Detail, "%s: nothing can be taken over: %v", from, err)
	}
}

// cacheFrom adds what an image that the user named says of its layers.
func (j *job) cacheFrom(ctx context.Context, known *cache.Known, ref name.Reference, pusher *push.Registry) {
	r, repo := j.run, ref.Context()
	src := &remembered{run: r, repo: repo, Repository: r.client.Repository(repo)}
	m, err := src.Manifest(ctx, ref.Identifier())
	if err != nil {
		r.say(progress.Note, "--cache-from %s: nothing can be taken over: %v", ref, err)
		return
	}
	for _, p := range j.images {
		if !p.missing(known) {
			continue
		}
		one, err := j.ofPlatform(ctx, p, repo, m, nil, "--cache-from "+ref.String())
		if err != nil {
			p.run.say(progress.Note, "--cache-from %s: nothing can be taken over: %v", ref, err)
			continue
		}
		pusher.Suggest(repo, one.Bytes)
		j.learn(ctx, known, cache.Origin{Source: cache.CacheFrom, Reference: ref.String(), Repository: repo.Name()}, repo, one)
	}
}

// entryOf is what an index has for the build's platform; nil where m is no index.
func (r *run) entryOf(m registry.Manifest, subject string) (*v1.Descriptor, error) {
	index, err := v1.ParseIndexManifest(bytes.NewReader(m.Bytes))
	if err != nil || len(index.Manifests) == 0 {
		return nil, nil //nolint:nilnil,nilerr // it is an image, or nothing that can be read: who reads it says so
	}
	d, err := r.pick(index, subject)
	return &d, err
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
