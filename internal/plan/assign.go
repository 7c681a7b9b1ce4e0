package plan

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/pipwheel"
)

// weights are the files of a wheel with their shares of a layer, the largest first.
type weights struct {
	list  []weight
	total int64 // bytes
}

type weight struct {
	entry layers.Entry
	size  int64 // bytes
	hash  uint64
}

// overhead is what a layer has for a file beside its bytes, and rather more: a tar header, compressed,
// and with eStargz the frames of two members and a line of the table of contents.
const overhead = 400

// What layers have of a file beyond its stream in the wheel, where they encode it anew.
const (
	// eStargz has no stream of each chunk of a large file to copy. Libraries became up to 3.1%
	// larger (triton's; numpy's and scipy's 2.4%).
	chunk       = 4 << 20 // bytes, where estargz cuts unless it is told otherwise
	perChunk    = 200     // bytes: a member's frame and a line of the table of contents
	encodedAnew = 20      // 1/20 of the stream
	// zstd at its level makes most libraries smaller than deflate did, and most text larger: what
	// compresses well by a tenth, other files by less.
	zstdMost, zstdSaved = 10, 12 // 1/10 of the stream, 1/12 of what deflate saved
)

// margin is what a layer may have of a file of size bytes beyond its stream.
func (d *divider) margin(size, stream int64) (more int64) {
	if size > chunk && (d.format == "" || d.format == layers.EStargz) {
		more = stream/encodedAnew + size/chunk*perChunk
	}
	if size > stream && (d.format == "" || d.format == layers.Zstd) {
		more = max(more, min(stream/zstdMost, (size-stream)/zstdSaved))
	}
	return more
}

// room is what files may take of a layer of a size: it has folders as well, and its end.
func room(limit int64) int64 { return limit - min(limit/16, 4<<10) }

// stored is what a layer has at most of size bytes that no encoder makes smaller.
func stored(size int64) int64 { return size + size>>10 }

// weigh looks into a wheel, which is opened if it was planned from facts.
func (d *divider) weigh(w Wheel) (*weights, error) {
	if known := d.weighed[w.Basename]; known != nil {
		return known, nil
	}
	out := &weights{}
	for _, e := range d.installed[w.Basename].entries {
		full, err := pipwheel.Complete(e)
		if err != nil {
			return nil, fmt.Errorf("dividing %s: %w", w.Basename, err)
		}
		stream := stored(full.Size)
		if full.Deflate != nil { // it is copied, even where it is longer than the file
			stream = full.Deflate.Len
		}
		size := stream + d.margin(full.Size, stream) + overhead
		sum := sha256.Sum256([]byte(e.Path))
		out.list = append(out.list, weight{full, size, binary.BigEndian.Uint64(sum[:])})
		out.total += size
	}
	slices.SortFunc(out.list, func(a, b weight) int {
		return cmp.Or(cmp.Compare(b.size, a.size), strings.Compare(a.entry.Path, b.entry.Path))
	})
	d.weighed[w.Basename] = out
	return out, nil
}

// assign divides files, the largest first. One that is over the limit is alone; the others go
// where the hash of their path says, or to the next that has room, among so many as their bytes
// need; where that does not work out, among one more.
//
// A layer's key holds the limit and not what came of it: this is part of [layers.RecipeFormat].
func assign(files []weight, limit int64) (pieces [][]layers.Entry) {
	for len(files) > 0 && files[0].size > limit {
		pieces = append(pieces, []layers.Entry{files[0].entry})
		files = files[1:]
	}
	rest := int64(0)
	for _, f := range files {
		rest += f.size
	}
	for n := (rest + limit - 1) / limit; n > 0 && n <= maxLayers; n++ {
		if fitted, ok := fit(files, limit, int(n)); ok {
			return append(pieces, fitted...)
		}
	}
	for _, f := range files { // none, or more than can be layers in any case
		pieces = append(pieces, []layers.Entry{f.entry})
	}
	return pieces
}

// fit puts files into n pieces of at most limit bytes; not ok where they do not go in like this.
func fit(files []weight, limit int64, n int) ([][]layers.Entry, bool) {
	pieces, used := make([][]layers.Entry, n), make([]int64, n)
	for _, f := range files {
		at, tried := int(f.hash%uint64(n)), 0
		for used[at]+f.size > limit {
			if tried++; tried == n {
				return nil, false
			}
			at = (at + 1) % n
		}
		pieces[at] = append(pieces[at], f.entry)
		used[at] += f.size
	}
	return slices.DeleteFunc(pieces, func(p []layers.Entry) bool { return len(p) == 0 }), true
}
