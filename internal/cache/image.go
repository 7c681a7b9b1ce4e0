package cache

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/pkg/layers"
)

const (
	maxManifest = 4 << 20  // bytes of a manifest (distribution-spec, "Pushing Manifests")
	maxConfig   = 16 << 20 // bytes of an image configuration
	maxHistory  = 1 << 14  // entries of an image's history; images have up to some hundred
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
	diffIDs, comments, err := parseLayers(config)
	if err != nil {
		return nil, fmt.Errorf("reading what an image says of its layers: %w", err)
	}
	if len(comments) != len(m.Layers) || len(diffIDs) != len(m.Layers) {
		return nil, nil // nobody knows which comment is whose
	}
	return recordsOf(m.Layers, diffIDs, ours(comments))
}

// parseLayers reads the DiffIDs of a configuration and the comment of each layer in its history (image-spec,
// "Image Configuration").
//
// Only names spelled exactly so count, as in pkg/manifest, which takes our comments off a base:
// [json.Unmarshal] would take a base's "Comment" for a field "comment" as well.
func parseLayers(config []byte) (diffIDs []v1.Hash, comments []string, err error) {
	if err := json.Unmarshal(config, &json.RawMessage{}); err != nil { // it is one document
		return nil, nil, err
	}
	root, err := members(config, "rootfs", "history")
	if err != nil {
		return nil, nil, err
	}
	rootfs, err := members(root["rootfs"], "diff_ids")
	if err == nil {
		err = decode(rootfs["diff_ids"], &diffIDs)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("rootfs: %w", err)
	}
	if comments, err = parseHistory(root["history"]); err != nil {
		return nil, nil, fmt.Errorf("history: %w", err)
	}
	return diffIDs, comments, nil
}

// parseHistory returns the comments of the entries that have a layer.
func parseHistory(raw json.RawMessage) (comments []string, err error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if ok, err := enter(dec, '['); !ok {
		return nil, err
	}
	for n := 0; dec.More(); n++ {
		if n == maxHistory {
			return nil, fmt.Errorf("more than %d entries", maxHistory)
		}
		var entry json.RawMessage
		if err := dec.Decode(&entry); err != nil {
			return nil, err
		}
		h, err := members(entry, "comment", "empty_layer")
		if err != nil {
			return nil, err
		}
		var comment string
		var empty bool
		if err := errors.Join(decode(h["comment"], &comment), decode(h["empty_layer"], &empty)); err != nil {
			return nil, err
		}
		if !empty {
			comments = append(comments, comment)
		}
	}
	return comments, nil
}

// members returns those members of an object that have exactly these names. Of a name that is there twice the last
// counts. It holds no others, however many there are.
func members(raw json.RawMessage, names ...string) (map[string]json.RawMessage, error) {
	found := map[string]json.RawMessage{}
	dec := json.NewDecoder(bytes.NewReader(raw))
	if ok, err := enter(dec, '{'); !ok {
		return found, err
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, err
		}
		var content json.RawMessage
		if err := dec.Decode(&content); err != nil {
			return nil, err
		}
		if s, ok := name.(string); ok && slices.Contains(names, s) {
			found[s] = content
		}
	}
	return found, nil
}

// enter reads the start of an object or a list. What is missing or null has none, and nothing in it.
func enter(dec *json.Decoder, start json.Delim) (bool, error) {
	t, err := dec.Token()
	if err == io.EOF || err == nil && t == nil {
		return false, nil
	}
	if err == nil && t != start {
		err = fmt.Errorf("%v stands where %v was expected", t, start)
	}
	return err == nil, err
}

// decode reads a member into v, and leaves v as it is where the member is missing.
func decode(raw json.RawMessage, v any) error {
	if raw == nil {
		return nil
	}
	return json.Unmarshal(raw, v)
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
