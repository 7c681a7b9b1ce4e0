// Command base writes the base image of layerpack's own container image: a folder for temporary
// files and Mozilla's root certificates, for linux/amd64 and linux/arm64, as an OCI image layout.
//
// The certificates are those of golang.org/x/crypto/x509roots, whose version go.mod and go.sum pin, so that the
// result is the same on every machine. Nothing of the host is read.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "base: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return errors.New("usage: base DIR")
	}
	layer, err := layer()
	if err != nil {
		return err
	}
	return write(args[0], layer)
}

// Media types of image-spec, "OCI Image Media Types". The layer is not compressed: what a compressor
// makes of it may change with Go's version.
const (
	typeIndex    = "application/vnd.oci.image.index.v1+json"
	typeManifest = "application/vnd.oci.image.manifest.v1+json"
	typeConfig   = "application/vnd.oci.image.config.v1+json"
	typeLayer    = "application/vnd.oci.image.layer.v1.tar"
)

type descriptor struct {
	MediaType string    `json:"mediaType"`
	Digest    string    `json:"digest"`
	Size      int       `json:"size"`
	Platform  *platform `json:"platform,omitempty"`
}

type platform struct {
	Architecture string `json:"architecture"`
	OS           string `json:"os"`
}

type manifest struct {
	SchemaVersion int          `json:"schemaVersion"`
	MediaType     string       `json:"mediaType"`
	Config        descriptor   `json:"config"`
	Layers        []descriptor `json:"layers"`
}

type index struct {
	SchemaVersion int          `json:"schemaVersion"`
	MediaType     string       `json:"mediaType"`
	Manifests     []descriptor `json:"manifests"`
}

type config struct {
	platform
	Config struct {
		Env []string `json:"Env"`
	} `json:"config"`
	RootFS struct {
		Type    string   `json:"type"`
		DiffIDs []string `json:"diff_ids"`
	} `json:"rootfs"`
	History []history `json:"history"`
}

type history struct {
	CreatedBy string `json:"created_by"`
}

// write makes the layout (image-spec, "OCI Image Layout Specification") in dir.
func write(dir string, layer []byte) error {
	blobs := filepath.Join(dir, "blobs", "sha256")
	if err := os.MkdirAll(blobs, 0o755); err != nil {
		return err
	}
	add := func(mediaType string, data []byte) (descriptor, error) {
		sum := sha256.Sum256(data)
		name := hex.EncodeToString(sum[:])
		d := descriptor{MediaType: mediaType, Digest: "sha256:" + name, Size: len(data)}
		return d, os.WriteFile(filepath.Join(blobs, name), data, 0o644)
	}
	layerDesc, err := add(typeLayer, layer)
	if err != nil {
		return err
	}
	all := index{SchemaVersion: 2, MediaType: typeIndex}
	for _, architecture := range []string{"amd64", "arm64"} {
		m, err := image(architecture, layerDesc, add)
		if err != nil {
			return err
		}
		all.Manifests = append(all.Manifests, m)
	}
	text, err := json.Marshal(all)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "oci-layout"), []byte(`{"imageLayoutVersion":"1.0.0"}`), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "index.json"), text, 0o644)
}

// image adds configuration and manifest of one platform.
func image(architecture string, layer descriptor, add func(string, []byte) (descriptor, error)) (descriptor, error) {
	c := config{platform: platform{Architecture: architecture, OS: "linux"}, History: []history{{CreatedBy: "layerpack release/base"}}}
	// Any user may write to /tmp, and HOME of a user whom /etc/passwd does not know would be /.
	c.Config.Env = []string{"PATH=/usr/bin", "HOME=/tmp"}
	c.RootFS.Type, c.RootFS.DiffIDs = "layers", []string{layer.Digest}
	text, err := json.Marshal(c)
	if err != nil {
		return descriptor{}, err
	}
	conf, err := add(typeConfig, text)
	if err != nil {
		return descriptor{}, err
	}
	if text, err = json.Marshal(manifest{SchemaVersion: 2, MediaType: typeManifest, Config: conf, Layers: []descriptor{layer}}); err != nil {
		return descriptor{}, err
	}
	d, err := add(typeManifest, text)
	d.Platform = &c.platform
	return d, err
}
