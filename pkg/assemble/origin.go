package assemble

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/internal/registry"
	"github.com/layerpack/layerpack/internal/spec"
	"github.com/layerpack/layerpack/pkg/refusal"
	"github.com/layerpack/layerpack/pkg/tagging"
)

// origin is where the base of a run comes from, the same for all platforms, and what its reference names: asked for once.
type origin struct {
	source registry.Source
	repo   *name.Repository // nil for what lies on this machine
	open   []io.Closer
	name   string            // canonical; empty for what lies on this machine
	named  registry.Manifest // an image or an index

	mu      sync.Mutex
	indexes map[v1.Hash]registry.Manifest // inside that index
}

// openBase asks what the base's reference names.
func (r *run) openBase(ctx context.Context) (o *origin, err error) {
	o = &origin{indexes: map[v1.Hash]registry.Manifest{}}
	want := ""
	if ref := r.build.Base.Ref; ref != nil {
		repo := ref.Context()
		o.repo, want = &repo, ref.Identifier()
		o.source = &remembered{run: r, repo: repo, Repository: r.client.Repository(repo)}
		o.name = tagging.Canonical(ref)
	} else {
		want = r.build.Base.Tag
		if err := r.openFile(ctx, o); err != nil {
			return nil, fmt.Errorf("base %s: %w", r.build.Base.Given, err)
		}
	}
	if o.named, err = o.source.Manifest(ctx, want); err != nil {
		o.close()
		err = r.nearestTags(ctx, room(err, "set --cache-dir or TMPDIR to a folder with more of it"))
		return nil, fmt.Errorf("base %s: %w", r.build.Base.Given, err)
	}
	r.sayMoving(o)
	return o, nil
}

// nested reads what an index names; another index once for all platforms.
func (o *origin) nested(ctx context.Context, d v1.Descriptor) (registry.Manifest, error) {
	if !d.MediaType.IsIndex() {
		return o.source.Manifest(ctx, d.Digest.String())
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if m, ok := o.indexes[d.Digest]; ok {
		return m, nil
	}
	m, err := o.source.Manifest(ctx, d.Digest.String())
	if err == nil {
		o.indexes[d.Digest] = m
	}
	return m, err
}

// platforms are those to build for: the ones asked for, or all that the base has.
func (r *run) platforms(ctx context.Context, from *origin) ([]v1.Platform, error) {
	if !r.build.All {
		return r.build.Platforms, nil
	}
	subject := "base " + r.build.Base.Given
	m := from.named
	for range maxIndexNested {
		index, err := r.indexOf(m)
		if err != nil {
			return nil, err
		}
		if index == nil {
			return r.platformOf(ctx, from, m)
		}
		found, nested := r.linux(index)
		if len(found) > 0 {
			return found, nil
		}
		if nested == nil {
			return nil, refusal.New(subject, "its index names no image for Linux", "use another image")
		}
		if m, err = from.nested(ctx, *nested); err != nil {
			return nil, fmt.Errorf("%s: %w", subject, err)
		}
	}
	return nil, refusal.Newf(subject, "indexes nested more than %d deep", maxIndexNested)
}

// linux are the platforms of an index, or the only thing in it where it names none. Attestations pose as a platform.
func (r *run) linux(index *v1.IndexManifest) (found []v1.Platform, nested *v1.Descriptor) {
	others := 0
	for i, d := range index.Manifests {
		switch p := d.Platform; {
		case p == nil && (d.MediaType.IsIndex() || d.MediaType.IsImage()):
			nested = &index.Manifests[i]
			others++
		case p == nil || p.OS == "unknown":
		case p.OS != "linux":
			r.say(progress.Note, "--platform all: %s is left out, only Linux images can be built", p.String())
		default:
			found = append(found, v1.Platform{OS: p.OS, Architecture: p.Architecture, Variant: p.Variant})
		}
	}
	if others != 1 {
		nested = nil
	}
	return spec.SortPlatforms(found), nested
}

// platformOf is the platform of an image that no index names.
func (r *run) platformOf(ctx context.Context, from *origin, m registry.Manifest) ([]v1.Platform, error) {
	raw, err := r.config(ctx, &base{origin: from}, m)
	if err != nil {
		return nil, fmt.Errorf("base %s: %w", r.build.Base.Given, err)
	}
	c, err := v1.ParseConfigFile(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("base %s: reading its configuration: %w", r.build.Base.Given, err)
	}
	if c.OS == "" || c.Architecture == "" { // the same is said where a platform is named
		return []v1.Platform{r.build.Platform}, nil
	}
	if c.OS != "linux" {
		return nil, refusal.Newf("base "+r.build.Base.Given, "it is an image for %s; only Linux images can be built", c.OS)
	}
	return []v1.Platform{{OS: c.OS, Architecture: c.Architecture, Variant: c.Variant}}, nil
}

// readBase streams a layer of the base when there is room for it among those that are read.
func (r *run) readBase(ctx context.Context, b *base, d v1.Descriptor) (io.ReadCloser, error) {
	select {
	case r.reading <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	leave := sync.OnceFunc(func() { <-r.reading })
	blob, err := b.source.Blob(ctx, d)
	if err != nil {
		leave()
		return nil, err
	}
	return &leaving{ReadCloser: blob, leave: leave}, nil
}

// leaving makes room when it is closed.
type leaving struct {
	io.ReadCloser
	leave func()
}

func (l *leaving) Close() error {
	defer l.leave()
	return l.ReadCloser.Close()
}

// close gives up what was opened of the base. It was only read, so a failure to close loses nothing.
func (o *origin) close() {
	for _, c := range o.open {
		_ = c.Close()
	}
}

// oneAlone refuses several platforms where only one makes sense.
func oneAlone(b *Build, what string) error {
	if b.Several() {
		return &UsageError{Err: errors.New("--platform: " + what)}
	}
	return nil
}
