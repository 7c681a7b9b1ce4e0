package baseimage

import (
	"sync/atomic"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// limits is what a base may ask for. The largest public images (CUDA with a whole conda) stay
// ten times below each.
type limits struct {
	stream  int64 // bytes of all layers, uncompressed
	entries int64 // tar entries of all layers
	kept    int64 // bytes of file contents that are looked at, all layers
	file    int64 // bytes that are looked at of a text file; what comes after is ignored
	binary  int64 // the same of an ELF file
}

func defaultLimits() limits {
	return limits{stream: 64 << 30, entries: 2_000_000, kept: 4 << 30, file: 4 << 20, binary: 16 << 20}
}

// budget is what is left of the limits; layers that are read at the same time share it.
type budget struct {
	limits
	streamed, entered, taken atomic.Int64
}

func (b *budget) stream(n int) error {
	if b.streamed.Add(int64(n)) > b.limits.stream {
		return refusal.Newf("", "the layers inflate to more than %d GiB", b.limits.stream>>30)
	}
	return nil
}

func (b *budget) entry() error {
	if b.entered.Add(1) > b.entries {
		return refusal.Newf("", "the layers have more than %d entries", b.entries)
	}
	return nil
}

func (b *budget) take(n int64) error {
	if b.taken.Add(n) > b.kept {
		return refusal.Newf("", "the files that describe the image have more than %d MiB", b.kept>>20)
	}
	return nil
}
