package assemble

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/internal/baseimage"
	"github.com/layerpack/layerpack/internal/cache"
	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/internal/registry"
)

// How long the cache manifest and its blob are waited for: what takes longer helps nobody.
const (
	patience        = 10 * time.Second
	patienceForBlob = time.Minute
)

// maxFacts bounds the facts blob of a cache manifest, in bytes.
const maxFacts = 64 << 20

// cached is the cache manifest of a run's base, asked for when something is missing, and once. What it
// says is believed in this run and never kept as if it had been learnt here.
type cached struct {
	run     *run
	repo    *name.Repository // nil: there is none
	subject cache.Subject

	mu       sync.Mutex // of what follows
	manifest *cache.Manifest
	raw      registry.Manifest
	contents *cache.Contents
	asked    bool
	read     bool
	failed   error // why it cannot be asked; nil where it is simply not there, or of no use
	lost     bool  // its blob is not there, or damaged
}

// cacheFor is the cache manifest of a base: of its manifest for one platform.
func (r *run) cacheFor(manifestDigest string) *cached {
	return &cached{
		run: r, repo: r.build.Cache.Repo,
		subject: cache.Subject{Base: manifestDigest, ProfileVersion: baseimage.ProfileVersion},
	}
}

// reference is the cache manifest as a user would write it.
func (c *cached) reference() string { return c.repo.Tag(c.subject.Tag()).String() }

// place names the cache manifest in the store.
func (c *cached) place() string { return c.repo.Tag(c.subject.Tag()).Name() }

// records asks for the manifest. Nothing that goes wrong stops a build.
func (c *cached) records(ctx context.Context) *cache.Manifest {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ask(ctx)
}

func (c *cached) ask(ctx context.Context) *cache.Manifest {
	if c.asked || c.repo == nil {
		return c.manifest
	}
	c.asked = true
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	m, err := c.run.client.Manifest(ctx, c.repo.Tag(c.subject.Tag()))
	if err != nil {
		c.cannot(err)
		return nil
	}
	c.raw = m
	if c.manifest, err = cache.ParseManifest(m.Bytes, c.subject); err != nil {
		c.manifest = nil
		c.miss(err)
	}
	return c.manifest
}

// facts asks for all that the cache manifest tells.
func (c *cached) facts(ctx context.Context) *cache.Contents {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := c.ask(ctx)
	if c.read || m == nil {
		return c.contents
	}
	c.read = true
	blob, err := c.blob(ctx, m.Facts)
	if err != nil {
		c.lost = errors.Is(err, registry.ErrNotFound) || errors.As(err, new(*registry.DigestError))
		c.cannot(err)
		return nil
	}
	if c.contents, err = m.Contents(blob); err != nil {
		c.contents = nil
		c.miss(err)
	}
	return c.contents
}

// believed reports whether the manifest lists what is there, as far as it has been seen.
func (c *cached) believed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.lost
}

// cannot notes why the registry does not give what it was asked for. What is gone or damaged can be written anew.
func (c *cached) cannot(err error) {
	if !errors.Is(err, registry.ErrNotFound) && !errors.As(err, new(*registry.DigestError)) {
		c.failed = err
	}
	c.miss(err)
}

// blob reads the facts blob, which is kept by its digest.
func (c *cached) blob(ctx context.Context, d v1.Descriptor) (content []byte, err error) {
	if kept, err := c.run.store.Get("cachefacts", d.Digest.String()); err == nil && digestOf(kept) == d.Digest {
		return kept, nil
	}
	ctx, cancel := context.WithTimeout(ctx, patienceForBlob)
	defer cancel()
	r, err := c.run.client.Blob(ctx, *c.repo, d)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if content, err = io.ReadAll(io.LimitReader(r, maxFacts+1)); err != nil {
		return nil, err
	}
	if len(content) > maxFacts {
		return nil, fmt.Errorf("it is larger than %d bytes", maxFacts)
	}
	c.run.keep("cachefacts", d.Digest.String(), content)
	return content, nil
}

// miss says why there is nothing. A cache manifest that is gone is to be written again.
func (c *cached) miss(err error) {
	if errors.Is(err, registry.ErrNotFound) {
		if err := c.run.store.Delete(cacheSets, c.place()); err != nil {
			c.run.say(progress.Detail, "%v", err)
		}
	}
	if !errors.Is(err, registry.ErrNotFound) && !errors.Is(err, context.Canceled) {
		c.run.say(progress.Detail, "%s: nothing can be taken over: %v", c.reference(), err)
	}
}

// document is a manifest or configuration of the base, checked against its digest.
func (c *cached) document(ctx context.Context, digest v1.Hash) ([]byte, bool) {
	facts := c.facts(ctx)
	if facts == nil {
		return nil, false
	}
	raw, ok := facts.Documents[digest]
	return raw, ok
}

// profile is the base's profile with its raw parts.
func (c *cached) profile(ctx context.Context) (*baseimage.Profile, bool) {
	facts := c.facts(ctx)
	if facts == nil || !facts.Profile.Has() {
		return nil, false
	}
	p, err := baseimage.DecodeProfile(bytes.NewReader(facts.Profile.Head), bytes.NewReader(facts.Profile.Tree))
	if err != nil {
		c.miss(err)
		return nil, false
	}
	return p, true
}

// factsOf returns the facts of a layer that this machine has not built. They are asked for only then.
func (c *cached) factsOf(ctx context.Context, b *blob) ([]byte, bool) {
	if b.origin.Local() {
		return nil, false
	}
	if contents := c.facts(ctx); contents != nil {
		for _, e := range contents.Layers {
			if e.Record.Key == b.layer.Key && len(e.Facts) > 0 {
				return e.Facts, true
			}
		}
	}
	return nil, false
}
