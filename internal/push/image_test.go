package push

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/manifest"
)

// picture is an image of two base layers and two more, and what it is made of.
type picture struct {
	*manifest.Image
	base  [][]byte
	added []*layers.Blob
}

// newPicture makes an image; what tells its last layer from others'.
func newPicture(t *testing.T, what string) *picture {
	t.Helper()
	p := &picture{base: [][]byte{content("base one"), content("base two")}}
	var diffIDs []string
	m := v1.Manifest{SchemaVersion: 2, MediaType: types.OCIManifestSchema1}
	for _, b := range p.base {
		m.Layers = append(m.Layers, v1.Descriptor{MediaType: types.OCIUncompressedLayer, Digest: digestOf(b), Size: int64(len(b))})
		diffIDs = append(diffIDs, digestOf(b).String())
	}
	config, err := json.Marshal(map[string]any{"architecture": "amd64", "os": "linux", "config": map[string]any{}, "rootfs": map[string]any{"type": "layers", "diff_ids": diffIDs}})
	check(t, err)
	m.Config = v1.Descriptor{MediaType: types.OCIConfigJSON, Digest: digestOf(config), Size: int64(len(config))}
	raw, err := json.Marshal(m)
	check(t, err)
	base, err := manifest.ParseBase(digestOf(raw), raw, config)
	check(t, err)

	var added []manifest.NewLayer
	var list []v1.Layer
	for _, b := range [][]byte{content("wheels"), content(what)} {
		l := &layers.Blob{
			Record: layers.Record{Digest: digestOf(b), DiffID: digestOf(b), Size: int64(len(b)), MediaType: types.OCIUncompressedLayer},
			Open:   opener(b),
		}
		p.added = append(p.added, l)
		list = append(list, l)
		added = append(added, manifest.NewLayer{DiffID: digestOf(b), CreatedBy: "test"})
	}
	edited, err := manifest.EditConfig(config, manifest.Edits{}, added)
	check(t, err)
	fromBase := func(d v1.Descriptor, diffID v1.Hash) v1.Layer {
		for _, b := range p.base {
			if digestOf(b) == d.Digest {
				return &manifest.RemoteLayer{Desc: d, Diff: diffID, Open: opener(b)}
			}
		}
		t.Errorf("no layer %s in the base", d.Digest)
		return nil
	}
	p.Image, err = manifest.Assemble(base, fromBase, edited, list, map[string]string{"what": what})
	check(t, err)
	return p
}

// size is the number of bytes of all blobs.
func (p *picture) size(t *testing.T) int64 {
	t.Helper()
	m, err := p.Manifest()
	check(t, err)
	n := m.Config.Size
	for _, l := range m.Layers {
		n += l.Size
	}
	return n
}

// content is some kilobytes.
func content(text string) []byte { return []byte(strings.Repeat(text+"\n", 500)) }

func opener(b []byte) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }
}

func digestOf(b []byte) v1.Hash {
	h, _, err := v1.SHA256(bytes.NewReader(b))
	if err != nil {
		panic(err) // a bytes.Reader does not fail
	}
	return h
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
