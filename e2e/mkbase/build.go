//go:build linux

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// Media types of Docker's image manifest v2, schema 2.
const (
	typeList     = "application/vnd.docker.distribution.manifest.list.v2+json"
	typeManifest = "application/vnd.docker.distribution.manifest.v2+json"
	typeConfig   = "application/vnd.docker.container.image.v1+json"
	typeLayer    = "application/vnd.docker.image.rootfs.diff.tar.gzip"
)

// platforms are those of the index. Both hold the same files: nothing runs the second one.
var platforms = []platform{
	{Architecture: "amd64", OS: "linux"},
	{Architecture: "arm64", OS: "linux", Variant: "v8"},
}

type platform struct {
	Architecture string `json:"architecture"`
	OS           string `json:"os"`
	Variant      string `json:"variant,omitempty"`
}

type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Size        int64             `json:"size"`
	Digest      string            `json:"digest"`
	Platform    *platform         `json:"platform,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

type manifest struct {
	SchemaVersion int          `json:"schemaVersion"`
	MediaType     string       `json:"mediaType,omitempty"`
	Config        *descriptor  `json:"config,omitempty"`
	Layers        []descriptor `json:"layers,omitempty"`
	Manifests     []descriptor `json:"manifests,omitempty"`
}

// build writes a layout with one index: an image for each platform, a layer for each stage.
func build(configFile, tag, out string, stages []string) error {
	config, err := os.ReadFile(configFile)
	if err != nil {
		return err
	}
	blobs := filepath.Join(out, "blobs", "sha256")
	if err := os.MkdirAll(blobs, 0o755); err != nil {
		return err
	}
	layers, diffIDs, err := writeLayers(blobs, stages)
	if err != nil {
		return err
	}
	list := manifest{SchemaVersion: 2, MediaType: typeList}
	for _, p := range platforms {
		raw, err := finishConfig(config, p, diffIDs)
		if err != nil {
			return fmt.Errorf("%s: %w", configFile, err)
		}
		c, err := writeBlob(blobs, typeConfig, raw)
		if err != nil {
			return err
		}
		m, err := writeJSON(blobs, typeManifest, manifest{
			SchemaVersion: 2, MediaType: typeManifest, Config: &c, Layers: layers,
		})
		if err != nil {
			return err
		}
		m.Platform = &p
		list.Manifests = append(list.Manifests, m)
	}
	top, err := writeJSON(blobs, typeList, list)
	if err != nil {
		return err
	}
	top.Annotations = map[string]string{"org.opencontainers.image.ref.name": tag}
	index, err := json.Marshal(manifest{SchemaVersion: 2, Manifests: []descriptor{top}})
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, "oci-layout"), []byte(`{"imageLayoutVersion":"1.0.0"}`), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, "index.json"), index, 0o644)
}

// writeLayers makes the layers of all stages at once; they only read.
func writeLayers(blobs string, stages []string) ([]descriptor, []string, error) {
	layers, diffIDs, errs := make([]descriptor, len(stages)), make([]string, len(stages)), make([]error, len(stages))
	var wg sync.WaitGroup
	for i := range stages {
		lower := ""
		if i > 0 {
			lower = stages[i-1]
		}
		wg.Go(func() { layers[i], diffIDs[i], errs[i] = writeLayer(blobs, lower, stages[i]) })
	}
	wg.Wait()
	for i, err := range errs {
		if err != nil {
			return nil, nil, err
		}
		fmt.Printf("layer %d of %d: %d bytes, %s\n", i+1, len(stages), layers[i].Size, layers[i].Digest)
	}
	return layers, diffIDs, nil
}

// finishConfig adds what only the builder knows, and checks that history and layers agree.
func finishConfig(config []byte, p platform, diffIDs []string) ([]byte, error) {
	var fields map[string]any
	if err := json.Unmarshal(config, &fields); err != nil {
		return nil, err
	}
	var known struct {
		History []struct {
			Empty bool `json:"empty_layer"`
		} `json:"history"`
	}
	if err := json.Unmarshal(config, &known); err != nil {
		return nil, err
	}
	full := 0
	for _, h := range known.History {
		if !h.Empty {
			full++
		}
	}
	if full != len(diffIDs) {
		return nil, fmt.Errorf("history tells of %d layers, there are %d", full, len(diffIDs))
	}
	fields["architecture"], fields["os"] = p.Architecture, p.OS
	if p.Variant != "" {
		fields["variant"] = p.Variant
	}
	fields["rootfs"] = map[string]any{"type": "layers", "diff_ids": diffIDs}
	return json.Marshal(fields)
}

func writeJSON(blobs, mediaType string, v any) (descriptor, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "   ") // as Docker's own manifests are: their digest is of bytes, not of JSON
	if err := e.Encode(v); err != nil {
		return descriptor{}, err
	}
	return writeBlob(blobs, mediaType, bytes.TrimSpace(b.Bytes()))
}

func writeBlob(blobs, mediaType string, raw []byte) (descriptor, error) {
	sum := sha256.Sum256(raw)
	name := hex.EncodeToString(sum[:])
	d := descriptor{MediaType: mediaType, Size: int64(len(raw)), Digest: "sha256:" + name}
	return d, os.WriteFile(filepath.Join(blobs, name), raw, 0o644)
}
