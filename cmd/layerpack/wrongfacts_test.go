package main

import (
	"context"
	"io"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/layerpack/layerpack/internal/baseimage"
	"github.com/layerpack/layerpack/internal/cache"
)

// cmdWrongFacts makes wrong what the cache manifest of a repository tells of wheels: OLD becomes NEW in their
// facts. The layers are dropped, so that what is told of wheels counts.
func cmdWrongFacts(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: wrongfacts REPOSITORY OLD NEW")
	}
	ref := cacheManifest(ts, repositoryOf(ts, args[0]))
	img, err := remote.Image(ref)
	ts.Check(err)
	m, err := img.Manifest()
	ts.Check(err)
	raw, err := img.RawManifest()
	ts.Check(err)
	parsed, err := cache.ParseManifest(raw, cache.Subject{
		Base: m.Annotations["dev.layerpack.cache.base"], ProfileVersion: baseimage.ProfileVersion,
	})
	ts.Check(err)
	contents, err := parsed.Contents(blobOf(ts, img, parsed.Facts.Digest))
	ts.Check(err)
	contents.Layers = nil
	changed := 0
	for sum, facts := range contents.Wheels {
		changed += strings.Count(string(facts), args[1])
		contents.Wheels[sum] = []byte(strings.ReplaceAll(string(facts), args[1], args[2]))
	}
	if changed == 0 {
		ts.Fatalf("no facts of a wheel have %q", args[1])
	}
	e, err := contents.Encode()
	ts.Check(err)
	p := &publication{ctx: context.Background(), world: worldOf(ts), repo: "http://" + ref.RegistryStr() + "/v2/" + ref.RepositoryStr()}
	for _, d := range []cache.Document{e.Facts, e.Config} {
		_, err := p.blob("", d.Bytes)
		ts.Check(err)
	}
	_, err = p.manifest(ref.TagStr(), types.OCIManifestSchema1, e.Manifest.Bytes)
	ts.Check(err)
}

func blobOf(ts *testscript.TestScript, img v1.Image, digest v1.Hash) []byte {
	l, err := img.LayerByDigest(digest)
	ts.Check(err)
	r, err := l.Compressed()
	ts.Check(err)
	defer r.Close()
	raw, err := io.ReadAll(r)
	ts.Check(err)
	return raw
}
