package manifest

import (
	"bytes"
	"encoding/json"
	"fmt"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// Base is a base image for one platform as its registry describes it.
type Base struct {
	Digest   v1.Hash // of the platform's manifest
	Manifest *v1.Manifest
	Config   []byte // the raw configuration
	DiffIDs  []v1.Hash
}

// ParseBase reads a base's manifest and configuration and refuses what cannot be built on:
// foreign layers, which may not be copied, ONBUILD triggers, which only a Dockerfile build
// could run, and what is no image. OCI and Docker media types are understood.
func ParseBase(digest v1.Hash, rawManifest, rawConfig []byte) (*Base, error) {
	input := "base image " + digest.String()
	m, err := v1.ParseManifest(bytes.NewReader(rawManifest))
	if err != nil {
		return nil, &refusal.Error{Input: input, Cause: "its manifest cannot be read", Err: err, Fix: otherBase}
	}
	if !m.Config.MediaType.IsConfig() {
		return nil, refusal.New(input, fmt.Sprintf("it is no container image: its configuration has media type %q", m.Config.MediaType), otherBase)
	}
	var c struct {
		Config struct{ OnBuild []string }
		RootFS struct {
			DiffIDs []v1.Hash `json:"diff_ids"`
		} `json:"rootfs"`
	}
	if err := json.Unmarshal(rawConfig, &c); err != nil {
		return nil, &refusal.Error{Input: input, Cause: "its configuration cannot be read", Err: err, Fix: otherBase}
	}
	if len(c.Config.OnBuild) > 0 {
		return nil, refusal.New(input, fmt.Sprintf("it has ONBUILD triggers (%q), which only a Dockerfile build can run", c.Config.OnBuild[0]),
			"use an image without them")
	}
	if len(c.RootFS.DiffIDs) != len(m.Layers) {
		return nil, refusal.New(input, fmt.Sprintf("the manifest has %d layers, the configuration %d", len(m.Layers), len(c.RootFS.DiffIDs)), otherBase)
	}
	for _, l := range m.Layers {
		if foreign(l.MediaType) {
			return nil, refusal.New(input, fmt.Sprintf("%s is a foreign layer (%s): its bytes lie elsewhere and may not be copied", l.Digest, l.MediaType),
				"use an image whose layers are all in its registry")
		}
		if _, err := ociLayerType(l.MediaType); err != nil {
			return nil, &refusal.Error{Input: input, Cause: "layer " + l.Digest.String(), Err: err, Fix: otherBase}
		}
		if l.Size < 0 {
			return nil, refusal.New(input, fmt.Sprintf("layer %s has a size of %d bytes", l.Digest, l.Size), otherBase)
		}
	}
	return &Base{Digest: digest, Manifest: m, Config: rawConfig, DiffIDs: c.RootFS.DiffIDs}, nil
}

const otherBase = "use another base"

// Media types that go-containerregistry has no name for.
const (
	dockerLayerZstd   types.MediaType = "application/vnd.docker.image.rootfs.diff.tar.zstd"
	ociRestrictedZstd types.MediaType = "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd"
)

// ociLayerType is the OCI name of a layer's media type; the blob stays as it is.
func ociLayerType(t types.MediaType) (types.MediaType, error) {
	switch t {
	case types.DockerLayer, types.OCILayer:
		return types.OCILayer, nil
	case dockerLayerZstd, types.OCILayerZStd:
		return types.OCILayerZStd, nil
	case types.DockerUncompressedLayer, types.OCIUncompressedLayer:
		return types.OCIUncompressedLayer, nil
	}
	return "", fmt.Errorf("media type %q is no layer that is known", t)
}

// foreign reports whether a layer may not be given to others (image-spec, "Non-Distributable Layers").
func foreign(t types.MediaType) bool { return !t.IsDistributable() || t == ociRestrictedZstd }
