package spec

import (
	"github.com/layerpack/layerpack/pkg/layers"
)

func (b *Build) compression(f Flags) error {
	b.Compression = layers.Compression(f.Compression)
	if b.Compression.Encoder() == "" {
		return usage("--compression %s: write gzip, estargz or zstd", f.Compression)
	}
	if f.Prioritize == "" {
		return nil
	}
	if b.Compression != layers.EStargz {
		return usage("--prioritize %s: only --compression estargz has an order of files", f.Prioritize)
	}
	b.Prioritize = abs(f.Dir, f.Prioritize)
	return nil
}
