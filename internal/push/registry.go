package push

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/sync/errgroup"

	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/internal/registry"
	"github.com/layerpack/layerpack/pkg/manifest"
	"github.com/layerpack/layerpack/pkg/tagging"
)

// parallel is the number of blobs that are on their way at once.
const parallel = 4

// Registry pushes images to repositories. One value serves all destinations of a run, so
// that no blob is sent twice to a registry.
type Registry struct {
	Client *registry.Client
	// Base is the repository that the base came from; nil where it is no registry's.
	Base *name.Repository
	// BaseLayers is the number of the image's first layers that are the base's.
	BaseLayers int
	Progress   progress.Sink

	seen map[string]looked // by reference

	mu    sync.Mutex
	known map[string]map[v1.Hash]bool // repository -> blobs that it is known to have
	order []name.Repository           // pushed to in this run
}

// blob is one blob of the image on its way.
type blob struct {
	desc v1.Descriptor
	base bool
	open func() (io.ReadCloser, error)
}

// Tag writes the tag of a destination that has the image, unless it holds it already.
func (p *Registry) Tag(ctx context.Context, img *manifest.Image, d tagging.Destination, tag string, receipt *Receipt) error {
	if receipt.tagged {
		return nil
	}
	if err := p.put(ctx, d.Name(tag), img); err != nil {
		return fmt.Errorf("tagging %s: %w", receipt.Reference, err)
	}
	return nil
}

// Look asks what the tag of a destination holds now. Asking all destinations first shows those that
// cannot be reached, or not with these credentials, before anything is sent to another.
func (p *Registry) Look(ctx context.Context, d tagging.Destination, tag string) error {
	if _, err := p.look(ctx, d.Name(tag)); err != nil && !errors.Is(err, registry.ErrNotFound) {
		return fmt.Errorf("pushing %s: %w", d.Reference(tag), err)
	}
	return nil
}

// look reads what a reference holds, once in a run.
func (p *Registry) look(ctx context.Context, ref name.Reference) (registry.Manifest, error) {
	if seen, ok := p.seen[ref.Name()]; ok {
		return seen.manifest, seen.err
	}
	m, err := p.Client.Manifest(ctx, ref)
	if p.seen == nil {
		p.seen = map[string]looked{}
	}
	p.seen[ref.Name()] = looked{m, err}
	return m, err
}

// looked is what a tag held when it was asked for.
type looked struct {
	manifest registry.Manifest
	err      error
}

// Bring brings img to a destination, all but the tag: blobs and configuration, then the manifest by its
// digest. A destination that has the image already costs one request.
func (p *Registry) Bring(ctx context.Context, img *manifest.Image, d tagging.Destination, tag string) (*Receipt, error) {
	digest, err := img.Digest()
	if err != nil {
		return nil, err
	}
	blobs, err := p.blobs(img)
	if err != nil {
		return nil, err
	}
	receipt := &Receipt{Reference: d.Reference(tag), Digest: digest, Blobs: make([]Blob, len(blobs))}
	ref := d.Name(tag)
	there, err := p.look(ctx, ref)
	switch {
	case err == nil && there.Digest == digest:
		for i, b := range blobs {
			receipt.Blobs[i] = Blob{b.desc.Digest, b.desc.Size, Present, "the tag holds this image"}
		}
		p.pushed(d.Repository, blobs)
		receipt.tagged = true
		return receipt, nil
	case err == nil:
		p.learn(d.Repository, there)
	case !errors.Is(err, registry.ErrNotFound):
		return nil, fmt.Errorf("pushing %s: %w", receipt.Reference, err)
	}
	if err := p.sendAll(ctx, d.Repository, blobs, receipt, false); err != nil {
		return nil, fmt.Errorf("pushing %s: %w", receipt.Reference, err)
	}
	err = p.putManifest(ctx, d.Repository, digest, img)
	if errors.Is(err, registry.ErrBlobUnknown) {
		// The registry said that it has a blob and has it not: nothing it says is believed now.
		if err := p.sendAll(ctx, d.Repository, blobs, receipt, true); err != nil {
			return nil, fmt.Errorf("pushing %s again without shortcuts: %w", receipt.Reference, err)
		}
		err = p.putManifest(ctx, d.Repository, digest, img)
	}
	if err != nil {
		return nil, fmt.Errorf("pushing %s: %w", receipt.Reference, err)
	}
	p.pushed(d.Repository, blobs)
	return receipt, nil
}

func (p *Registry) blobs(img *manifest.Image) ([]blob, error) {
	m, err := img.Manifest()
	if err != nil {
		return nil, err
	}
	layers, err := img.Layers()
	if err != nil {
		return nil, err
	}
	config, err := img.RawConfigFile()
	if err != nil {
		return nil, err
	}
	var out []blob
	for i, d := range m.Layers {
		out = append(out, blob{desc: d, base: i < p.BaseLayers, open: layers[i].Compressed})
	}
	return append(out, blob{desc: m.Config, open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(config)), nil
	}}), nil
}

