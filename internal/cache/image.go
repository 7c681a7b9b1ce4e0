package cache

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/pkg/layers"
)

const (
	maxManifest = 4 << 20  // bytes of a manifest (distribution-spec, "Pushing Manifests")
	maxConfig   = 16 << 20 // bytes of an image configuration
)

// FromImage returns the records of the layers that an image got when we built it, from its manifest
// and its configuration.
//
// The comment of such a layer says how many layers lie below ours. It counts only if the image's topmost layer
// has one, and every layer from that number up says the same: then these layers are ours and what lies below is the
// base's, whatever the base's own comments claim. Somebody who put layers on our image, or
// built on a base with forged comments, thus has an image with no records. A layer whose
// blob is not the one that its comment names, because a tool has compressed it again, is left out: it would
// give the image another digest. Records are complete: annotations come from the comment, media types are OCI's.
//
// An image without our comments has no records and is no error. What is no image's manifest,
// or not the configuration that it names, is.
func FromImage(manifest, config []byte) (map[layers.Key]layers.Record, error) {
	m, err := parseImage(manifest)
	if err != nil {
		return nil, err
	}
	if digestOf(config) != m.Config.Digest || len(config) > maxConfig {
		return nil, fmt.Errorf("reading what an image says of its layers: the configuration is not %s", m.Config.Digest)
	}
	var c struct {
		RootFS struct {
			DiffIDs []v1.Hash `json:"diff_ids"`
		} `json:"rootfs"`
		History []struct {
			Comment    string `json:"comment"`
			EmptyLayer bool   `json:"empty_layer"`
		} `json:"history"`
	}
	if err := json.Unmarshal(config, &c); err != nil {
		return nil, fmt.Errorf("reading what an image says of its layers: %w", err)
	}
	var comments []string // of each layer
	for _, h := range c.History {
		if !h.EmptyLayer {
			comments = append(comments, h.Comment)
		}
	}
	if len(comments) != len(m.Layers) || len(c.RootFS.DiffIDs) != len(m.Layers) {
		return nil, nil // nobody knows which comment is whose
	}
	return recordsOf(m.Layers, c.RootFS.DiffIDs, ours(comments))
}

// ours returns what the comments of our layers say, by the layer's place in the image.
func ours(comments []string) map[int]statement {
	if len(comments) == 0 {
		return nil
	}
	top, ok := parseComment(comments[len(comments)-1])
	if !ok {
		return nil
	}
	out := map[int]statement{}
	for i := top.base; i < len(comments); i++ {
		s, ok := parseComment(comments[i])
		if !ok || s.base != top.base {
			return nil
		}
		out[i] = s
	}
	return out
}

func recordsOf(descs []v1.Descriptor, diffIDs []v1.Hash, said map[int]statement) (map[layers.Key]layers.Record, error) {
	out := map[layers.Key]layers.Record{}
	for i, s := range said {
		d := descs[i]
		mediaType, ok := mediaTypeOf(d.MediaType)
		if !ok || d.Digest != s.digest || d.Size <= 0 || !isSHA256(diffIDs[i]) {
			continue
		}
		if _, twice := out[s.key]; twice {
			return nil, fmt.Errorf("reading what an image says of its layers: two of them have the key %s", s.key)
		}
		out[s.key] = layers.Record{
			Key: s.key, Digest: d.Digest, DiffID: diffIDs[i], Size: d.Size, TarSize: s.tarSize,
			MediaType: mediaType, Annotations: annotationsOf(s.toc, s.tarSize),
		}
	}
	return out, nil
}

// parseImage reads the manifest of one image, OCI's or Docker's.
func parseImage(raw []byte) (*v1.Manifest, error) {
	if len(raw) > maxManifest {
		return nil, fmt.Errorf("reading a manifest: %d bytes; %d are read", len(raw), maxManifest)
	}
	var m v1.Manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, fmt.Errorf("reading a manifest: %w", err)
	}
	if m.MediaType != "" && !m.MediaType.IsImage() {
		return nil, fmt.Errorf("reading a manifest: media type %q is no image", m.MediaType)
	}
	if m.SchemaVersion != 2 || !isSHA256(m.Config.Digest) {
		return nil, errors.New("reading a manifest: it is no image's: no configuration of schema version 2")
	}
	return &m, nil
}

// isSHA256 tells digests that were there and are of the one kind in use; JSON lets them be missing.
func isSHA256(h v1.Hash) bool { return h.Algorithm == "sha256" && len(h.Hex) == 2*sha256.Size }

func digestOf(b []byte) v1.Hash {
	sum := sha256.Sum256(b)
	return v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(sum[:])}
}
