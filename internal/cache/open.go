package cache

import (
	"errors"
	"fmt"
	"strconv"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/layerpack/layerpack/pkg/layers"
)

// Manifest is what the manifest alone tells: which blobs lie in its repository, and all records.
type Manifest struct {
	Subject
	BaseLayers []BaseLayer
	Layers     []layers.Record // newest first
	// Facts is the blob with everything else: see [Manifest.Contents].
	Facts v1.Descriptor
}

// ParseManifest reads what [Contents.Encode] wrote for the subject. Anything else is an error, which
// a caller takes for a miss: damaged, of another base or format, or larger than we would write.
func ParseManifest(raw []byte, of Subject) (*Manifest, error) {
	m, err := parseManifest(raw, of)
	if err != nil {
		return nil, fmt.Errorf("reading the cache manifest %s: %w", of.Tag(), err)
	}
	return m, nil
}

func parseManifest(raw []byte, of Subject) (*Manifest, error) {
	m, err := parseImage(raw)
	if err != nil {
		return nil, err
	}
	switch {
	case m.Annotations[noteFormat] != strconv.Itoa(Format):
		return nil, fmt.Errorf("its format is %.20q, this program's is %d", m.Annotations[noteFormat], Format)
	case m.Annotations[noteBase] != of.Base || m.Annotations[noteProfile] != strconv.Itoa(of.ProfileVersion):
		return nil, errors.New("it is another base's")
	}
	out := &Manifest{Subject: of}
	seen := map[layers.Key]bool{}
	for i, d := range m.Layers {
		diffID, ok := parseHash(d.Annotations[noteDiffID])
		if !ok || !isSHA256(d.Digest) || d.Size <= 0 {
			return nil, fmt.Errorf("layer %d has no digest, DiffID or size", i)
		}
		switch role := d.Annotations[noteRole]; role {
		case roleBase:
			d.Annotations = nil
			out.BaseLayers = append(out.BaseLayers, BaseLayer{d, diffID})
		case roleLayer:
			r, err := recordOf(d, diffID)
			if err != nil {
				return nil, fmt.Errorf("layer %d: %w", i, err)
			}
			if seen[r.Key] {
				return nil, fmt.Errorf("layer %d: key %s comes twice", i, r.Key)
			}
			seen[r.Key] = true
			out.Layers = append(out.Layers, r)
		case roleFacts:
			if i != len(m.Layers)-1 || d.MediaType != types.OCILayerZStd || d.Size > maxBlob {
				return nil, fmt.Errorf("layer %d: %d bytes of %s are no facts", i, d.Size, d.MediaType)
			}
			out.Facts = v1.Descriptor{MediaType: d.MediaType, Digest: d.Digest, Size: d.Size}
		default:
			return nil, fmt.Errorf("layer %d: role %.20q is not known", i, role)
		}
	}
	if out.Facts.Size == 0 || len(out.Layers) > MaxLayers || len(out.BaseLayers) > maxBase {
		return nil, fmt.Errorf("%d layers, %d of the base and a blob of %d bytes are not what it may have", len(out.Layers), len(out.BaseLayers), out.Facts.Size)
	}
	return out, nil
}

// Records returns the records by key, as [Known.Add] wants them.
func (m *Manifest) Records() map[layers.Key]layers.Record {
	out := make(map[layers.Key]layers.Record, len(m.Layers))
	for _, r := range m.Layers {
		out[r.Key] = r
	}
	return out
}

// Contents adds what the facts blob tells, whose bytes are given: the descriptor is [Manifest.Facts]. Bytes that
// are not the blob's, damaged or too large ones are an error.
func (m *Manifest) Contents(blob []byte) (*Contents, error) {
	c, err := m.contents(blob)
	if err != nil {
		return nil, fmt.Errorf("reading facts of the cache manifest %s: %w", m.Tag(), err)
	}
	return c, nil
}

func (m *Manifest) contents(blob []byte) (*Contents, error) {
	if len(blob) > maxBlob || digestOf(blob) != m.Facts.Digest {
		return nil, fmt.Errorf("%d bytes that are not %s", len(blob), m.Facts.Digest)
	}
	return m.decode(blob)
}

// decode reads a blob whose digest has been checked.
func (m *Manifest) decode(blob []byte) (*Contents, error) {
	tar, err := decompress(blob)
	if err != nil {
		return nil, err
	}
	sections, err := splitSections(tar)
	if err != nil {
		return nil, err
	}
	c := &Contents{Subject: m.Subject, BaseLayers: m.BaseLayers}
	for _, r := range m.Layers {
		c.Layers = append(c.Layers, Entry{Record: r})
	}
	if err := c.fill(sections); err != nil {
		return nil, err
	}
	return c, c.check()
}