func (p *Registry) putManifest(ctx context.Context, repo name.Repository, digest v1.Hash, img *manifest.Image) error {
	return p.put(ctx, repo.Digest(digest.String()), img)
}

func (p *Registry) put(ctx context.Context, ref name.Reference, img *manifest.Image) error {
	raw, err := img.RawManifest()
	if err != nil {
		return err
	}
	return p.Client.PutManifest(ctx, ref, string(types.OCIManifestSchema1), raw)
}

// sendAll makes sure that the repository has every blob. With distrust set, everything that
// was not sent by this very call is sent.
func (p *Registry) sendAll(ctx context.Context, repo name.Repository, blobs []blob, receipt *Receipt, distrust bool) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	first := map[v1.Hash]int{}
	for i, b := range blobs {
		if _, twice := first[b.desc.Digest]; twice {
			continue
		}
		first[b.desc.Digest] = i
		g.Go(func() error {
			how, why, err := p.send(ctx, repo, b, distrust)
			if err != nil {
				return fmt.Errorf("blob %s: %w", b.desc.Digest, err)
			}
			receipt.Blobs[i] = Blob{b.desc.Digest, b.desc.Size, how, why}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for i, b := range blobs {
		if at := first[b.desc.Digest]; at != i {
			receipt.Blobs[i] = Blob{b.desc.Digest, b.desc.Size, Present, "the same blob is sent once"}
		}
	}
	return nil
}

func (p *Registry) send(ctx context.Context, repo name.Repository, b blob, distrust bool) (How, string, error) {
	if !distrust {
		if p.knows(repo, b.desc.Digest) {
			return Present, "a manifest of the repository lists it", nil
		}
		for _, from := range p.sources(repo, b) {
			if from.Name() == repo.Name() {
				return Present, "it is the base's own repository", nil
			}
			ok, err := p.Client.Mount(ctx, repo, from, b.desc.Digest)
			if err != nil {
				return "", "", err
			}
			if ok {
				return Mounted, "from " + from.Name(), nil
			}
		}
		if ok, err := p.exists(ctx, repo, b.desc.Digest); err != nil || ok {
			return Present, "the registry has it", err
		}
	}
	item, sent := short(b.desc.Digest), int64(0)
	err := p.Client.Upload(ctx, repo, b.desc, b.open, func(n int64) {
		sent = min(sent+n, b.desc.Size)
		p.Progress.Send(progress.Event{Kind: progress.Bytes, Item: item, Done: sent, Total: b.desc.Size})
	})
	if err != nil {
		return "", "", err
	}
	if b.base {
		return Streamed, "the base lies elsewhere", nil
	}
	return Uploaded, "the registry did not have it", nil
}

// exists asks the registry for a blob. Registries have been seen to answer a HEAD for blobs
// that they cannot deliver, so a byte of it is asked for.
func (p *Registry) exists(ctx context.Context, repo name.Repository, h v1.Hash) (bool, error) {
	ok, err := p.Client.HasBlob(ctx, repo, h)
	if err != nil || !ok {
		return false, err
	}
	return p.Client.ConfirmBlob(ctx, repo, h)
}

// sources are the repositories of the same registry that have the blob.
func (p *Registry) sources(repo name.Repository, b blob) []name.Repository {
	var out []name.Repository
	if b.base && p.Base != nil && p.Base.RegistryStr() == repo.RegistryStr() {
		out = append(out, *p.Base)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.order {
		if r.RegistryStr() == repo.RegistryStr() && p.known[r.Name()][b.desc.Digest] {
			out = append(out, r)
		}
	}
	return out
}

func (p *Registry) knows(repo name.Repository, h v1.Hash) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.known[repo.Name()][h]
}

// learn notes the blobs of a manifest that a repository has: it cannot have the one without
// the other.
func (p *Registry) learn(repo name.Repository, m registry.Manifest) {
	parsed, err := v1.ParseManifest(bytes.NewReader(m.Bytes))
	if err != nil {
		return // an index, or something foreign: nothing to learn from it
	}
	for _, d := range parsed.Layers {
		p.note(repo, d.Digest)
	}
	p.note(repo, parsed.Config.Digest)
}

func (p *Registry) pushed(repo name.Repository, blobs []blob) {
	for _, b := range blobs {
		p.note(repo, b.desc.Digest)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.order = append(p.order, repo)
}

func (p *Registry) note(repo name.Repository, h v1.Hash) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known == nil {
		p.known = map[string]map[v1.Hash]bool{}
	}
	if p.known[repo.Name()] == nil {
		p.known[repo.Name()] = map[v1.Hash]bool{}
	}
	p.known[repo.Name()][h] = true
}

func short(h v1.Hash) string { return h.Hex[:min(12, len(h.Hex))] }
