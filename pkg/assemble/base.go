package assemble

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/layerpack/layerpack/internal/baseimage"
	"github.com/layerpack/layerpack/internal/cache"
	"github.com/layerpack/layerpack/internal/plan"
	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/internal/registry"
	"github.com/layerpack/layerpack/internal/spec"
	"github.com/layerpack/layerpack/pkg/manifest"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// base is the base image for one platform.
type base struct {
	*origin
	pinned plan.Base
	// platform is what the base's index says of the image, or the image itself where no index names it.
	platform v1.Platform
	image    *manifest.Base
	profile  *baseimage.Profile
	cached   *cached
	// rawManifest is the manifest for the platform, rawProfile the profile where it was read in this run.
	rawManifest []byte
	rawProfile  cache.Profile
}

const (
	maxConfig      = 16 << 20 // bytes of an image configuration
	maxIndexNested = 4        // indexes inside indexes
	mostRead       = 4        // layers of bases that are read at the same time
)

// resolve finds the base's manifest for the platform and its configuration.
func (r *run) resolve(ctx context.Context, from *origin) (*base, error) {
	b := &base{origin: from, pinned: plan.Base{Name: from.name, Digest: from.named.Digest.String()}}
	m, err := r.choosePlatform(ctx, b, from.named)
	if err != nil {
		return nil, err
	}
	b.pinned.Manifest, b.rawManifest = m.Digest.String(), m.Bytes
	if b.cached == nil {
		b.cached = r.cacheFor(b.pinned.Manifest)
	}
	config, err := r.config(ctx, b, m)
	if err != nil {
		return nil, fmt.Errorf("base %s: %w", r.build.Base.Given, err)
	}
	if b.image, err = manifest.ParseBase(m.Digest, m.Bytes, config); err != nil {
		return nil, fmt.Errorf("base %s: %w", r.build.Base.Given, err)
	}
	b.pinned.Layers = len(b.image.Manifest.Layers)
	return b, r.checkPlatform(b, config)
}

// sayBase tells which image was found.
func (r *run) sayBase(b *base, platform v1.Platform) {
	r.say(progress.Step, "base %s: %s (%s, %d layers)", r.build.Base.Given, b.pinned.Manifest, platform.String(), b.pinned.Layers)
}

// choosePlatform follows indexes to the manifest of the build's platform.
func (r *run) choosePlatform(ctx context.Context, b *base, m registry.Manifest) (registry.Manifest, error) {
	for range maxIndexNested {
		index, err := r.indexOf(m)
		if index == nil || err != nil {
			return m, err
		}
		d, err := r.pick(index, "base "+r.build.Base.Given)
		if err != nil {
			return m, err
		}
		if d.Platform != nil {
			b.platform = *d.Platform
		}
		if m, err = r.platformManifest(ctx, b, d); err != nil {
			return m, fmt.Errorf("base %s: %w", r.build.Base.Given, err)
		}
	}
	return m, refusal.Newf("base "+r.build.Base.Given, "indexes nested more than %d deep", maxIndexNested)
}

// indexOf is the index that m is; nil where it is an image.
func (r *run) indexOf(m registry.Manifest) (*v1.IndexManifest, error) {
	switch t := types.MediaType(m.MediaType); {
	case t.IsImage():
		return nil, nil //nolint:nilnil // an image is a normal answer
	case t.IsSchema1():
		return nil, refusal.New("base "+r.build.Base.Given, "the registry has it in the old schema 1 form alone", "push it again with a current tool")
	case !t.IsIndex():
		return nil, refusal.Newf("base "+r.build.Base.Given, "media type %q is no image", m.MediaType)
	}
	index, err := v1.ParseIndexManifest(bytes.NewReader(m.Bytes))
	if err != nil {
		return nil, fmt.Errorf("base %s: reading index %s: %w", r.build.Base.Given, m.Digest, err)
	}
	return index, nil
}

