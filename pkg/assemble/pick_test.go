package assemble

import (
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/layerpack/layerpack/internal/spec"
)

// TestPick: the entry of the very variant is taken wherever it stands, and else the first that fits.
func TestPick(t *testing.T) {
	for _, c := range []struct{ have, want, picked string }{
		{"linux/amd64 linux/arm64/v8", "linux/arm64", "linux/arm64/v8"},
		{"linux/arm64 linux/amd64", "linux/arm64/v8", "linux/arm64"},
		{"linux/amd64/v3 linux/amd64", "linux/amd64", "linux/amd64"},
		{"linux/amd64 linux/amd64/v3", "linux/amd64", "linux/amd64"},
		{"linux/amd64 linux/amd64/v3", "linux/amd64/v3", "linux/amd64/v3"},
		{"linux/amd64/v3 linux/amd64/v2", "linux/amd64", "linux/amd64/v3"},
		{"linux/arm/v5 linux/arm/v7", "linux/arm/v7", "linux/arm/v7"},
		{"unknown/unknown linux/amd64 unknown/unknown", "linux/amd64", "linux/amd64"},
		{"- linux/amd64", "linux/amd64", "linux/amd64"},
		{"- unknown/unknown", "linux/amd64", "-"},
		{"linux/amd64", "linux/amd64/v3", ""},
		{"linux/arm/v7 linux/amd64", "linux/arm64", ""},
		{"- -", "linux/amd64", ""},
		{"- linux/arm64", "linux/amd64", ""},
	} {
		index := &v1.IndexManifest{}
		for _, name := range strings.Fields(c.have) {
			d := v1.Descriptor{MediaType: types.OCIManifestSchema1, Annotations: map[string]string{"": name}}
			if name != "-" {
				var err error
				if d.Platform, err = v1.ParsePlatform(name); err != nil {
					t.Fatal(err)
				}
			}
			index.Manifests = append(index.Manifests, d)
		}
		want, err := v1.ParsePlatform(c.want)
		if err != nil {
			t.Fatal(err)
		}
		r := &run{build: (&spec.Build{}).For(*want)}
		got, err := r.pick(index, "the base")
		if got.Annotations[""] != c.picked || (err == nil) != (c.picked != "") {
			t.Errorf("of %s for %s: %q, %v, want %q", c.have, c.want, got.Annotations[""], err, c.picked)
		}
	}
}
