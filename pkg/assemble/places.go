package assemble

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/internal/push"
	"github.com/layerpack/layerpack/internal/registry"
	"github.com/layerpack/layerpack/pkg/manifest"
)

// Two collections of the store tell where things were pushed: "pushed" holds the digest of the manifest that was
// last pushed to a repository, or those of its images for several platforms, "places" the repositories of a registry, the last used first. Both are hints:
// a registry that says otherwise is right.
const (
	pushedCollection = "pushed"
	placesCollection = "places"
	mostPlaces       = 20
)

// rememberPush notes that a repository has the images.
func (r *run) rememberPush(repo name.Repository, images []*manifest.Image) {
	var all []string
	for _, img := range images {
		raw, rawErr := img.RawManifest()
		digest, err := img.Digest()
		mediaType, typeErr := img.MediaType()
		if rawErr != nil || err != nil || typeErr != nil {
			return // they have been asked before, and cannot fail any more
		}
		r.keepChanged("manifests", digest.String(), append([]byte(string(mediaType)+"\n"), raw...))
		all = append(all, digest.String())
	}
	r.keepChanged(pushedCollection, repo.Name(), []byte(strings.Join(all, "\n")))
	places := slices.DeleteFunc(r.placesOf(repo.RegistryStr()), func(s string) bool { return s == repo.Name() })
	places = append([]string{repo.Name()}, places[:min(len(places), mostPlaces-1)]...)
	r.keepChanged(placesCollection, repo.RegistryStr(), []byte(strings.Join(places, "\n")))
}

// keepChanged keeps what is not there yet: a run that changes nothing writes nothing.
func (r *run) keepChanged(collection, key string, content []byte) {
	if have, err := r.store.Get(collection, key); err == nil && string(have) == string(content) {
		return
	}
	r.keep(collection, key, content)
}

func (r *run) placesOf(registry string) []string {
	raw, err := r.store.Get(placesCollection, registry)
	if err != nil {
		return nil
	}
	return strings.Fields(string(raw))
}

// lastPushed are the manifests that were last pushed to a repository, from the store.
func (r *run) lastPushed(repo string) []registry.Manifest {
	raw, err := r.store.Get(pushedCollection, repo)
	if err != nil {
		return nil
	}
	var out []registry.Manifest
	for _, digest := range strings.Fields(string(raw)) {
		if kept, ok := r.keptManifest(digest); ok {
			out = append(out, kept)
		}
	}
	return out
}

// places returns a function that names the repositories a blob was pushed to before.
func (r *run) places() func(string, v1.Hash) []name.Repository {
	var mu sync.Mutex
	known := map[string]map[v1.Hash][]name.Repository{} // by registry
	return func(registry string, h v1.Hash) []name.Repository {
		mu.Lock()
		defer mu.Unlock()
		if known[registry] == nil {
			known[registry] = r.readPlaces(registry)
		}
		return known[registry][h]
	}
}

func (r *run) readPlaces(registry string) map[v1.Hash][]name.Repository {
	out := map[v1.Hash][]name.Repository{}
	for _, place := range r.placesOf(registry) {
		repo, err := name.NewRepository(place)
		if err != nil {
			continue
		}
		for _, pushed := range r.lastPushed(place) {
			m, err := v1.ParseManifest(bytes.NewReader(pushed.Bytes))
			if err != nil {
				continue
			}
			for _, d := range append(m.Layers, m.Config) {
				if !slices.ContainsFunc(out[d.Digest], func(o name.Repository) bool { return o.Name() == place }) {
					out[d.Digest] = append(out[d.Digest], repo)
				}
			}
		}
	}
	return out
}

// recall asks a repository, with one request for each, whether it still has the images that were last pushed
// to it: then it has all their blobs.
func (r *run) recall(ctx context.Context, repo name.Repository, pusher *push.Registry) {
	for _, m := range r.lastPushed(repo.Name()) {
		if _, err := r.client.Head(ctx, repo.Digest(m.Digest.String())); err != nil {
			continue // it is gone, or cannot be asked: every blob is looked after by itself
		}
		pusher.Learn(repo, m.Bytes, "the image last pushed has it")
	}
}
