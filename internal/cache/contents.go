package cache

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/layerpack/layerpack/pkg/layers"
)

// MaxLayers is the most layers that a cache manifest keeps: the newest.
const MaxLayers = 200

// Bounds of what a cache manifest may hold besides, when it is written and when it is read.
const (
	maxBase      = 256       // layers of a base
	maxWheels    = 4096      // wheels with facts
	maxDocuments = 8         // documents
	maxHead      = 16 << 20  // bytes of a profile's head
	maxTree      = 64 << 20  // bytes of its tree
	maxOwned     = 128 << 20 // bytes of the files that it knows the owners of
	maxPart      = 4 << 20   // bytes of a recipe, a document, or the facts of one layer or wheel
	maxBlob      = 64 << 20  // bytes of the blob, compressed
	maxSections  = 256 << 20 // bytes of the blob, decompressed
	maxRatio     = 200       // of the two
	minSections  = 1 << 20   // bytes that a blob may have decompressed, whatever the ratio
)

// Contents are everything that a cache manifest tells. Of byte slices in a value that was decoded
// nothing may be changed: they share their memory.
type Contents struct {
	Subject
	// BaseLayers are the base's layers, if they lie in the repository of the cache manifest: who
	// reads it need not ask for them, and the registry keeps them.
	BaseLayers []BaseLayer
	// Layers are those that can be used again, newest first, at most [MaxLayers].
	Layers  []Entry
	Profile Profile
	// Wheels are facts of wheels, by the SHA-256 of their files in hex.
	Wheels map[string][]byte
	// Documents are small blobs by digest, as the base's manifest and configuration, which then
	// need not be asked for. Decoding has checked the digests.
	Documents map[v1.Hash][]byte
}

// BaseLayer is a layer of the base.
type BaseLayer struct {
	Descriptor v1.Descriptor // digest, size and OCI's media type alone
	DiffID     v1.Hash
}

// BaseLayers are the layers of a base as its manifest and configuration name them.
func BaseLayers(descs []v1.Descriptor, diffIDs []v1.Hash) []BaseLayer {
	var out []BaseLayer
	for i := range min(len(descs), len(diffIDs)) {
		d := v1.Descriptor{MediaType: descs[i].MediaType, Digest: descs[i].Digest, Size: descs[i].Size}
		if t, ok := mediaTypeOf(d.MediaType); ok {
			d.MediaType = t
		} else if d.MediaType == types.DockerUncompressedLayer {
			d.MediaType = types.OCIUncompressedLayer
		}
		out = append(out, BaseLayer{d, diffIDs[i]})
	}
	return out
}

// Entry is a layer that can be used again.
type Entry struct {
	Record layers.Record
	// Recipe is the JSON of its recipe; the record's key is its SHA-256.
	Recipe []byte
	// Facts are the layer's facts in the form of whoever asks for them; empty when they are not known.
	Facts []byte
}

// Profile is the profile of the base, in its parts; empty when it is not known.
type Profile struct {
	Head, Tree, Owned []byte
}

// NewEntry is the entry of a layer. The record's key has to be the recipe's.
func NewEntry(r layers.Record, recipe *layers.Recipe, facts []byte) (Entry, error) {
	key, err := recipe.Key()
	if err != nil {
		return Entry{}, err
	}
	raw, err := json.Marshal(recipe)
	if err != nil {
		return Entry{}, fmt.Errorf("noting a layer's recipe: %w", err)
	}
	if key != r.Key || digestOf(raw).String() != string(key) {
		return Entry{}, fmt.Errorf("noting a layer's recipe: its key is %s, the record's %s", key, r.Key)
	}
	return Entry{Record: r, Recipe: raw, Facts: facts}, nil
}

// ParseRecipe reads the entry's recipe.
func (e *Entry) ParseRecipe() (*layers.Recipe, error) {
	var r layers.Recipe
	if err := json.Unmarshal(e.Recipe, &r); err != nil {
		return nil, fmt.Errorf("reading the recipe of %s: %w", e.Record.Key, err)
	}
	return &r, nil
}

// Records returns the records of the layers by key, as [Known.Add] wants them.
func (c *Contents) Records() map[layers.Key]layers.Record {
	out := make(map[layers.Key]layers.Record, len(c.Layers))
	for _, e := range c.Layers {
		out[e.Record.Key] = e.Record
	}
	return out
}

// Equal reports whether two contents tell the same, in the same order.
func (c *Contents) Equal(d *Contents) bool {
	return c.Subject == d.Subject &&
		slices.EqualFunc(c.BaseLayers, d.BaseLayers, sameBase) &&
		slices.EqualFunc(c.Layers, d.Layers, sameEntry) && c.Profile.equal(d.Profile) &&
		maps.EqualFunc(c.Wheels, d.Wheels, bytes.Equal) && maps.EqualFunc(c.Documents, d.Documents, bytes.Equal)
}

func sameBase(a, b BaseLayer) bool {
	return a.DiffID == b.DiffID && a.Descriptor.Digest == b.Descriptor.Digest &&
		a.Descriptor.Size == b.Descriptor.Size && a.Descriptor.MediaType == b.Descriptor.MediaType
}

func sameEntry(a, b Entry) bool {
	return sameRecord(&a.Record, &b.Record) && bytes.Equal(a.Recipe, b.Recipe) && bytes.Equal(a.Facts, b.Facts)
}

func sameRecord(a, b *layers.Record) bool {
	return a.Key == b.Key && a.Digest == b.Digest && a.DiffID == b.DiffID && a.Size == b.Size &&
		a.TarSize == b.TarSize && a.MediaType == b.MediaType && maps.Equal(a.Annotations, b.Annotations)
}

func (p Profile) equal(q Profile) bool {
	return bytes.Equal(p.Head, q.Head) && bytes.Equal(p.Tree, q.Tree) && bytes.Equal(p.Owned, q.Owned)
}
