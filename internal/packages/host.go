package packages

import (
	"context"
	"net/url"

	"github.com/layerpack/layerpack/internal/source"
	"github.com/layerpack/layerpack/internal/store"
	"github.com/layerpack/layerpack/internal/transport"
	"github.com/layerpack/layerpack/pkg/pipwheel/index"
)

// wheelCollection is where the store keeps wheels, by the SHA-256 of their bytes.
const wheelCollection = "wheelfiles"

// wheelStore keeps wheels in the store.
type wheelStore struct{ store *store.Store }

func (w wheelStore) Open(key string) (index.Content, error) {
	c, err := w.store.Open(wheelCollection, key)
	if err != nil {
		return nil, err
	}
	return c, nil
}

func (w wheelStore) Partial(key string) (index.Partial, error) {
	p, err := w.store.Partial(wheelCollection, key)
	if err != nil {
		return nil, err
	}
	return partial{p}, nil
}

// partial is a store's Partial whose content is an index's.
type partial struct{ *store.Partial }

func (p partial) Commit(sum [32]byte) (index.Content, error) {
	c, err := p.Partial.Commit(sum)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// hostFiles reads what --find-links and file: URLs name.
type hostFiles struct{}

func (hostFiles) Files(folder string) ([]index.LocalFile, error) {
	listed, err := source.List(folder)
	if err != nil {
		return nil, err
	}
	out := make([]index.LocalFile, len(listed))
	for i, l := range listed {
		out[i] = index.LocalFile{Name: l.Name, Path: l.Path, Size: l.Size}
	}
	return out, nil
}

func (hostFiles) Page(file string, limit int64) ([]byte, error) { return source.ReadFile(file, limit) }

func (hostFiles) Open(file string) (index.Content, error) {
	o, err := source.Open(file)
	if err != nil {
		return nil, err
	}
	return o, nil
}

// origin tells the transport that a server named an address.
func origin(ctx context.Context, to, from *url.URL) context.Context {
	return transport.WithOrigin(ctx, to, from)
}
