package assemble

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/internal/push"
	"github.com/layerpack/layerpack/pkg/manifest"
)

// Two collections of the store tell where things were pushed: "pushed" holds the digest of the manifest that was
// last pushed to a repository, "places" the repositories of a registry, the last used first. Both are hints:
// a registry that says otherwise is right.
const (
	pushedCollection = "pushed"
	placesCollection = "places"
	mostPlaces       = 20
)

// rememberPush notes that a repository has the image.
func (r *run) rememberPush(repo name.Repository, img *manifest.Image) {
	raw, rawErr := img.RawManifest()
	digest, err := img.Digest()
	mediaType, typeErr := img.MediaType()
	if rawErr != nil || err != nil || typeErr != nil {
		return // they have been asked before, and cannot fail any more
	}
	r.keepChanged("manifests", digest.String(), append([]byte(string(mediaType)+"\n"), raw...))
	r.keepChanged(pushedCollection, repo.Name(), []byte(digest.String()))
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

// lastPushed is the manifest that was last pushed to a repository, from the store.
func (r *run) lastPushed(repo string) (digest string, m []byte, ok bool) {
	raw, err := r.store.Get(pushedCollection, repo)
	if err != nil {
		return "", nil, false
	}
	kept, ok := r.keptManifest(string(raw))
	return string(raw), kept.Bytes, ok
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
		_, raw, ok := r.lastPushed(place)
		if !ok {
			continue
		}
		m, err := v1.ParseManifest(strings.NewReader(string(raw)))
		if err != nil {
			continue
		}
		for _, d := range append(m.Layers, m.Config) {
			out[d.Digest] = append(out[d.Digest], repo)
		}
	}
	return out
}

// recall asks a repository, with one request, whether it still has the image that was last pushed
// to it: then it has all its blobs.
func (r *run) recall(ctx context.Context, repo name.Repository, pusher *push.Registry) {
	digest, raw, ok := r.lastPushed(repo.Name())
	if !ok {
		return
	}
	if _, err := r.client.Head(ctx, repo.Digest(digest)); err != nil {
		return // it is gone, or cannot be asked: every blob is looked after by itself
	}
	pusher.Learn(repo, raw, "the image last pushed has it")
}
