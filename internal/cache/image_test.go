package cache

import (
	"encoding/json"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/google/go-cmp/cmp"

	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/manifest"
)

// Layers of every format come back as they were recorded, whether the manifest kept annotations and
// media types or Docker wrote a new one.
func TestFromImage(t *testing.T) {
	gzip, _ := built(t, layers.Gzip, "one")
	star, _ := built(t, layers.EStargz, "two")
	zstd, _ := built(t, layers.Zstd, "three")
	want := map[layers.Key]layers.Record{gzip.Key: gzip, star.Key: star, zstd.Key: zstd}
	list := []imageLayer{foreign("base", ""), {empty: true}, of(gzip, 1), of(star, 1), {empty: true, comment: "x"}, of(zstd, 1)}
	got, err := FromImage(historyOf(t, list...))
	if err != nil || !cmp.Equal(got, want) {
		t.Errorf("as pushed: %v %s", err, cmp.Diff(want, got))
	}
	for i := range list {
		list[i].desc.Annotations = nil
		switch list[i].desc.MediaType {
		case types.OCILayer:
			list[i].desc.MediaType = types.DockerLayer
		case types.OCILayerZStd:
			list[i].desc.MediaType = "application/vnd.docker.image.rootfs.diff.tar.zstd"
		}
	}
	got, err = FromImage(historyOf(t, list...))
	if err != nil || !cmp.Equal(got, want) {
		t.Errorf("as Docker pushes it: %v %s", err, cmp.Diff(want, got))
	}
}

// A layer that was compressed again is a miss, its neighbours are not.
func TestRecompressed(t *testing.T) {
	a, _ := built(t, layers.Gzip, "a")
	b, _ := built(t, layers.Gzip, "b")
	c, _ := built(t, layers.Gzip, "c")
	list := []imageLayer{of(a, 0), of(b, 0), of(c, 0)}
	list[1].desc.Digest = hash("pigz")
	list[2].desc.MediaType = types.OCIUncompressedLayer
	got, err := FromImage(historyOf(t, list...))
	if err != nil || len(got) != 1 || got[a.Key].Digest != a.Digest {
		t.Errorf("%v, %v", got, err)
	}
}

