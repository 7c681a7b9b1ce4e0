package cache

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/layerpack/layerpack/pkg/layers"
)

// hash is a digest that is told from others by what it is of.
func hash(s string) v1.Hash { return digestOf([]byte(s)) }

// built is a layer that was really written, in one of the formats.
func built(t testing.TB, c layers.Compression, content string) (layers.Record, []byte) {
	t.Helper()
	sum := sha256.Sum256([]byte(content))
	entries := []layers.Entry{{
		Path: "f", Kind: layers.File, Mode: 0o644, Size: int64(len(content)), SHA256: &sum,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil },
	}}
	var out bytes.Buffer
	r, err := layers.NewBuilder(2).WriteAs(context.Background(), &out, entries, layers.Options{Compression: c})
	if err != nil {
		t.Fatal(err)
	}
	r.Key = layers.Key(hash("key of " + content + string(c)).String())
	return *r, out.Bytes()
}

// wheels is the recipe of a layer with the wheels, whose hashes are those of their names.
func wheels(files ...string) *layers.Recipe {
	r := &layers.Recipe{
		Format: 1, Encoder: layers.Encoder, Role: layers.RolePure,
		Target: json.RawMessage(`{"executable":"/usr/bin/python3"}`), Layout: []string{"lib -> usr/lib"},
	}
	for _, f := range files {
		r.Wheels = append(r.Wheels, layers.WheelInput{File: f, SHA256: hash(f).Hex, Requested: true})
	}
	return r
}

// entry is the entry of a layer with the wheels.
func entry(t testing.TB, facts string, files ...string) Entry {
	t.Helper()
	recipe := wheels(files...)
	key, err := recipe.Key()
	if err != nil {
		t.Fatal(err)
	}
	name := strings.Join(files, ",")
	e, err := NewEntry(layers.Record{
		Key: key, Digest: hash("blob " + name), DiffID: hash("tar " + name), Size: 1000, TarSize: 2048, MediaType: types.OCILayer,
	}, recipe, []byte(facts))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

var subject = Subject{Base: hash("a base").String(), ProfileVersion: 3}

// full are contents with something of everything.
func full(t testing.TB) *Contents {
	t.Helper()
	e := entry(t, `{"a.so":{}}`, "numpy-2.0.1-cp311-cp311-linux_x86_64.whl")
	e.Record.Annotations = annotationsOf(hash("toc").String(), e.Record.TarSize)
	doc := []byte(`{"schemaVersion":2}`)
	return &Contents{
		Subject: subject,
		BaseLayers: BaseLayers([]v1.Descriptor{
			{MediaType: types.DockerLayer, Digest: hash("b1"), Size: 10, Annotations: map[string]string{"x": "y"}},
			{MediaType: types.DockerUncompressedLayer, Digest: hash("b2"), Size: 20, URLs: []string{"https://x/"}},
		}, []v1.Hash{hash("d1"), hash("d2")}),
		Layers:    []Entry{e, entry(t, "", "six-1.16.0-py3-none-any.whl", "idna-3.7-py3-none-any.whl")},
		Profile:   Profile{Head: []byte(`{"version":3}`), Tree: []byte("layerpack-tree 1\n/ d755\nend 1\n"), Owned: []byte("{}")},
		Wheels:    map[string][]byte{hash("six-1.16.0-py3-none-any.whl").Hex: []byte("Name: six")},
		Documents: map[v1.Hash][]byte{digestOf(doc): doc},
	}
}

func encoded(t testing.TB, c *Contents) *Encoded {
	t.Helper()
	e, err := c.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// decoded reads a cache manifest with its blob.
func decoded(t testing.TB, e *Encoded, of Subject) *Contents {
	t.Helper()
	m, err := ParseManifest(e.Manifest.Bytes, of)
	if err != nil {
		t.Fatal(err)
	}
	c, err := m.Contents(e.Facts.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// historyOf is a configuration and a manifest that goes with it. A layer is its descriptor,
// DiffID and comment; empty says that the entry of the history has no layer.
type imageLayer struct {
	desc    v1.Descriptor
	diffID  v1.Hash
	comment string
	empty   bool
}

func historyOf(t testing.TB, list ...imageLayer) (manifest, config []byte) {
	t.Helper()
	type line struct {
		CreatedBy string `json:"created_by"`
		Comment   string `json:"comment,omitempty"`
		Empty     bool   `json:"empty_layer,omitempty"`
	}
	var history []line
	m := v1.Manifest{SchemaVersion: 2, MediaType: types.OCIManifestSchema1}
	diffIDs := []v1.Hash{}
	for i, l := range list {
		history = append(history, line{fmt.Sprintf("step %d", i), l.comment, l.empty})
		if !l.empty {
			m.Layers, diffIDs = append(m.Layers, l.desc), append(diffIDs, l.diffID)
		}
	}
	config, err := json.Marshal(map[string]any{"os": "linux", "history": history, "rootfs": rootFS{"layers", diffIDs}})
	if err != nil {
		t.Fatal(err)
	}
	m.Config = v1.Descriptor{MediaType: types.OCIConfigJSON, Digest: digestOf(config), Size: int64(len(config))}
	manifest, err = json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return manifest, config
}

// of is an image's layer as we would push it.
func of(r layers.Record, base int) imageLayer {
	return imageLayer{desc: r.Descriptor(), diffID: r.DiffID, comment: Comment(&r, base)}
}

func foreign(name, comment string) imageLayer {
	return imageLayer{
		desc:   v1.Descriptor{MediaType: types.DockerLayer, Digest: hash(name), Size: 5},
		diffID: hash(name + " tar"), comment: comment,
	}
}
