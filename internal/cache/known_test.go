package cache

import (
	"slices"
	"testing"

	"github.com/layerpack/layerpack/pkg/layers"
)

func TestKnown(t *testing.T) {
	a, _ := built(t, layers.Gzip, "a")
	b, _ := built(t, layers.Gzip, "b")
	lie := a
	lie.Digest = hash("lie")
	var k Known
	keys := []layers.Key{b.Key, a.Key, "sha256:none"}
	if got := k.Missing(keys); !slices.Equal(got, keys) {
		t.Errorf("an empty one knows all but %v", got)
	}
	k.Add(Origin{}, map[layers.Key]layers.Record{a.Key: a})
	from := Origin{Cache, "r.example/x:layerpack-cache-1", "r.example/x"}
	k.Add(from, map[layers.Key]layers.Record{a.Key: lie, b.Key: b, "sha256:another": a})
	if got := k.Missing(keys); !slices.Equal(got, keys[2:]) {
		t.Errorf("missing %v", got)
	}
	if f, ok := k.Find(a.Key); !ok || f.Record.Digest != a.Digest || !f.Origin.Local() {
		t.Errorf("the first source does not win: %+v", f)
	}
	if f, ok := k.Find(b.Key); !ok || f.Origin != from || f.Origin.Local() {
		t.Errorf("%+v", f)
	}
	k.Forget(b.Key)
	if _, ok := k.Find(b.Key); ok {
		t.Error("not forgotten")
	}
	if _, ok := k.Find("sha256:another"); ok {
		t.Error("a record under another's key was taken")
	}
}

func TestOriginText(t *testing.T) {
	for want, o := range map[string]Origin{
		"this machine":         {},
		"the image r/x:1":      {Image, "r/x:1", "r/x"},
		"--cache-from r/x:1":   {CacheFrom, "r/x:1", "r/x"},
		"the cache manifest c": {Cache, "c", ""},
	} {
		if o.String() != want {
			t.Errorf("%q, want %q", o, want)
		}
	}
}
