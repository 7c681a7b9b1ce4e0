package cache

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/layerpack/layerpack/pkg/layers"
)

// Annotations of the manifest and of its layers' descriptors.
const (
	noteFormat  = "dev.layerpack.cache"         // of the manifest: Format
	noteBase    = "dev.layerpack.cache.base"    // of the manifest: Subject.Base
	noteProfile = "dev.layerpack.cache.profile" // of the manifest: Subject.ProfileVersion
	noteRole    = "dev.layerpack.role"          // of a layer: base, wheels, facts
	noteKey     = "dev.layerpack.key"
	noteDiffID  = "dev.layerpack.diffid"
	noteTarSize = "dev.layerpack.tarsize"
)

// Roles of the layers of a cache manifest.
const (
	roleBase  = "base"
	roleLayer = "reusable"
	roleFacts = "facts"
)

// Document is a blob or a manifest with what names it.
type Document struct {
	Descriptor v1.Descriptor
	Bytes      []byte
}

// Encoded is a cache manifest as it is pushed: both blobs, then the manifest under [Subject.Tag]. The other
// blobs that the manifest names have to lie in the repository before.
type Encoded struct {
	Manifest, Config, Facts Document
}

// config is the configuration of a cache manifest: that of an image which no platform runs, as
// BuildKit writes it for attestations.
type config struct {
	Architecture string   `json:"architecture"`
	OS           string   `json:"os"`
	Config       struct{} `json:"config"`
	RootFS       rootFS   `json:"rootfs"`
}

type rootFS struct {
	Type    string    `json:"type"`
	DiffIDs []v1.Hash `json:"diff_ids"`
}

// Encode writes the contents as an image: the same bytes for equal contents.
//
// It is an image like any other, with a configuration that can be parsed and layers that are tars, because
// registries refuse what they do not know: Quay and Artifactory had lists of media types, ECR and
// Quay refused BuildKit's cache until it became an image (moby/buildkit#2251, aws/containers-roadmap#876),
// Harbor parses configurations. Recipes, facts, profile and documents are one layer more, so that one request
// brings them all. It is tar+zstd, which every registry takes that takes OCI images of today: decoding gzip
// takes five times as long.
func (c *Contents) Encode() (*Encoded, error) {
	e, err := c.encode()
	if err != nil {
		return nil, fmt.Errorf("writing the cache manifest %s: %w", c.Tag(), err)
	}
	return e, nil
}

func (c *Contents) encode() (*Encoded, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	facts, diffID, err := c.factsBlob()
	if err != nil {
		return nil, err
	}
	m := &v1.Manifest{
		SchemaVersion: 2, MediaType: types.OCIManifestSchema1,
		Annotations: map[string]string{
			noteFormat: strconv.Itoa(Format), noteBase: c.Base, noteProfile: strconv.Itoa(c.ProfileVersion),
		},
	}
	var diffIDs []v1.Hash
	add := func(d v1.Descriptor, diffID v1.Hash, role string, notes map[string]string) {
		notes[noteRole], notes[noteDiffID] = role, diffID.String()
		d.Annotations = notes
		m.Layers, diffIDs = append(m.Layers, d), append(diffIDs, diffID)
	}
	for _, b := range c.BaseLayers {
		d := v1.Descriptor{MediaType: b.Descriptor.MediaType, Digest: b.Descriptor.Digest, Size: b.Descriptor.Size}
		add(d, b.DiffID, roleBase, map[string]string{})
	}
	for _, e := range c.Layers {
		notes := maps.Clone(e.Record.Annotations)
		if notes == nil {
			notes = map[string]string{}
		}
		notes[noteKey], notes[noteTarSize] = string(e.Record.Key), strconv.FormatInt(e.Record.TarSize, 10)
		add(e.Record.Descriptor(), e.Record.DiffID, roleLayer, notes)
	}
	add(facts.Descriptor, diffID, roleFacts, map[string]string{})
	out := &Encoded{Facts: facts}
	if out.Config, err = encodeJSON(config{
		Architecture: "unknown", OS: "unknown", RootFS: rootFS{Type: "layers", DiffIDs: diffIDs},
	}, types.OCIConfigJSON); err != nil {
		return nil, err
	}
	m.Config = out.Config.Descriptor
	if out.Manifest, err = encodeJSON(m, types.OCIManifestSchema1); err != nil {
		return nil, err
	}
	// What could not be read again is not written.
	_, err = ParseManifest(out.Manifest.Bytes, c.Subject)
	return out, err
}

func (c *Contents) factsBlob() (Document, v1.Hash, error) {
	sections := c.sections()
	size := 0
	for _, s := range sections {
		if size += len(s.data); len(s.data) > bound(s.name) || len(s.name) > maxName {
			return Document{}, v1.Hash{}, fmt.Errorf("%s has %d bytes, it may have %d", s.name, len(s.data), bound(s.name))
		}
	}
	if size > maxSections/2 { // the other half leaves room for headers
		return Document{}, v1.Hash{}, fmt.Errorf("facts and profile have %d bytes, they may have %d", size, maxSections/2)
	}
	tar := joinSections(sections)
	blob, err := compress(tar)
	if err != nil {
		return Document{}, v1.Hash{}, err
	}
	if len(blob) > maxBlob || len(blob)*maxRatio < len(tar) && len(tar) > minSections {
		return Document{}, v1.Hash{}, fmt.Errorf("facts and profile have %d bytes compressed, %d before: more than is read", len(blob), len(tar))
	}
	d := v1.Descriptor{MediaType: types.OCILayerZStd, Digest: digestOf(blob), Size: int64(len(blob))}
	return Document{d, blob}, digestOf(tar), nil
}

func encodeJSON(v any, mediaType types.MediaType) (Document, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return Document{}, err
	}
	return Document{v1.Descriptor{MediaType: mediaType, Digest: digestOf(b), Size: int64(len(b))}, b}, nil
}

// recordOf reads the record that a layer's descriptor tells.
func recordOf(d v1.Descriptor, diffID v1.Hash) (layers.Record, error) {
	key, ok1 := parseKey(d.Annotations[noteKey])
	tarSize, ok2 := parseNumber(d.Annotations[noteTarSize], 63)
	mediaType, ok3 := mediaTypeOf(d.MediaType)
	if !ok1 || !ok2 || !ok3 || mediaType != d.MediaType {
		return layers.Record{}, errors.New("it does not say what it is")
	}
	rest := maps.Clone(d.Annotations)
	for _, ours := range []string{noteKey, noteTarSize, noteRole, noteDiffID} {
		delete(rest, ours)
	}
	toc, ok := tocOf(rest, tarSize)
	if !ok {
		return layers.Record{}, errors.New("it has annotations of no layer that is known")
	}
	return layers.Record{
		Key: key, Digest: d.Digest, DiffID: diffID, Size: d.Size, TarSize: tarSize,
		MediaType: mediaType, Annotations: annotationsOf(toc, tarSize),
	}, nil
}
