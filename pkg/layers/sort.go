package layers

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/pkg/refusal"
)

const copyBuffer = 256 << 10

// Sort checks entries and returns them in the order in which they are written: by path, byte
// by byte, so that folders come before what is in them. Two entries of one path, an entry whose
// folder is missing or no folder, and one that no tar header or no Linux can hold are errors.
func Sort(entries []Entry) ([]Entry, error) {
	order := make([]int, len(entries)) // entries are large, places are not
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(strings.Compare(entries[a].Path, entries[b].Path), a-b)
	})
	sorted := make([]Entry, len(entries))
	for i, k := range order {
		sorted[i] = entries[k]
	}
	folders, folder := map[string]bool{"": true}, ""
	for i := range sorted {
		e := &sorted[i]
		if err := CheckName(e.Path); err != nil {
			return nil, err
		}
		if err := check(e); err != nil {
			return nil, err
		}
		if i > 0 && sorted[i-1].Path == e.Path {
			return nil, refusal.Newf("/"+e.Path, "it comes from both %s and %s", origin(&sorted[i-1]), origin(e))
		}
		parent := ""
		if j := strings.LastIndexByte(e.Path, '/'); j >= 0 {
			parent = e.Path[:j]
		}
		if parent != folder && !folders[parent] { // mostly that of the entry before
			return nil, fmt.Errorf("layer entry /%s: the layer has no folder for it", e.Path)
		}
		folder = parent
		if e.Kind == Dir {
			folders[e.Path] = true
		}
	}
	return sorted, nil
}

// changed is the way out where bytes are not what was announced.
const changed = "if it changed while it was read, run again; else it is damaged"

func origin(e *Entry) string {
	if e.Origin != "" {
		return e.Origin
	}
	return "/" + e.Path
}

// meter counts and hashes what passes through it.
type meter struct {
	w   io.Writer
	sum hash.Hash
	n   int64
}

func newMeter(w io.Writer) *meter { return &meter{w: w, sum: sha256.New()} }

func (m *meter) Write(p []byte) (int, error) {
	n, err := m.w.Write(p)
	m.sum.Write(p[:n])
	m.n += int64(n)
	if err != nil {
		err = &outputError{err}
	}
	return n, err
}

// outputError is a failure of what a layer is written to, not of what it is made from.
type outputError struct{ err error }

func (o *outputError) Error() string { return o.err.Error() }

func (o *outputError) Unwrap() error { return o.err }

func (m *meter) hash() v1.Hash { return hashOf(m.sum) }

func hashOf(sum hash.Hash) v1.Hash {
	return v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(sum.Sum(nil))}
}
