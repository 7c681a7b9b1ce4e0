package push

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/internal/progress"
)

// delivery is how a blob came to a repository.
type delivery struct {
	once sync.Once
	how  How
	why  string
	err  error
	told bool // a receipt has told it
}

// Bring makes sure that every repository has a blob, one after another, so that the second of a
// registry takes it from the first. A blob that was brought before costs nothing.
func (p *Registry) Bring(ctx context.Context, repos []name.Repository, c Content) error {
	for _, repo := range repos {
		if d := p.bring(ctx, repo, c); d.err != nil {
			return fmt.Errorf("pushing to %s: blob %s: %w", repo.Name(), c.Desc.Digest, d.err)
		}
	}
	return nil
}

func (p *Registry) bring(ctx context.Context, repo name.Repository, c Content) *delivery {
	d := p.delivery(repo, c.Desc.Digest)
	d.once.Do(func() {
		if why, ok := p.Knows(repo, c.Desc.Digest); ok {
			d.how, d.why = Present, why
			return
		}
		select {
		case p.slots <- struct{}{}:
			defer func() { <-p.slots }()
		case <-ctx.Done():
			d.err = context.Cause(ctx)
			return
		}
		if d.how, d.why, d.err = p.deliver(ctx, repo, c); d.err == nil {
			p.note(repo, c.Desc.Digest, "it was brought in this run")
		}
	})
	return d
}

func (p *Registry) delivery(repo name.Repository, h v1.Hash) *delivery {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := delivered{repo.Name(), h}
	d := p.delivered[key]
	if d == nil {
		d = &delivery{}
		p.delivered[key] = d
	}
	return d
}

func (p *Registry) deliver(ctx context.Context, repo name.Repository, c Content) (How, string, error) {
	for _, from := range p.sources(repo, c) {
		ok, err := p.Client.Mount(ctx, repo, from, c.Desc.Digest)
		if err != nil {
			return "", "", err
		}
		if ok {
			return Mounted, "from " + from.Name(), nil
		}
	}
	if !c.Made {
		if ok, err := p.exists(ctx, repo, c.Desc.Digest); err != nil || ok {
			return Present, "the registry has it", err
		}
	}
	return p.upload(ctx, repo, c)
}

// Expect says how a blob of that size would come to a repository, as far as is known without asking for
// it, and what would move, in bytes.
func (p *Registry) Expect(repo name.Repository, h v1.Hash, base bool, size int64) (How, int64) {
	if _, ok := p.Knows(repo, h); ok {
		return Present, 0
	}
	from := p.sources(repo, Content{Desc: v1.Descriptor{Digest: h}, Base: base})
	switch {
	case len(from) > 0:
		return Mounted, 0
	case base:
		return Streamed, size
	}
	return Uploaded, size
}

func (p *Registry) upload(ctx context.Context, repo name.Repository, c Content) (How, string, error) {
	item, sent := short(c.Desc.Digest), int64(0)
	err := p.Client.Upload(ctx, repo, c.Desc, c.Open, func(n int64) {
		sent = min(sent+n, c.Desc.Size)
		p.Progress.Send(progress.Event{Kind: progress.Bytes, Item: item, Done: sent, Total: c.Desc.Size})
	})
	if err != nil {
		return "", "", err
	}
	if c.Base {
		return Streamed, "the base lies elsewhere", nil
	}
	if c.Made {
		return Uploaded, "it was made in this run", nil
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

// most is the number of repositories that are asked to mount a blob because of hints alone.
const most = 2

// sources are the repositories of the same registry that have the blob, or had it.
func (p *Registry) sources(repo name.Repository, c Content) []name.Repository {
	var out []name.Repository
	listed := map[string]bool{}
	add := func(r name.Repository) {
		if r.RegistryStr() == repo.RegistryStr() && r.Name() != repo.Name() && !listed[r.Name()] {
			listed[r.Name()] = true
			out = append(out, r)
		}
	}
	if c.Base && p.Base != nil {
		add(*p.Base)
	}
	p.mu.Lock()
	for _, r := range p.order {
		if _, ok := p.known[r.Name()][c.Desc.Digest]; ok {
			add(r)
		}
	}
	hints := slices.Clone(p.hints[c.Desc.Digest])
	p.mu.Unlock()
	if p.Places != nil {
		hints = append(hints, p.Places(repo.RegistryStr(), c.Desc.Digest)...)
	}
	for _, r := range hints {
		if len(out) < most {
			add(r)
		}
	}
	return out
}

// restore brings a blob that the registry said it has and has not: one of the base's by mounting, if that helps.
func (p *Registry) restore(ctx context.Context, repo name.Repository, c Content) error {
	d := p.delivery(repo, c.Desc.Digest)
	if c.Base && p.Base != nil && p.Base.Name() != repo.Name() && d.how != Mounted {
		if ok, err := p.Client.Mount(ctx, repo, *p.Base, c.Desc.Digest); err == nil && ok {
			if ok, err = p.Client.ConfirmBlob(ctx, repo, c.Desc.Digest); err == nil && ok {
				d.how, d.why = Mounted, "from "+p.Base.Name()
				return nil
			}
		}
	}
	return p.distrust(ctx, repo, c)
}

// Send brings a blob that a repository has been seen to have lost, whatever it says.
func (p *Registry) Send(ctx context.Context, repo name.Repository, c Content) error {
	d := p.delivery(repo, c.Desc.Digest)
	d.once.Do(func() {})
	return p.distrust(ctx, repo, c)
}

// distrust sends a blob that was not sent by this run, whatever the registry says it has.
func (p *Registry) distrust(ctx context.Context, repo name.Repository, c Content) error {
	d := p.delivery(repo, c.Desc.Digest)
	if d.how == Uploaded || d.how == Streamed {
		return nil
	}
	d.how, d.why, d.err = p.upload(ctx, repo, c)
	return d.err
}

// verify reads a blob back that this run did not send, and sends it where it is not whole. A registry that keeps
// what it had then, as some do, has no complete image to give.
func (p *Registry) verify(ctx context.Context, repo name.Repository, c Content) error {
	d := p.delivery(repo, c.Desc.Digest)
	if d.how == Uploaded || d.how == Streamed {
		return nil
	}
	err := p.Client.VerifyBlob(ctx, repo, c.Desc)
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	p.Progress.Send(progress.Event{
		Kind: progress.Warning,
		Text: fmt.Sprintf("%s has blob %s and cannot give it back whole; it is sent again: %v", repo.Name(), c.Desc.Digest, err),
	})
	if err := p.distrust(ctx, repo, c); err != nil {
		return err
	}
	if err := p.Client.VerifyBlob(ctx, repo, c.Desc); err != nil {
		return fmt.Errorf("the registry keeps a damaged blob: %w; delete blob %s there, or push to another repository", err, c.Desc.Digest)
	}
	return nil
}

func short(h v1.Hash) string { return h.Hex[:min(12, len(h.Hex))] }