// What lies below our layers is not believed, and who puts layers on ours makes them a base.
func TestWhoseLayers(t *testing.T) {
	a, _ := built(t, layers.Gzip, "a")
	b, _ := built(t, layers.Gzip, "b")
	bare := a
	bare.Annotations = map[string]string{"unknown": "x"}
	for name, c := range map[string]struct {
		list []imageLayer
		want []layers.Key
	}{
		"no base":                           {[]imageLayer{of(a, 0), of(b, 0)}, []layers.Key{a.Key, b.Key}},
		"a base of ours":                    {[]imageLayer{of(a, 0), of(b, 1)}, []layers.Key{b.Key}},
		"a forged base":                     {[]imageLayer{foreign("x", Comment(&a, 0)), of(b, 1)}, []layers.Key{b.Key}},
		"a base that claims our number":     {[]imageLayer{of(a, 1), of(b, 1)}, []layers.Key{b.Key}},
		"built upon":                        {[]imageLayer{of(a, 0), foreign("x", "")}, nil},
		"something of another's in between": {[]imageLayer{of(a, 0), foreign("x", ""), of(b, 0)}, nil},
		"a number above the image":          {[]imageLayer{of(a, 2), of(b, 2)}, nil},
		"numbers that differ":               {[]imageLayer{of(a, 1), of(b, 0)}, nil},
		"a record that has no comment":      {[]imageLayer{of(a, 0), of(bare, 0)}, nil},
		"another schema":                    {[]imageLayer{foreign("x", strings.Replace(Comment(&a, 0), "layerpack/1", "layerpack/2", 1))}, nil},
		"no layers":                         {[]imageLayer{{empty: true, comment: Comment(&a, 0)}}, nil},
		"no history at all":                 {nil, nil},
	} {
		got, err := FromImage(historyOf(t, c.list...))
		if err != nil || len(got) != len(c.want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
		for _, k := range c.want {
			if _, ok := got[k]; !ok {
				t.Errorf("%s: %s is missing", name, k)
			}
		}
	}
}

// A history that does not fit the layers says nothing.
func TestHistoryMissing(t *testing.T) {
	a, _ := built(t, layers.Gzip, "a")
	l := of(a, 0)
	man, _ := historyOf(t, l)
	for _, config := range []string{
		`{"rootfs":{"diff_ids":["` + a.DiffID.String() + `"]}}`,
		`{"history":[{"comment":"` + l.comment + `"}]}`,
		`{}`, `null`,
	} {
		got, err := FromImage([]byte(strings.Replace(string(man), digestIn(t, man), digestOf([]byte(config)).String(), 1)), []byte(config))
		if err != nil || len(got) != 0 {
			t.Errorf("%s: %v, %v", config, got, err)
		}
	}
}

func digestIn(t *testing.T, raw []byte) string {
	t.Helper()
	var m v1.Manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	return m.Config.Digest.String()
}

func TestFromImageRefuses(t *testing.T) {
	a, _ := built(t, layers.Gzip, "a")
	man, config := historyOf(t, of(a, 0))
	twice, twiceConfig := historyOf(t, of(a, 0), of(a, 0))
	for name, c := range map[string]struct {
		manifest, config string
		want             string
	}{
		"an index":              {`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}`, "", "is no image"},
		"an index without type": {`{"schemaVersion":2,"manifests":[]}`, "", "no configuration"},
		"schema 1":              {`{"schemaVersion":1,"fsLayers":[]}`, "", "no configuration"},
		"no JSON":               {"<html>", "", "invalid character"},
		"two documents":         {string(man) + "{}", string(config), "invalid character"},
		"too long":              {strings.Repeat(" ", maxManifest+1), "", "bytes"},
		"another configuration": {string(man), string(config) + " ", "the configuration is not"},
		"one key twice":         {string(twice), string(twiceConfig), "have the key"},
	} {
		got, err := FromImage([]byte(c.manifest), []byte(c.config))
		if err == nil || got != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// What the rooms write that make images is what is read here.
func TestFromAssembled(t *testing.T) {
	r, _ := built(t, layers.EStargz, "x")
	man, config := historyOf(t, foreign("base", Comment(&r, 0)))
	base, err := manifest.ParseBase(digestOf(man), man, config)
	if err != nil {
		t.Fatal(err)
	}
	edited, err := manifest.EditConfig(config, manifest.Edits{}, []manifest.NewLayer{{DiffID: r.DiffID, CreatedBy: "x", Comment: Comment(&r, 1)}})
	if err != nil {
		t.Fatal(err)
	}
	img, err := manifest.Assemble(base, func(d v1.Descriptor, diffID v1.Hash) v1.Layer {
		return &manifest.RemoteLayer{Desc: d, Diff: diffID}
	}, edited, []v1.Layer{&layers.Blob{Record: r}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := img.RawManifest()
	if err != nil {
		t.Fatal(err)
	}
	got, err := FromImage(raw, edited)
	if want := map[layers.Key]layers.Record{r.Key: r}; err != nil || !cmp.Equal(got, want) {
		t.Errorf("%v %s", err, cmp.Diff(want, got))
	}
}

// configured is an image of one layer with this configuration.
func configured(t *testing.T, l imageLayer, config string) (man, conf []byte) {
	t.Helper()
	man, _ = historyOf(t, l)
	return []byte(strings.Replace(string(man), digestIn(t, man), digestOf([]byte(config)).String(), 1)), []byte(config)
}

// Only the specification's names count, in their case: others come through from a base.
func TestExactNames(t *testing.T) {
	a, _ := built(t, layers.Gzip, "a")
	ours, rootfs := `"`+Comment(&a, 0)+`"`, `"rootfs":{"diff_ids":["`+a.DiffID.String()+`"]}`
	for config, want := range map[string]int{
		`{"history":[{"comment":` + ours + `}],` + rootfs + `}`:                                        1,
		`{"history":[{"Comment":` + ours + `}],` + rootfs + `}`:                                        0,
		`{"history":[{"COMMENT":` + ours + `,"comment":"x"}],` + rootfs + `}`:                          0,
		`{"history":[{"comment":"x","Comment":` + ours + `}],` + rootfs + `}`:                          0,
		`{"history":[{"comment":` + ours + `,"Comment":"x","commenT":5}],` + rootfs + `}`:              1,
		`{"history":[{"comment":` + ours + `,"comment":"x"}],` + rootfs + `}`:                          0,
		`{"history":[{"comment":` + ours + `,"comment":null}],` + rootfs + `}`:                         0,
		`{"history":[{"comment":` + ours + `,"Empty_Layer":true}],` + rootfs + `}`:                     1,
		`{"history":[{"comment":` + ours + `,"empty_layer":true},{}],` + rootfs + `}`:                  0,
		`{"History":[{"comment":` + ours + `}],` + rootfs + `}`:                                        0,
		`{"history":[null],"History":[{"comment":` + ours + `}],` + rootfs + `}`:                       0,
		`{"history":[{"comment":` + ours + `}],"Rootfs":[],` + rootfs + `,"ROOTFS":{}}`:                1,
		`{"history":[{"comment":` + ours + `}],"RootFS":{"diff_ids":["` + a.DiffID.String() + `"]}}`:   0,
		`{"history":[{"comment":` + ours + `}],"rootfs":{"Diff_IDs":["` + a.DiffID.String() + `"]}}`:   0,
		`{"history":[{"comm\u0065nt":` + ours + `}],` + rootfs + `}`:                                   1,
		`{"history":[{"x":{"comment":` + ours + `},"y":["comment",` + ours + `]}],` + rootfs + `}`:     0,
		`{"x":{"history":[{"comment":` + ours + `}]},"config":{"history":[]},` + rootfs + `,"z":[{}]}`: 0,
	} {
		got, err := FromImage(configured(t, of(a, 0), config))
		if err != nil || len(got) != want {
			t.Errorf("%s: %v, %v", config, got, err)
		}
	}
}

func TestDamagedConfigurations(t *testing.T) {
	a, _ := built(t, layers.Gzip, "a")
	for config, want := range map[string]string{
		``:                                 "unexpected end",
		`[]`:                               "[ stands where { was expected",
		`"x"`:                              "x stands where",
		`{} {}`:                            "after top-level value",
		`{"history":{}}`:                   "history: { stands where [",
		`{"history":[5]}`:                  "history: 5 stands where {",
		`{"history":[{"comment":5}]}`:      "history: json: cannot unmarshal number",
		`{"history":[{"empty_layer":""}]}`: "history: json: cannot unmarshal string",
		`{"rootfs":[]}`:                    "rootfs: [ stands where {",
		`{"rootfs":{"diff_ids":{}}}`:       "rootfs: json: cannot unmarshal object",
		`{"rootfs":{"diff_ids":[""]}}`:     "rootfs: ",
		`{"history":[` + strings.Repeat(`{"empty_layer":true},`, maxHistory) + `{}]}`: "more than 16384 entries",
	} {
		if got, err := FromImage(configured(t, of(a, 0), config)); err == nil || got != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v, %v, want %s", config, got, err, want)
		}
	}
}

// A base that writes our comment under a name that is not taken off it brings no records.
func TestForgedBase(t *testing.T) {
	a, _ := built(t, layers.Gzip, "a")
	_, config := configured(t, of(a, 0), `{"history":[{"Comment":"`+Comment(&a, 0)+`"}],"rootfs":{"diff_ids":["`+a.DiffID.String()+`"]}}`)
	edited, err := manifest.EditConfig(config, manifest.Edits{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := FromImage(configured(t, of(a, 0), string(edited))); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
}
