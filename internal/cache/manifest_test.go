package cache

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/google/go-cmp/cmp"

	"github.com/layerpack/layerpack/pkg/layers"
)

func TestTag(t *testing.T) {
	a := subject.Tag()
	if Tag(subject.Base, subject.ProfileVersion) != a || len(a) != len("layerpack-cache-")+16 || !strings.HasPrefix(a, "layerpack-cache-") {
		t.Errorf("tag %q", a)
	}
	if _, err := name.NewTag("r.example/x:"+a, name.StrictValidation); err != nil {
		t.Error(err)
	}
	// Golden: another tag for the same base would be a cache that nobody finds.
	if a != "layerpack-cache-"+goldenTag {
		t.Errorf("tag %q, want %s", a, goldenTag)
	}
	if Tag(subject.Base, 4) == a || Tag(hash("another").String(), 3) == a {
		t.Error("two subjects have one tag")
	}
}

func TestRoundTrip(t *testing.T) {
	for name, c := range map[string]*Contents{"everything": full(t), "nothing": {Subject: subject}} {
		e := encoded(t, c)
		m, err := ParseManifest(e.Manifest.Bytes, subject)
		if err != nil {
			t.Fatal(err)
		}
		got := decoded(t, e, subject)
		if !got.Equal(c) || !c.Equal(got) {
			t.Errorf("%s: %s", name, cmp.Diff(c, got))
		}
		// The manifest alone knows all records.
		if !cmp.Equal(m.Records(), c.Records()) || !cmp.Equal(got.Records(), c.Records()) || len(m.BaseLayers) != len(c.BaseLayers) {
			t.Errorf("%s: %s", name, cmp.Diff(c.Records(), m.Records()))
		}
		if !slices.EqualFunc(m.Layers, c.Layers, func(r layers.Record, e Entry) bool { return r.Key == e.Record.Key }) {
			t.Errorf("%s: the order is another", name)
		}
	}
}

// The same bytes come of the same contents, whatever the order of maps and the number of cores.
func TestDeterministic(t *testing.T) {
	want := encoded(t, full(t))
	for _, cores := range []int{1, 3} {
		before := runtime.GOMAXPROCS(cores)
		c := full(t)
		for i := range 50 { // another history of growth is another order of the map
			c.Wheels[hash(fmt.Sprint(i)).Hex] = []byte("x")
		}
		for i := range 50 {
			delete(c.Wheels, hash(fmt.Sprint(i)).Hex)
		}
		got := encoded(t, decoded(t, encoded(t, c), subject))
		runtime.GOMAXPROCS(before)
		if !cmp.Equal(got.Manifest, want.Manifest) || got.Config.Descriptor.Digest != want.Config.Descriptor.Digest || !bytes.Equal(got.Facts.Bytes, want.Facts.Bytes) {
			t.Errorf("%d cores: %s", cores, cmp.Diff(string(want.Manifest.Bytes), string(got.Manifest.Bytes)))
		}
	}
}

