package manifest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/layerpack/layerpack/pkg/refusal"
)

func manifestText(configType string, layerTypes ...string) string {
	var layers []string
	for _, t := range layerTypes {
		layers = append(layers, fmt.Sprintf(`{"mediaType":%q,"digest":"sha256:%s","size":7}`, t, strings.Repeat("b", 64)))
	}
	return fmt.Sprintf(`{"schemaVersion":2,"config":{"mediaType":%q,"digest":"sha256:%s","size":2},"layers":[%s]}`,
		configType, strings.Repeat("c", 64), strings.Join(layers, ","))
}

func configText(layers int) string {
	ids := strings.Repeat(`,"sha256:`+strings.Repeat("d", 64)+`"`, layers)
	return `{"rootfs":{"type":"layers","diff_ids":[` + strings.TrimPrefix(ids, ",") + `]}}`
}

func TestParseBase(t *testing.T) {
	for layer, want := range map[types.MediaType]types.MediaType{
		types.DockerLayer:                                   types.OCILayer,
		types.OCILayer:                                      types.OCILayer,
		types.DockerUncompressedLayer:                       types.OCIUncompressedLayer,
		types.OCIUncompressedLayer:                          types.OCIUncompressedLayer,
		types.OCILayerZStd:                                  types.OCILayerZStd,
		"application/vnd.docker.image.rootfs.diff.tar.zstd": types.OCILayerZStd,
	} {
		for _, config := range []types.MediaType{types.DockerConfigJSON, types.OCIConfigJSON} {
			b, err := ParseBase(hash("e"), []byte(manifestText(string(config), string(layer), string(layer))), []byte(configText(2)))
			if err != nil {
				t.Errorf("%s, %s: %v", config, layer, err)
				continue
			}
			if len(b.DiffIDs) != 2 || b.DiffIDs[0] != hash("d") || len(b.Manifest.Layers) != 2 || b.Digest != hash("e") {
				t.Errorf("%s, %s: %+v", config, layer, b)
			}
			if got, err := ociLayerType(layer); err != nil || got != want {
				t.Errorf("%s becomes %s, %v", layer, got, err)
			}
		}
	}
}

func TestParseBaseRefuses(t *testing.T) {
	const docker, gz = string(types.DockerConfigJSON), string(types.DockerLayer)
	digest := "sha256:" + strings.Repeat("b", 64)
	layer := "layer " + digest
	for name, c := range map[string]struct{ manifest, config, want string }{
		"no JSON":         {"<html>", configText(0), "its manifest cannot be read: invalid character '<'"},
		"schema 1":        {`{"schemaVersion":1,"fsLayers":[]}`, configText(0), `it is no container image: its configuration has media type ""; use another base`},
		"a Helm chart":    {manifestText("application/vnd.cncf.helm.config.v1+json", gz), configText(1), `it is no container image: its configuration has media type "application/vnd.cncf.helm.config.v1+json"; use another base`},
		"a Docker plugin": {manifestText(string(types.DockerPluginConfig), gz), configText(1), `it is no container image: its configuration has media type "application/vnd.docker.plugin.v1+json"; use another base`},
		"config no JSON":  {manifestText(docker, gz), "", "its configuration cannot be read: unexpected end of JSON input; use another base"},
		"bad DiffID":      {manifestText(docker, gz), `{"rootfs":{"diff_ids":["sha256:1"]}}`, "its configuration cannot be read: "},
		"null DiffID":     {manifestText(docker, gz), `{"rootfs":{"diff_ids":[null]}}`, "its configuration cannot be read: "},
		"fewer DiffIDs":   {manifestText(docker, gz, gz), configText(1), "the manifest has 2 layers, the configuration 1; use another base"},
		"null config":     {manifestText(docker, gz), "null", "the manifest has 1 layers, the configuration 0; use another base"},
		"ONBUILD": {
			manifestText(docker, gz), `{"config":{"OnBuild":["COPY . /app","RUN x"]},` + configText(1)[1:],
			`it has ONBUILD triggers ("COPY . /app"), which only a Dockerfile build can run; use an image without them`,
		},
		"a foreign layer of Windows": {
			manifestText(docker, string(types.DockerForeignLayer)), configText(1),
			digest + " is a foreign layer (application/vnd.docker.image.rootfs.foreign.diff.tar.gzip): its bytes lie elsewhere and may not be copied; use an image whose layers are all in its registry",
		},
		"a foreign OCI layer":      {manifestText(docker, gz, string(types.OCIRestrictedLayer)), configText(2), digest + " is a foreign layer (" + string(types.OCIRestrictedLayer) + ")"},
		"a foreign tar":            {manifestText(docker, string(types.OCIUncompressedRestrictedLayer)), configText(1), digest + " is a foreign layer ("},
		"a foreign zstd layer":     {manifestText(docker, string(ociRestrictedZstd)), configText(1), digest + " is a foreign layer ("},
		"an encrypted layer":       {manifestText(docker, gz+"+encrypted"), configText(1), layer + `: media type "` + gz + `+encrypted" is no layer that is known; use another base`},
		"a layer of negative size": {strings.Replace(manifestText(docker, gz), `"size":7`, `"size":-7`, 1), configText(1), layer + " has a size of -7 bytes; use another base"},
	} {
		_, err := ParseBase(hash("e"), []byte(c.manifest), []byte(c.config))
		if err == nil || !strings.HasPrefix(err.Error(), "base image "+hash("e").String()+": "+c.want) || !refusal.Is(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParseBase(f *testing.F) {
	f.Add([]byte(manifestText(string(types.DockerConfigJSON), string(types.DockerLayer))), []byte(configText(1)))
	f.Add([]byte(manifestText(string(types.OCIConfigJSON))), []byte(`{"config":null}`))
	f.Fuzz(func(t *testing.T, manifest, config []byte) {
		b, err := ParseBase(hash("e"), manifest, config)
		if err != nil {
			if !refusal.Is(err) {
				t.Fatalf("no refusal: %v", err)
			}
			return
		}
		edited, err := EditConfig(b.Config, Edits{User: "u"}, []NewLayer{{DiffID: hash("a")}})
		if err != nil {
			return
		}
		img, err := Assemble(b, remoteLayer, edited, nil, nil)
		if err != nil {
			t.Fatalf("a base that was accepted: %v", err)
		}
		if layers, err := img.Layers(); err != nil || len(layers) != len(b.DiffIDs) {
			t.Fatalf("%d layers, %v", len(layers), err)
		}
	})
}
