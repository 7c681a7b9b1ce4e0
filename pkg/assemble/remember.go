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
	registry.Source
}

// Manifest reads what ref names, from the store where that has it.
func (r *remembered) Manifest(ctx context.Context, ref string) (registry.Manifest, error) {
	if !strings.Contains(ref, ":") { // a tag; no tag holds a colon, every digest does
		d, err := r.run.client.Head(ctx, r.repo.Tag(ref))
		if err != nil {
			return registry.Manifest{}, err
		}
		ref = d.Digest.String()
	}
	if kept, ok := r.run.keptManifest(ref); ok {
		return kept, nil
	}
	m, err := r.Source.Manifest(ctx, ref)
	if err == nil {
		r.run.keep("manifests", ref, append([]byte(m.MediaType+"\n"), m.Bytes...))
	}
	return m, err
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

// smallBlob reads a blob that is kept: a configuration.
func (r *run) smallBlob(ctx context.Context, src registry.Source, d v1.Descriptor) (content []byte, err error) {
	_, remember := src.(*remembered)
	if kept, err := r.store.Get("configs", d.Digest.String()); remember && err == nil && digestOf(kept) == d.Digest {
		return kept, nil
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
