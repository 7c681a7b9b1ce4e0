package layers

import (
	"bytes"
	"io"
	"path"
	"strings"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// Prioritized divides paths for [Options.Prioritize] into those that entries have and the rest,
// so that a list for a whole image can be given to each of its layers. The order stays, and a path that
// comes twice is kept once; paths are returned relative to the image's root.
func Prioritized(paths []string, entries []Entry) (here, missing []string) {
	known := make(map[string]bool, len(entries))
	for i := range entries {
		known[entries[i].Path] = true
	}
	seen := map[string]bool{}
	for _, p := range paths {
		p = strings.TrimPrefix(path.Clean("/"+p), "/")
		switch {
		case p == "" || seen[p]:
		case known[p]:
			here = append(here, p)
		default:
			missing = append(missing, p)
		}
		seen[p] = true
	}
	return here, missing
}

// arrange brings sorted entries into the order of an eStargz layer: the prioritized ones, each
// after the folders on the way to it, then the landmark, then the rest.
func (o *Options) arrange(sorted []Entry) ([]Entry, error) {
	if o.Compression != EStargz {
		if len(o.Prioritize) > 0 {
			return nil, refusal.New("prioritized files", "only eStargz layers have an order of files", "leave them out or ask for estargz")
		}
		return sorted, nil
	}
	here, missing := Prioritized(o.Prioritize, sorted)
	if len(missing) > 0 && !o.AllowMissing {
		return nil, refusal.New("/"+missing[0], "it is prioritized, but the layer has no such path", "take it from the list or check its spelling")
	}
	index := make(map[string]int, len(sorted))
	for i := range sorted {
		index[sorted[i].Path] = i
	}
	picked := make([]bool, len(sorted))
	out := make([]Entry, 0, len(sorted)+1)
	pick := func(p string) {
		if i := index[p]; !picked[i] {
			picked[i] = true
			out = append(out, sorted[i])
		}
	}
	for _, p := range here {
		for i, c := range p {
			if c == '/' {
				pick(p[:i])
			}
		}
		pick(p)
	}
	name := noPrefetchLandmark
	if len(here) > 0 {
		name = prefetchLandmark
	}
	out = append(out, landmark(name))
	for i := range sorted {
		if !picked[i] {
			out = append(out, sorted[i])
		}
	}
	return out, nil
}

// landmark is the file whose place tells a runtime how much of the layer to fetch ahead, or by
// another name that it need not.
func landmark(name string) Entry {
	content := []byte{0xf}
	return Entry{
		Path: name, Kind: File, Mode: 0o644, Size: int64(len(content)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
	}
}
