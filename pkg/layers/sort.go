package layers

import (
	"fmt"
	"sort"
	"strings"

	"github.com/layerpack/layerpack/pkg/refusal"
)

const copyBuffer = 256 << 10

// Sort checks entries and returns them in the order in which they are written, that of [Order], so
// that folders come before what is in them. Two entries of one path, an entry whose folder is missing
// or no folder, and one that no tar header or no Linux can hold are errors.
func Sort(entries []Entry) ([]Entry, error) {
	sorted := make([]Entry, len(entries))
	for i, k := range Order(len(entries), func(i int) string { return entries[i].Path }) {
		sorted[i] = entries[k]
	}
	folders, folder := map[string]bool{"": true}, ""
	for i := range sorted {
		e := &sorted[i]
		parent, base := "", e.Path
		if j := strings.LastIndexByte(e.Path, '/'); j >= 0 {
			parent, base = e.Path[:j], e.Path[j+1:]
		}
		beside := parent != "" && parent == folder // the entry before, as mostly
		if !beside || !isPlain(base) || len(e.Path) > maxPath {
			if err := CheckName(e.Path); err != nil {
				return nil, err
			}
		}
		if err := check(e); err != nil {
			return nil, err
		}
		if i > 0 && sorted[i-1].Path == e.Path {
			return nil, refusal.Newf("/"+e.Path, "it comes from both %s and %s", origin(&sorted[i-1]), origin(e))
		}
		if !beside && !folders[parent] {
			return nil, fmt.Errorf("layer entry /%s: the layer has no folder for it", e.Path)
		}
		folder = parent
		if e.Kind == Dir {
			folders[e.Path] = true
		}
	}
	return sorted, nil
}

// Order returns the places of n paths, each of which path gives, in the order that a layer has them
// in: byte by byte, equal ones as they came. It is quick where many come in order already, as those
// of folders and wheels do: it merges what is in order, whole pieces at a time.
func Order(n int, path func(i int) string) []int {
	order := make([]int, n)
	var ends []int // of the pieces that are in order
	for i := range order {
		if order[i] = i; i > 0 && path(i-1) > path(i) {
			ends = append(ends, i)
		}
	}
	ends = append(ends, n)
	for other := make([]int, n); len(ends) > 1; order, other = other, order {
		merged, start := ends[:0], 0
		for k := 1; k < len(ends); k += 2 {
			middle, end := ends[k-1], ends[k]
			merge(other[start:end], order[start:middle], order[middle:end], path)
			merged, start = append(merged, end), end
		}
		if start < n {
			copy(other[start:], order[start:])
			merged = append(merged, n)
		}
		ends = merged
	}
	return order
}

// merge fills into from a and b, which are in order and of which a goes first.
func merge(into, a, b []int, path func(int) string) {
	for len(a) > 0 && len(b) > 0 {
		first := path(b[0])
		n := gallop(len(a), func(i int) bool { return path(a[i]) <= first })
		into, a = into[copy(into, a[:n]):], a[n:]
		if len(a) == 0 {
			break
		}
		first = path(a[0])
		n = gallop(len(b), func(i int) bool { return path(b[i]) < first })
		into, b = into[copy(into, b[:n]):], b[n:]
	}
	copy(into, a)
	copy(into[len(a):], b)
}

// gallop returns how many of n things come before another, the first of them being looked at first.
func gallop(n int, before func(i int) bool) int {
	known, step := 0, 1
	for known+step <= n && before(known+step-1) {
		known += step
		step *= 2
	}
	return known + sort.Search(min(step-1, n-known), func(i int) bool { return !before(known + i) })
}

// changed is the way out where bytes are not what was announced.
const changed = "if it changed while it was read, run again; else it is damaged"

func origin(e *Entry) string {
	if e.Origin != "" {
		return e.Origin
	}
	return "/" + e.Path
}
