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

	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/internal/registry"
	"github.com/layerpack/layerpack/pkg/tagging"
)

// parallel is the number of blobs that are on their way at once.
const parallel = 4

// Options configure a [Registry]. Client is required.
type Options struct {
	Client *registry.Client
	// Base is the repository that the base came from; nil where it is no registry's.
	Base *name.Repository
	// Places names repositories of a registry that a blob was pushed to before; they are asked to
	// mount it and believed only when they do. May be nil.
	Places func(registry string, h v1.Hash) []name.Repository
	// Verify reads every blob that was there before back whole, before the manifest is written.
	Verify   bool
	Progress progress.Sink
}

// Registry pushes images to repositories. One value serves all destinations of a run, so
// that no blob is sent twice to a registry. Its methods may be called from several goroutines.
type Registry struct {
	Options
	slots chan struct{}

	mu        sync.Mutex
	seen      map[string]looked // by reference
	known     map[string]map[v1.Hash]string
	order     []name.Repository // of known
	hints     map[v1.Hash][]name.Repository
	put       map[delivered]bool // manifests that this run has written
	delivered map[delivered]*delivery
}

// delivered names a blob in a repository.
type delivered struct {
	repo string
	h    v1.Hash
}

// looked is what a tag held when it was asked for.
type looked struct {
	manifest registry.Manifest
	err      error
}

// New makes a pusher for one run.
func New(o Options) *Registry {
	if o.Progress == nil {
		o.Progress = progress.Discard{}
	}
	return &Registry{
		Options: o, slots: make(chan struct{}, parallel), seen: map[string]looked{},
		known: map[string]map[v1.Hash]string{}, hints: map[v1.Hash][]name.Repository{}, put: map[delivered]bool{},
		delivered: map[delivered]*delivery{},
	}
}

// Content is a blob that an image needs.
type Content struct {
	Desc v1.Descriptor
	Base bool // it is one of the base's layers
	// Made says that its bytes were made in this run, so that no registry is asked whether it has them.
	Made bool
	Open func() (io.ReadCloser, error)
}

// Look asks, once in a run, what the tag of a destination holds now; a tag that is not there gives
// [registry.ErrNotFound]. Asking all destinations first shows those that cannot be reached, or not with these
// credentials, before anything is sent to another. The blobs of what is there need not be sent.
func (p *Registry) Look(ctx context.Context, d tagging.Destination, tag string) (registry.Manifest, error) {
	m, err := p.look(ctx, d.Name(tag))
	if err != nil {
		return m, fmt.Errorf("pushing %s: %w", d.Reference(tag), err)
	}
	return m, nil
}

func (p *Registry) look(ctx context.Context, ref name.Reference) (registry.Manifest, error) {
	p.mu.Lock()
	before, ok := p.seen[ref.Name()]
	p.mu.Unlock()
	if ok {
		return before.manifest, before.err
	}
	m, err := p.Client.Manifest(ctx, ref)
	if damaged, ok := errors.AsType[*registry.DigestError](err); ok {
		// It will be written anew.
		p.Progress.Send(progress.Event{Kind: progress.Warning, Text: fmt.Sprintf("%s: what the tag holds is damaged: %v", ref, damaged)})
		err = fmt.Errorf("%w: %w", registry.ErrNotFound, err)
	}
	if err == nil {
		p.Learn(ref.Context(), m.Bytes, "the tag's image has it")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen[ref.Name()] = looked{m, err}
	return m, err
}

// Learn notes the blobs of a manifest that a repository has: it cannot have the one without
// the other. The registry itself must have said so in this run: what a mirror or this machine's memory says is for
// [Registry.Suggest]. why is told in receipts. What is no image manifest teaches nothing.
func (p *Registry) Learn(repo name.Repository, manifest []byte, why string) {
	parsed, err := v1.ParseManifest(bytes.NewReader(manifest))
	if err != nil {
		return
	}
	for _, d := range parsed.Layers {
		p.note(repo, d.Digest, why)
	}
	if parsed.Config.Digest.Hex != "" {
		p.note(repo, parsed.Config.Digest, why)
	}
}

// Doubt takes back what a manifest taught: a blob of it was asked for and is not there, so the others need not be either.
func (p *Registry) Doubt(repo name.Repository, manifest []byte) {
	parsed, err := v1.ParseManifest(bytes.NewReader(manifest))
	if err != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, d := range append(parsed.Layers, parsed.Config) {
		delete(p.known[repo.Name()], d.Digest)
	}
}

// Suggest notes a repository that may have the blobs of a manifest: it is asked to let them be mounted.
func (p *Registry) Suggest(repo name.Repository, manifest []byte) {
	parsed, err := v1.ParseManifest(bytes.NewReader(manifest))
	if err != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, d := range append(parsed.Layers, parsed.Config) {
		p.hints[d.Digest] = append(p.hints[d.Digest], repo)
	}
}

func (p *Registry) note(repo name.Repository, h v1.Hash, why string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known[repo.Name()] == nil {
		p.known[repo.Name()] = map[v1.Hash]string{}
		p.order = append(p.order, repo)
	}
	p.known[repo.Name()][h] = why
}

// Knows reports whether a repository is known to have a blob, and why.
func (p *Registry) Knows(repo name.Repository, h v1.Hash) (why string, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	why, ok = p.known[repo.Name()][h]
	return why, ok
}

// Holds reports whether the destination's tag was seen to hold the image of that digest.
func (p *Registry) Holds(d tagging.Destination, tag string, digest v1.Hash) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	there, ok := p.seen[d.Name(tag).Name()]
	return ok && there.err == nil && there.manifest.Digest == digest
}

// missing reports whether a destination's tag is simply not there.
func missing(err error) bool { return errors.Is(err, registry.ErrNotFound) }
