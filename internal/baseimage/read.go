package baseimage

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/layerpack/layerpack/internal/rootfs"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// Layer is one layer of a base.
type Layer struct {
	Digest    string // of the bytes that Open gives; for messages
	DiffID    string // of the uncompressed tar, "sha256:…"; verified. Empty: the configuration's
	MediaType string // for messages: how a layer is compressed is read from its first bytes
	// Open returns the blob. It may be called from any goroutine, once per layer.
	Open func(ctx context.Context) (io.ReadCloser, error)
}

// Read reads a base's layers, lowest first, and makes its profile. config is the image's
// configuration as it is in the registry (image-spec, "Image Configuration").
//
// Some layers are read at the same time; memory is bounded by the number of paths, not by the size of layers. A layer
// whose bytes do not have its DiffID is an error; one that no runtime would unpack, and
// a configuration that is not a Linux image's, are a [refusal.Error].
func Read(ctx context.Context, config []byte, layers []Layer) (*Profile, error) {
	return read(ctx, config, layers, defaultLimits())
}

func read(ctx context.Context, config []byte, layers []Layer, lim limits) (*Profile, error) {
	cfg, err := parseConfig(config)
	if err != nil {
		return nil, err
	}
	if len(cfg.RootFS.DiffIDs) != len(layers) {
		return nil, refusal.Newf("base configuration", "it has %d DiffIDs, the manifest %d layers", len(cfg.RootFS.DiffIDs), len(layers))
	}
	members, err := readLayers(ctx, cfg, layers, &budget{limits: lim})
	if err != nil {
		return nil, err
	}
	v := &view{tree: rootfs.New(), contents: []*content{nil}} // Ref 0 is a file of which nothing is known
	for i, m := range members {
		for j := range m.entries {
			if e := &m.entries[j]; e.Ref > 0 {
				e.Ref += len(v.contents) - 1
			}
		}
		v.contents = append(v.contents, m.contents...)
		if err := v.tree.Apply(m.entries); err != nil {
			return nil, fmt.Errorf("base layer %s: %w", layers[i].name(i), err)
		}
		members[i] = nil // its names live on in the tree only
	}
	return v.profile(cfg), nil
}

func readLayers(ctx context.Context, cfg *imageConfig, layers []Layer, b *budget) ([]*members, error) {
	out := make([]*members, len(layers))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(min(runtime.GOMAXPROCS(0), 4))
	for i, l := range layers {
		want := cfg.RootFS.DiffIDs[i]
		if l.DiffID != "" && l.DiffID != want {
			return nil, errors.Join(fmt.Errorf("base layer %s: DiffID %s, the configuration says %s", l.name(i), l.DiffID, want), g.Wait())
		}
		g.Go(func() error {
			m, err := readLayer(ctx, l, want, b)
			if err != nil {
				return fmt.Errorf("base layer %s: %w", l.name(i), err)
			}
			out[i] = m
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return out, nil
}

func (l Layer) name(i int) string {
	if l.Digest == "" {
		return fmt.Sprintf("%d", i+1)
	}
	return fmt.Sprintf("%d (%s)", i+1, l.Digest)
}

func readLayer(ctx context.Context, l Layer, diffID string, b *budget) (m *members, err error) {
	s, err := openStream(ctx, l, b)
	if err != nil {
		return nil, err
	}
	defer func() {
		if cerr := s.Close(); err == nil && cerr != nil {
			m, err = nil, fmt.Errorf("closing: %w", cerr)
		}
	}()
	m, err = readMembers(s, b)
	if err == nil {
		_, err = io.Copy(io.Discard, s) // what follows the tar's end counts for the digest
	}
	if err != nil {
		return nil, explain(err)
	}
	if got := "sha256:" + hex.EncodeToString(s.hash.Sum(nil)); got != diffID {
		return nil, fmt.Errorf("its bytes have the DiffID %s, the configuration says %s: the image or its transfer is broken", got, diffID)
	}
	return m, nil
}