// A registry takes it, and to everybody else it is an image: a configuration with as many DiffIDs as
// layers, and a blob that is a tar.
func TestIsAnImage(t *testing.T) {
	s := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	defer s.Close()
	c := full(t)
	gzip, blob := built(t, layers.Gzip, "x")
	e0 := c.Layers[0]
	gzip.Key = e0.Record.Key
	c.BaseLayers, c.Layers = nil, []Entry{{Record: gzip, Recipe: e0.Recipe, Facts: e0.Facts}}
	e := encoded(t, c)
	repo, err := name.NewRepository(strings.TrimPrefix(s.URL, "http://") + "/x")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []Document{e.Config, e.Facts, {gzip.Descriptor(), blob}} {
		if err := remote.WriteLayer(repo, static.NewLayer(d.Bytes, d.Descriptor.MediaType)); err != nil {
			t.Fatal(err)
		}
	}
	if err := remote.Put(repo.Tag(c.Tag()), rawManifest(e.Manifest.Bytes)); err != nil {
		t.Fatal(err)
	}
	img, err := remote.Image(repo.Tag(c.Tag()))
	if err != nil {
		t.Fatal(err)
	}
	config, err1 := img.ConfigFile()
	list, err2 := img.Layers()
	if err1 != nil || err2 != nil || len(config.RootFS.DiffIDs) != len(list) || len(list) != 2 {
		t.Fatalf("%v %v %+v", err1, err2, config)
	}
	if d, err := list[1].DiffID(); err != nil || d != config.RootFS.DiffIDs[1] {
		t.Errorf("DiffID %s, %v", d, err)
	}
	got, err := decompress(e.Facts.Bytes)
	if err != nil || digestOf(got) != config.RootFS.DiffIDs[1] {
		t.Errorf("the blob is not its DiffID's: %v", err)
	}
	want := map[string][]byte{}
	for _, s := range c.sections() {
		want["layerpack-cache/"+s.name] = s.data
	}
	if files := untar(t, got); !maps.EqualFunc(files, want, bytes.Equal) {
		t.Errorf("files %v", slices.Sorted(maps.Keys(files)))
	}
}

type rawManifest []byte

func (r rawManifest) RawManifest() ([]byte, error)        { return r, nil }
func (r rawManifest) MediaType() (types.MediaType, error) { return types.OCIManifestSchema1, nil }

func untar(t *testing.T, b []byte) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for r := tar.NewReader(bytes.NewReader(b)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Mode != 0o644 || h.ModTime.UTC().Format("2006-01-02 15:04:05") != "1980-01-02 00:00:00" || h.Typeflag != tar.TypeReg {
			t.Errorf("%+v", h)
		}
		if out[h.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	big := make([]byte, maxPart+1)
	for name, c := range map[string]struct {
		spoil func(c *Contents)
		want  string
	}{
		"a base without digest": {func(c *Contents) { c.Base = "latest" }, "no digest of a base"},
		"too many layers":       {func(c *Contents) { c.Layers = make([]Entry, MaxLayers+1) }, "too many"},
		"too many of the base":  {func(c *Contents) { c.BaseLayers = make([]BaseLayer, maxBase+1) }, "too many"},
		"one key twice":         {func(c *Contents) { c.Layers = append(c.Layers, c.Layers[0]) }, "comes twice"},
		"no recipe":             {func(c *Contents) { c.Layers[0].Recipe = nil }, "has no recipe"},
		"facts too large":       {func(c *Contents) { c.Layers[0].Facts = big }, "it may have"},
		"a wheel without hash":  {func(c *Contents) { c.Wheels["x"] = []byte("x") }, "no SHA-256"},
		"no DiffID":             {func(c *Contents) { c.Layers[0].Record.DiffID = v1.Hash{} }, "no digest, DiffID or size"},
		"Docker's media type":   {func(c *Contents) { c.Layers[0].Record.MediaType = types.DockerLayer }, "does not say what it is"},
		"unknown annotations":   {func(c *Contents) { c.Layers[0].Record.Annotations = map[string]string{"x": "y"} }, "annotations"},
		// Zeros shrink more than is believed when they are read.
		"a bomb": {func(c *Contents) { c.Profile.Tree = make([]byte, maxTree) }, "more than is read"},
	} {
		contents := full(t)
		c.spoil(contents)
		if e, err := contents.Encode(); err == nil || e != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNewEntryRefuses(t *testing.T) {
	r, _ := built(t, layers.Gzip, "x")
	if _, err := NewEntry(r, wheels("a-1-py3-none-any.whl"), nil); err == nil || !strings.Contains(err.Error(), "the record's") {
		t.Errorf("another key: %v", err)
	}
	if _, err := NewEntry(r, wheels("\xff"), nil); err == nil || !strings.Contains(err.Error(), "UTF-8") {
		t.Errorf("no key: %v", err)
	}
}

// goldenTag is the end of the tag of subject.
const goldenTag = "719bc41cd63a6b1a"
