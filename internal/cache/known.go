package cache

import "github.com/layerpack/layerpack/pkg/layers"

// Source is a kind of place where records are known, in the order in which they are asked.
type Source int

// The sources.
const (
	Machine   Source = iota // the store of this machine: layers that were built on it
	Image                   // the image that the destination's tag holds
	CacheFrom               // an image that the user named
	Cache                   // the cache manifest
)

// Origin is where a record came from.
type Origin struct {
	Source Source
	// Reference is the image or cache manifest, as a user would write it; empty for this machine.
	Reference string
	// Repository is where the layer's blob lies, if it lies in one: "registry/name".
	Repository string
}

// Local reports whether what is known was learned by building on this machine. Nothing else may be stored as
// if it were.
func (o Origin) Local() bool { return o.Source == Machine }

// String is the origin for people: "this machine", "the image REF", "--cache-from REF" or "the cache manifest REF".
func (o Origin) String() string {
	switch o.Source {
	case Image:
		return "the image " + o.Reference
	case CacheFrom:
		return "--cache-from " + o.Reference
	case Cache:
		return "the cache manifest " + o.Reference
	}
	return "this machine"
}

// Found is a record with where it came from.
type Found struct {
	Record layers.Record
	Origin Origin
}

// Known holds what sources said, in the order in which they were asked: of two records of a key
// the first is taken. The zero value knows nothing. It is not safe for use by several goroutines at once.
type Known struct {
	found map[layers.Key]Found
}

// Add adds what the next source says.
func (k *Known) Add(from Origin, records map[layers.Key]layers.Record) {
	if k.found == nil {
		k.found = map[layers.Key]Found{}
	}
	for key, r := range records {
		if _, ok := k.found[key]; !ok && r.Key == key {
			k.found[key] = Found{r, from}
		}
	}
}

// Find returns what is known of a key.
func (k *Known) Find(key layers.Key) (Found, bool) {
	f, ok := k.found[key]
	return f, ok
}

// Missing returns those of the keys that no source knew so far, in their order: while there are none
// no further source need be asked.
func (k *Known) Missing(keys []layers.Key) []layers.Key {
	var out []layers.Key
	for _, key := range keys {
		if _, ok := k.found[key]; !ok {
			out = append(out, key)
		}
	}
	return out
}

// Forget drops the record of a key, because the layer came out with other bytes or its blob is nowhere to
// be had. Sources that are added later are asked again.
func (k *Known) Forget(key layers.Key) { delete(k.found, key) }
