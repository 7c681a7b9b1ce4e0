package assemble

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/internal/registry"
)

// remembered is a repository whose manifests and configurations are kept by digest for ever:
// a tag costs one HEAD, which no registry counts as a pull, and a digest nothing.
type remembered struct {
	run  *run
	repo name.Repository
	*registry.Repository
}

// Manifest reads what ref names, from the store where that has it.
func (r *remembered) Manifest(ctx context.Context, ref string) (registry.Manifest, error) {
	if !strings.Contains(ref, ":") { // a tag; no tag holds a colon, every digest does
		return r.tagged(ctx, ref)
	}
	if kept, ok := r.run.keptManifest(ref); ok {
		return kept, nil
	}
	m, err := r.Repository.Manifest(ctx, ref)
	if err == nil {
		r.run.keepManifest(m)
	}
	return m, err
}

// tagged reads what a tag holds. One that was read before is only asked whether it still holds that.
func (r *remembered) tagged(ctx context.Context, tag string) (registry.Manifest, error) {
	key := r.repo.Tag(tag).Name()
	before, err := r.run.store.Get("tags", key)
	if kept, ok := r.run.keptManifest(string(before)); err == nil && ok {
		d, err := r.Head(ctx, tag)
		if err != nil || d.Digest == kept.Digest {
			return kept, err
		}
	}
	m, err := r.Repository.Manifest(ctx, tag)
	if err == nil {
		r.run.keepManifest(m)
		r.run.keepChanged("tags", key, []byte(m.Digest.String()))
	}
	return m, err
}

func (r *run) keepManifest(m registry.Manifest) {
	r.keepChanged("manifests", m.Digest.String(), append([]byte(m.MediaType+"\n"), m.Bytes...))
}

// keptManifest is the manifest of a digest, from the store.
func (r *run) keptManifest(digest string) (registry.Manifest, bool) {
	kept, err := r.store.Get("manifests", digest)
	if err != nil {
		return registry.Manifest{}, false
	}
	mediaType, raw, ok := bytes.Cut(kept, []byte("\n"))
	h := digestOf(raw)
	return registry.Manifest{Digest: h, MediaType: string(mediaType), Bytes: raw}, ok && h.String() == digest
}

// smallBlob reads a blob that is kept: a configuration. c, which may be nil, is asked before the registry.
func (r *run) smallBlob(ctx context.Context, src registry.Source, d v1.Descriptor, c *cached) (content []byte, err error) {
	_, remember := src.(*remembered)
	if kept, err := r.store.Get("configs", d.Digest.String()); remember && err == nil && digestOf(kept) == d.Digest {
		return kept, nil
	}
	if remember && c != nil {
		if raw, ok := c.document(ctx, d.Digest); ok {
			r.keep("configs", d.Digest.String(), raw)
			return raw, nil
		}
	}
	blob, err := src.Blob(ctx, d)
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	defer func() { err = errors.Join(err, blob.Close()) }()
	if content, err = io.ReadAll(blob); err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	if remember {
		r.keep("configs", d.Digest.String(), content)
	}
	return content, nil
}

func digestOf(b []byte) v1.Hash {
	sum := sha256.Sum256(b)
	return v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(sum[:])}
}