// platformManifest reads what an index names: from the store, from the cache manifest, which a new machine asks
// for anyway, or from where the base is.
func (r *run) platformManifest(ctx context.Context, b *base, d v1.Descriptor) (registry.Manifest, error) {
	if _, kept := r.keptManifest(d.Digest.String()); !kept && b.repo != nil && d.MediaType.IsImage() {
		b.cached = r.cacheFor(d.Digest.String())
		if raw, ok := b.cached.document(ctx, d.Digest); ok {
			m := registry.Manifest{Digest: d.Digest, MediaType: string(d.MediaType), Bytes: raw}
			r.keepManifest(m)
			return m, nil
		}
	}
	return b.nested(ctx, d)
}

// pick chooses the index's entry for the platform: that of the very variant before the first of those that fit, since
// linux/amd64/v3 does not run everywhere. An index that names none, as a layout's or a nested one may, is followed
// where it has a single entry.
func (r *run) pick(index *v1.IndexManifest, subject string) (v1.Descriptor, error) {
	var offered []string
	var fitting, nested []v1.Descriptor
	for _, d := range index.Manifests {
		if d.Platform == nil {
			if d.MediaType.IsIndex() || d.MediaType.IsImage() {
				nested = append(nested, d)
			}
			continue
		}
		if fits(*d.Platform, r.build.Platform) {
			if spec.Variant(*d.Platform) == spec.Variant(r.build.Platform) {
				return d, nil
			}
			fitting = append(fitting, d)
		}
		if d.Platform.OS != "unknown" { // attestations pose as a platform
			offered = append(offered, d.Platform.String())
		}
	}
	if len(fitting) > 0 {
		return fitting[0], nil
	}
	if len(offered) == 0 && len(nested) == 1 {
		return nested[0], nil
	}
	if len(offered) == 0 {
		return v1.Descriptor{}, refusal.New(subject, "its index names no image", "use another image")
	}
	return v1.Descriptor{}, refusal.New(subject,
		fmt.Sprintf("it has no image for %s, only for %s", r.build.Platform.String(), strings.Join(offered, ", ")),
		"choose one with --platform, or another image")
}

// fits compares platforms as containerd does: the variant counts where one is asked for,
// and arm64 without one is v8.
func fits(have, want v1.Platform) bool {
	if have.OS != want.OS || have.Architecture != want.Architecture {
		return false
	}
	return want.Variant == "" || spec.Variant(have) == spec.Variant(want)
}

// checkPlatform compares the configuration's platform with the one asked for: an image
// without an index says there what it is.
func (r *run) checkPlatform(b *base, config []byte) error {
	c, err := v1.ParseConfigFile(bytes.NewReader(config))
	if err != nil {
		return fmt.Errorf("base %s: reading its configuration: %w", r.build.Base.Given, err)
	}
	have := v1.Platform{OS: c.OS, Architecture: c.Architecture, Variant: c.Variant}
	if have.OS == "" && have.Architecture == "" {
		return refusal.New("base "+r.build.Base.Given, "its configuration names no platform", "use an image that was built by a current tool")
	}
	if !fits(have, v1.Platform{OS: r.build.Platform.OS, Architecture: r.build.Platform.Architecture}) {
		return refusal.New("base "+r.build.Base.Given, fmt.Sprintf("it is an image for %s, %s was asked for", have.String(), r.build.Platform.String()),
			"say --platform "+have.String()+", or use another base")
	}
	if b.platform.OS == "" {
		b.platform = v1.Platform{OS: c.OS, Architecture: c.Architecture, Variant: c.Variant, OSVersion: c.OSVersion, OSFeatures: c.OSFeatures}
	}
	return nil
}

