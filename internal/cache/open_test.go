package cache

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/layerpack/layerpack/pkg/layers"
)

// Every way in which a manifest can be wrong is a miss with a reason.
func TestParseManifestRefuses(t *testing.T) {
	c := full(t)
	raw := string(encoded(t, c).Manifest.Bytes)
	key := string(c.Layers[0].Record.Key)
	other := string(c.Layers[1].Record.Key)
	for name, m := range map[string]struct{ from, to, want string }{
		"cut":                  {raw[len(raw)-40:], "", "unexpected end"},
		"another format":       {`cache":"1"`, `cache":"2"`, "its format is"},
		"no format":            {`cache":"1"`, `cache ":"1"`, "its format is"},
		"another base":         {`base":"sha256:`, `base":"sha512:`, "another base's"},
		"another profile":      {`profile":"3"`, `profile":"03"`, "another base's"},
		"no base":              {`profile":"3"`, `base":"x"`, "another base's"},
		"another role":         {`role":"facts"`, `role":"x"`, "is not known"},
		"two facts":            {`role":"reusable"`, `role":"facts"`, "are no facts"},
		"no facts":             {`role":"facts"`, `role":"base"`, "not what it may have"},
		"no DiffID":            {c.Layers[0].Record.DiffID.String(), "", "no digest, DiffID or size"},
		"no size":              {`"size":1000`, `"size":-1`, "no digest, DiffID or size"},
		"no key":               {key, "x", "does not say what it is"},
		"one key twice":        {other, key, "comes twice"},
		"no length":            {`tarsize":"2048"`, `tarsize":"-1"`, "does not say what it is"},
		"another length":       {`tarsize":"2048"`, `tarsize":"2049"`, "annotations"},
		"a large blob":         {`zstd","size":`, `zstd","size":99999999999`, "are no facts"},
		"an unknown type":      {`layer.v1.tar+gzip","size":1000`, `layer.v1.x","size":1000`, "does not say what it is"},
		"an unknown hash":      {`"digest":"sha256:`, `"digest":"sha3:`, "unsupported hash"},
		"an index":             {"image.manifest.v1", "image.index.v1", "is no image"},
		"not even JSON":        {raw, "<html>", "invalid character"},
		"a manifest of others": {raw, `{"schemaVersion":2,"config":{"digest":"` + key + `"},"layers":[]}`, "its format is"},
	} {
		changed := strings.Replace(raw, m.from, m.to, 1)
		if changed == raw {
			t.Fatalf("%s: nothing was changed", name)
		}
		if got, err := ParseManifest([]byte(changed), subject); err == nil || got != nil || !strings.Contains(err.Error(), m.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ParseManifest([]byte(raw), Subject{subject.Base, 4}); err == nil {
		t.Error("the manifest of another profile version was read")
	}
}

// A blob that is not what its manifest names, or that we would not have written, is a miss.
func TestContentsRefuses(t *testing.T) {
	c := full(t)
	m, err := ParseManifest(encoded(t, c).Manifest.Bytes, subject)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Contents([]byte("x")); err == nil || !strings.Contains(err.Error(), "that are not "+m.Facts.Digest.String()) {
		t.Errorf("other bytes: %v", err)
	}
	good := joinSections(c.sections())
	without := func(prefix string) []section {
		var out []section
		for _, s := range c.sections() {
			if !strings.HasPrefix(s.name, prefix) {
				out = append(out, s)
			}
		}
		return out
	}
	key, nobody := hexOf(c.Layers[0].Record.Key), hash("nobody").Hex
	for name, s := range map[string]struct {
		tar  []byte
		want string
	}{
		"cut":                {good[:len(good)-1], "ends too early"},
		"more":               {append(bytes.Clone(good), make([]byte, block)...), "behind its end"},
		"a missing recipe":   {joinSections(without(recipePrefix)), "has no recipe"},
		"another recipe":     {joinSections([]section{{recipePrefix + key, []byte("{}")}}), "no recipe of a layer"},
		"nobody's recipe":    {joinSections([]section{{recipePrefix + nobody, []byte("{}")}}), "no recipe of a layer"},
		"nobody's facts":     {joinSections([]section{{factsPrefix + nobody, []byte("{}")}}), "belongs to no layer"},
		"nothing in it":      {joinSections([]section{{factsPrefix + key, nil}}), "has 0 bytes"},
		"a large part":       {joinSections([]section{{factsPrefix + key, noise(maxPart + 1)}}), "it may have"},
		"an unknown part":    {joinSections([]section{{"x", []byte("x")}}), "is not known"},
		"an unknown profile": {joinSections([]section{{"profile/x", []byte("x")}}), "is not known"},
		"a wheel's name":     {joinSections([]section{{wheelPrefix + "x", []byte("x")}}), "is not known"},
		"a forged document":  {joinSections([]section{{documentsName + key, []byte("x")}}), "another digest"},
		"parts out of order": {joinSections([]section{{sectionTree, []byte("x")}, {sectionHead, []byte("x")}}), "does not come after"},
		"one part twice":     {joinSections([]section{{sectionHead, []byte("x")}, {sectionHead, []byte("x")}}), "does not come after"},
	} {
		blob, err := compress(s.tar)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := m.decode(blob); err == nil || got != nil && err == nil || !strings.Contains(err.Error(), s.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// noise is bytes that do not shrink.
func noise(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{}).Read(b)
	return b
}

// Any change of a tar's header or padding is found.
func TestSectionsAreExact(t *testing.T) {
	good := joinSections([]section{{"facts/a", []byte("hello")}, {"facts/b", []byte("x")}})
	if got, err := splitSections(good); err != nil || len(got) != 2 || string(got[0].data) != "hello" || got[1].name != "facts/b" {
		t.Fatalf("%v, %v", got, err)
	}
	for i := range good {
		if content := i%(2*block) >= block && i%(2*block) < block+5 && i < block+5 || i == 3*block; content {
			continue
		}
		bad := bytes.Clone(good)
		bad[i] ^= 1
		if _, err := splitSections(bad); err == nil {
			t.Errorf("a change of byte %d was not found", i)
		}
	}
}

// Few bytes never take much memory.
func TestDecompressRefuses(t *testing.T) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	bomb := enc.EncodeAll(make([]byte, 32<<20), nil)
	small := enc.EncodeAll([]byte("x"), nil)
	var stream bytes.Buffer // a frame whose length is not known
	if enc.Reset(&stream); enc.Close() != nil {
		t.Fatal("closing")
	}
	w, err := zstd.NewWriter(&stream, zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if _, err := w.Write(make([]byte, 64<<10)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"a bomb": bomb, "no length": stream.Bytes(), "empty": nil, "no zstd": []byte("PK\x03\x04 and more"),
		"skipped": {0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0}, "two frames": append(bytes.Clone(small), small...), "cut": small[:len(small)-1],
	} {
		if got, err := decompress(b); err == nil {
			t.Errorf("%s: %d bytes", name, len(got))
		}
	}
}

func FuzzParseManifest(f *testing.F) {
	f.Add(encoded(f, full(f)).Manifest.Bytes)
	f.Add(encoded(f, &Contents{Subject: subject}).Manifest.Bytes)
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := ParseManifest(raw, subject)
		if err != nil {
			return
		}
		if len(m.Layers) != len(m.Records()) {
			t.Error("records were lost")
		}
		for _, r := range m.Layers {
			if Comment(&r, 0) == "" || r.Size <= 0 || r.TarSize < 0 {
				t.Errorf("half a record: %+v", r)
			}
		}
	})
}

// FuzzContents reads blobs whose digests are right; what is read can be written and read again.
func FuzzContents(f *testing.F) {
	c := full(f)
	m, err := ParseManifest(encoded(f, c).Manifest.Bytes, subject)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(joinSections(c.sections()), false)
	f.Add(encoded(f, c).Facts.Bytes, true)
	f.Fuzz(func(t *testing.T, b []byte, compressed bool) {
		if !compressed {
			if b, err = compress(b); err != nil {
				t.Fatal(err)
			}
		}
		got, err := m.decode(b)
		if err != nil {
			return
		}
		if again := decoded(t, encoded(t, got), subject); !again.Equal(got) {
			t.Error("it comes back as another")
		}
	})
}

func FuzzFromImage(f *testing.F) {
	a, _ := built(f, layers.Gzip, "a")
	b, _ := built(f, layers.EStargz, "b")
	man, config := historyOf(f, foreign("x", ""), of(a, 1), imageLayer{empty: true}, of(b, 1))
	f.Add(string(man), string(config))
	f.Fuzz(func(t *testing.T, man, config string) {
		// The digest is made right: a fuzzer does not find one.
		if m, err := parseImage([]byte(man)); err == nil {
			man = strings.ReplaceAll(man, m.Config.Digest.String(), digestOf([]byte(config)).String())
		}
		got, err := FromImage([]byte(man), []byte(config))
		if err != nil && got != nil {
			t.Error("records beside an error")
		}
		for k, r := range got {
			if s, ok := parseComment(Comment(&r, 7)); !ok || s.key != k || r.Key != k || r.Size <= 0 || !isSHA256(r.DiffID) || !isSHA256(r.Digest) {
				t.Errorf("half a record: %+v", r)
			}
		}
	})
}

func FuzzComment(f *testing.F) {
	a, _ := built(f, layers.EStargz, "a")
	f.Add(Comment(&a, 3))
	f.Fuzz(func(t *testing.T, s string) {
		said, ok := parseComment(s)
		if !ok {
			return
		}
		r := layers.Record{Key: said.key, Digest: said.digest, TarSize: said.tarSize, Annotations: annotationsOf(said.toc, said.tarSize)}
		if again, ok := parseComment(Comment(&r, said.base)); !ok || again != said {
			t.Errorf("%+v, then %+v", said, again)
		}
	})
}
