package registry

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// archiveManifest is the manifest that an image of docker save gets. Its form is our own so that its
// digest, which names the base, stays whatever library is linked.
type archiveManifest struct {
	SchemaVersion int                 `json:"schemaVersion"`
	MediaType     types.MediaType     `json:"mediaType"`
	Config        archiveDescriptor   `json:"config"`
	Layers        []archiveDescriptor `json:"layers"`
}

type archiveDescriptor struct {
	MediaType types.MediaType `json:"mediaType"`
	Digest    string          `json:"digest"`
	Size      int64           `json:"size"`
}

func describe(d v1.Descriptor) archiveDescriptor {
	return archiveDescriptor{MediaType: d.MediaType, Digest: d.Digest.String(), Size: d.Size}
}

// synthesise makes an image's manifest and finds its blobs.
func (a *dockerArchive) synthesise(ctx context.Context, img dockerImage) (Manifest, error) {
	config, diffIDs, err := a.config(img)
	if err != nil {
		return Manifest{}, err
	}
	d := v1.Descriptor{MediaType: types.OCIConfigJSON, Digest: sha256Of(config), Size: int64(len(config))}
	a.blobs[d.Digest] = memory(config)
	m := archiveManifest{SchemaVersion: 2, MediaType: types.OCIManifestSchema1, Config: describe(d), Layers: []archiveDescriptor{}}
	for i, file := range img.Layers {
		d, ok := a.layers[diffIDs[i]]
		if !ok {
			if d, err = a.layer(ctx, file, diffIDs[i]); err != nil {
				return Manifest{}, err
			}
			a.layers[diffIDs[i]] = d
		}
		m.Layers = append(m.Layers, describe(d))
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return Manifest{}, err
	}
	return Manifest{Digest: sha256Of(raw), MediaType: string(m.MediaType), Bytes: raw}, nil
}

// config reads an image's configuration, and the layers' DiffIDs in it.
func (a *dockerArchive) config(img dockerImage) ([]byte, []v1.Hash, error) {
	raw, err := a.small(img.Config, maxArchiveConfig)
	if err != nil {
		return nil, nil, err
	}
	if h, ok := named(img.Config); ok && h != sha256Of(raw) {
		return nil, nil, &DigestError{Subject: a.called(img.Config), Want: h.String(), Got: sha256Of(raw).String()}
	}
	var c struct {
		RootFS struct {
			DiffIDs []v1.Hash `json:"diff_ids"`
		} `json:"rootfs"`
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, nil, &refusal.Error{Input: a.name, Cause: "the configuration " + short(img.Config) + " cannot be read", Err: err}
	}
	if len(c.RootFS.DiffIDs) != len(img.Layers) {
		return nil, nil, refusal.Newf(a.name, "manifest.json has %d layers, the configuration %s has %d", len(img.Layers), short(img.Config), len(c.RootFS.DiffIDs))
	}
	for _, h := range c.RootFS.DiffIDs {
		if h.Algorithm != "sha256" { // null leaves it empty
			return nil, nil, refusal.Newf(a.name, "the configuration %s has a layer without a SHA-256 digest", short(img.Config))
		}
	}
	return raw, c.RootFS.DiffIDs, nil
}

// named returns the digest that a file's name promises: HEX, HEX.json, sha256:HEX.
func named(file string) (v1.Hash, bool) {
	hex := strings.TrimPrefix(strings.TrimSuffix(path.Base(file), ".json"), "sha256:")
	h, err := v1.NewHash("sha256:" + hex)
	return h, err == nil
}

func sha256Of(raw []byte) v1.Hash {
	sum := sha256.Sum256(raw)
	return v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(sum[:])}
}

// memory is small content.
type memory []byte

func (m memory) open(context.Context) (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(m)), nil
}

func (memory) close() error { return nil }

// stored is a layer that is compressed in the archive.
type stored struct{ *io.SectionReader }

func (s stored) open(context.Context) (io.ReadCloser, error) {
	return io.NopCloser(io.NewSectionReader(s.SectionReader, 0, s.Size())), nil
}

func (stored) close() error { return nil }

// layer describes a layer as a registry gets it.
func (a *dockerArchive) layer(ctx context.Context, file string, diffID v1.Hash) (v1.Descriptor, error) {
	tar, err := a.find(file)
	if err != nil {
		return v1.Descriptor{}, err
	}
	head := make([]byte, magicSize)
	n, err := tar.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return v1.Descriptor{}, fmt.Errorf("%s: reading %s: %w", a.name, short(file), err)
	}
	d := v1.Descriptor{Size: tar.Size()}
	switch how := compressionOf(head[:n]); how {
	case plain:
		return a.encoded(ctx, file, tar, diffID)
	case byGzip:
		d.MediaType = types.OCILayer
	case byZstd:
		d.MediaType = types.OCILayerZStd
	default:
		return d, refusal.Newf(a.name, "layer %s is compressed by %s, which images cannot have", short(file), how)
	}
	// Docker's name of a blob is its digest, which is checked when it is read.
	if h, ok := named(file); ok && strings.HasPrefix(path.Clean(file), "blobs/sha256/") {
		d.Digest = h
	} else if d.Digest, err = a.sum(ctx, tar); err != nil {
		return d, fmt.Errorf("%s: reading %s: %w", a.name, short(file), err)
	}
	a.blobs[d.Digest] = stored{tar}
	return d, nil
}

func (a *dockerArchive) sum(ctx context.Context, r io.ReaderAt) (v1.Hash, error) {
	h := sha256.New()
	buffer := make([]byte, 1<<20)
	for at := int64(0); ; {
		n, err := r.ReadAt(buffer, at)
		h.Write(buffer[:n])
		at += int64(n)
		switch {
		case err == io.EOF:
			return v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(h.Sum(nil))}, nil
		case err != nil:
			return v1.Hash{}, err
		case ctx.Err() != nil:
			return v1.Hash{}, ctx.Err()
		}
	}
}
