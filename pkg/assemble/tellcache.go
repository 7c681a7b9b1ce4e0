package assemble

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/layerpack/layerpack/internal/cache"
	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/internal/push"
	"github.com/layerpack/layerpack/internal/registry"
)

// cacheSets is the collection of the store that remembers what a cache manifest told when it was last seen: a run that
// has nothing new to tell does not ask for it.
const cacheSets = "cachesets"

// tellCache writes the cache manifest, after the image, if this run knows what it does not tell yet. It is
// for later builds alone: that it cannot be written is a note.
func (r *run) tellCache(ctx context.Context, p *planned, b *blobs, pusher *push.Registry) {
	c := p.base.cached
	if c.repo == nil || len(r.build.Destinations) == 0 {
		return
	}
	keys := c.keys(b)
	if known, err := r.store.Get(cacheSets, c.place()); err == nil && within(keys, strings.Fields(string(known))) {
		return
	}
	told, err := c.tell(ctx, p, b, pusher)
	if err != nil {
		if ctx.Err() == nil {
			r.say(progress.Note, "%s could not be written, so new machines will build more than they need to (--cache-repo names another place, or none): %v", c.reference(), err)
		}
		return
	}
	r.keepChanged(cacheSets, c.place(), []byte(strings.Join(told, "\n")))
}

// told reports whether a layer belongs into the cache manifest: one that was built on this machine, or that the
// cache manifest tells already. What an image says is believed by who names it, and not told to others.
func (l *blob) told() bool {
	return cache.Reusable(&l.layer.Recipe) && (l.origin.Local() || l.origin.Source == cache.Cache)
}

// keys are those of the layers that belong into a cache manifest, and one that stands for the profile.
func (c *cached) keys(b *blobs) []string {
	out := []string{"profile"}
	for _, l := range b.list {
		if l.told() {
			out = append(out, string(l.layer.Key))
		}
	}
	return out
}

func within(want, have []string) bool {
	return !slices.ContainsFunc(want, func(k string) bool { return !slices.Contains(have, k) })
}

// tell merges what this run knows into the cache manifest and returns what it tells then.
func (c *cached) tell(ctx context.Context, p *planned, b *blobs, pusher *push.Registry) ([]string, error) {
	add, err := c.contentsOf(p, b)
	if err != nil {
		return nil, err
	}
	old := c.facts(ctx)
	if c.failed != nil {
		return nil, c.failed
	}
	merged, changed := cache.Merge(old, add)
	if changed {
		if err = c.bringLayers(ctx, b, pusher); err == nil {
			err = c.write(ctx, merged, pusher, c.lost)
		}
		if errors.Is(err, registry.ErrBlobUnknown) {
			// The registry has lost what only the old manifest named.
			merged, _ = cache.Merge(nil, add)
			err = c.write(ctx, merged, pusher, true)
		}
		if err != nil {
			return nil, err
		}
	}
	told := []string{"profile"}
	for _, e := range merged.Layers {
		told = append(told, string(e.Record.Key))
	}
	return told, nil
}

// contentsOf is all that this run can tell.
func (c *cached) contentsOf(p *planned, b *blobs) (*cache.Contents, error) {
	add := &cache.Contents{Subject: c.subject, Wheels: map[string][]byte{}, Profile: c.run.rawProfile(p.base)}
	for _, l := range b.list {
		if !l.told() {
			continue
		}
		e, err := cache.NewEntry(*l.record, &l.layer.Recipe, l.facts)
		if err != nil {
			return nil, err
		}
		add.Layers = append(add.Layers, e)
		for _, w := range l.layer.Recipe.Wheels {
			if raw, ok := c.run.factsOfWheel(p.base, w.SHA256); ok {
				add.Wheels[w.SHA256] = raw
			}
		}
	}
	if c.repo.Name() == c.run.build.Destinations[0].Repository.Name() {
		add.BaseLayers = cache.BaseLayers(p.base.image.Manifest.Layers, p.base.image.DiffIDs)
	}
	if p.base.repo != nil { // a layout is read faster than asked for
		add.Documents = map[v1.Hash][]byte{
			digestOf(p.base.rawManifest):  p.base.rawManifest,
			digestOf(p.base.image.Config): p.base.image.Config,
		}
	}
	return add, nil
}

// bringLayers brings the reusable layers to the cache manifest's repository, where that is not the image's.
func (c *cached) bringLayers(ctx context.Context, b *blobs, pusher *push.Registry) error {
	for _, l := range b.list {
		if !l.told() {
			continue
		}
		err := pusher.Bring(ctx, []name.Repository{*c.repo}, push.Content{Desc: l.record.Descriptor(), Open: b.opener(ctx, l)})
		if err != nil {
			return err
		}
	}
	return nil
}

// write brings the blobs and the manifest; lost says that the registry has lost blobs and is not to be believed about them.
func (c *cached) write(ctx context.Context, contents *cache.Contents, pusher *push.Registry, lost bool) error {
	e, err := contents.Encode()
	if err != nil {
		return err
	}
	for _, d := range []cache.Document{e.Facts, e.Config} {
		content := push.Content{
			Desc: d.Descriptor, Made: true,
			Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(d.Bytes)), nil },
		}
		bring := func() error { return pusher.Bring(ctx, []name.Repository{*c.repo}, content) }
		if lost {
			bring = func() error { return pusher.Send(ctx, *c.repo, content) }
		}
		if err := bring(); err != nil {
			return err
		}
	}
	return c.run.client.PutManifest(ctx, c.repo.Tag(c.subject.Tag()), string(types.OCIManifestSchema1), e.Manifest.Bytes)
}

// rawProfile is the base's profile as it is stored; empty where it is the cache manifest's own.
func (r *run) rawProfile(b *base) cache.Profile {
	if b.rawProfile.Has() {
		return b.rawProfile
	}
	var out cache.Profile
	for _, part := range []struct {
		collection string
		into       *[]byte
	}{{"profiles", &out.Head}, {"trees", &out.Tree}, {"owned", &out.Owned}} {
		raw, err := r.store.Get(part.collection, b.profileKey())
		if err != nil {
			return cache.Profile{}
		}
		*part.into = raw
	}
	return out
}