func (r *run) config(ctx context.Context, b *base, m registry.Manifest) ([]byte, error) {
	parsed, err := v1.ParseManifest(bytes.NewReader(m.Bytes))
	if err != nil {
		return nil, fmt.Errorf("reading manifest %s: %w", m.Digest, err)
	}
	if parsed.Config.Size > maxConfig {
		return nil, refusal.Newf("manifest "+m.Digest.String(), "its configuration has %d bytes; %d are read", parsed.Config.Size, maxConfig)
	}
	return r.smallBlob(ctx, b.source, parsed.Config, b.cached)
}

// profile finds the base's profile in the store, or reads the base's layers once to make it.
func (r *run) profile(ctx context.Context, b *base) error {
	key := b.profileKey()
	head, headErr := r.store.Get("profiles", key)
	tree, treeErr := r.store.Get("trees", key)
	if headErr == nil && treeErr == nil {
		p, err := baseimage.DecodeProfile(bytes.NewReader(head), bytes.NewReader(tree))
		if err == nil {
			b.profile = p
			return nil
		}
		r.say(progress.Detail, "the stored profile of the base cannot be read, making it again: %v", err)
	}
	if p, ok := b.cached.profile(ctx); ok {
		b.profile = p
		r.say(progress.Detail, "the base's profile is that of the cache manifest %s", b.cached.reference())
		return nil
	}
	return r.readProfile(ctx, b)
}

// owned returns the files of the base's distributions, which are stored apart from the profile.
func (r *run) owned(ctx context.Context, b *base) (map[string][]baseimage.OwnedFile, error) {
	if b.profile.Owned == nil {
		if raw, err := r.store.Get("owned", b.profileKey()); err == nil {
			if owned, err := baseimage.DecodeOwned(bytes.NewReader(raw)); err == nil {
				return owned, nil
			}
		}
		if facts := b.cached.facts(ctx); facts != nil {
			if owned, err := baseimage.DecodeOwned(bytes.NewReader(facts.Profile.Owned)); err == nil && len(owned) > 0 {
				return owned, nil
			}
		}
		if err := r.readProfile(ctx, b); err != nil {
			return nil, err
		}
	}
	return b.profile.Owned, nil
}

func (b *base) profileKey() string {
	return fmt.Sprintf("%s-v%d", b.pinned.Manifest, baseimage.ProfileVersion)
}

// readProfile reads the base's layers once and keeps what they say.
func (r *run) readProfile(ctx context.Context, b *base) error {
	var layers []baseimage.Layer
	var size int64
	for i, d := range b.image.Manifest.Layers {
		size += d.Size
		layers = append(layers, baseimage.Layer{
			Digest: d.Digest.String(), DiffID: b.image.DiffIDs[i].String(), MediaType: string(d.MediaType),
			Open: func(ctx context.Context) (io.ReadCloser, error) { return r.readBase(ctx, b, d) },
		})
	}
	r.say(progress.Step, "reading the base once to learn what it holds (%s)", progress.Size(size))
	p, err := baseimage.Read(ctx, b.image.Config, layers)
	if err != nil {
		return fmt.Errorf("base %s: %w", r.build.Base.Given, err)
	}
	b.profile = p
	key := b.profileKey()
	var h, t, o bytes.Buffer
	if err := errors.Join(p.EncodeHead(&h), p.Tree.Encode(&t), p.EncodeOwned(&o)); err != nil {
		return fmt.Errorf("base %s: writing its profile: %w", r.build.Base.Given, err)
	}
	b.rawProfile = cache.Profile{Head: h.Bytes(), Tree: t.Bytes(), Owned: o.Bytes()}
	r.keep("owned", key, o.Bytes())
	r.keep("trees", key, t.Bytes())
	r.keep("profiles", key, h.Bytes())
	return nil
}

// keep stores what a later run can use. A store that cannot be written costs time alone.
func (r *run) keep(collection, key string, content []byte) {
	if err := r.store.Put(collection, key, content); err != nil && r.unkept.CompareAndSwap(false, true) {
		r.say(progress.Note, "the cache cannot be written, the next run will take longer: %v", err)
	}
}
