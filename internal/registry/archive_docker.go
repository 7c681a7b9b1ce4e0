package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/pkg/refusal"
)

const (
	// maxArchiveConfig is the largest configuration that is read, in bytes.
	maxArchiveConfig = 16 << 20
	// maxArchiveLayers is far above what any runtime mounts.
	maxArchiveLayers = 1024
)

// OpenDockerArchive opens what docker save writes, of any version since Docker 1.10, and what podman,
// skopeo and others write of the same form; it may be compressed by gzip, and path "-" is standard
// input. A reference is one of the archive's names ("app" is app:latest) or "@N", the image at place N,
// counted from 0. Several images and no reference are refused.
//
// Images get an OCI manifest: the configuration as it is, and the layers in order. Compressed
// layers stay as they are. Others are compressed by [layers.GzipStream] when the manifest is first
// asked for, or only when their bytes are, where [ArchiveOptions].Known knows them.
func OpenDockerArchive(ctx context.Context, path string, o ArchiveOptions) (Archive, error) {
	tar, err := openArchive(ctx, "docker-archive", path, &o)
	if err != nil {
		return nil, err
	}
	a := &dockerArchive{archive: tar, options: o, made: map[int]Manifest{}, blobs: map[v1.Hash]archived{}, layers: map[v1.Hash]v1.Descriptor{}}
	if err := a.readIndex(); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

type dockerArchive struct {
	*archive
	options ArchiveOptions
	images  []dockerImage

	mu     sync.Mutex
	made   map[int]Manifest          // by place in images
	blobs  map[v1.Hash]archived      // of the manifests that were made
	layers map[v1.Hash]v1.Descriptor // of them, by DiffID
}

// dockerImage is an entry of manifest.json.
type dockerImage struct {
	Config   string
	RepoTags []string
	Layers   []string
}

// archived is a configuration or a layer.
type archived interface {
	open(ctx context.Context) (io.ReadCloser, error)
	close() error
}

func (a *dockerArchive) readIndex() error {
	if !a.has("manifest.json") {
		cause, fix := a.kind()
		return refusal.New(a.name, "it has no manifest.json: "+cause, fix)
	}
	raw, err := a.small("manifest.json", MaxManifest)
	if err != nil {
		return err
	}
	a.images, err = parseDockerManifest(raw)
	if err != nil {
		return &refusal.Error{Input: a.name, Cause: "its manifest.json is damaged", Err: err}
	}
	return nil
}

// parseDockerManifest reads a manifest.json and checks what can be checked without the files.
func parseDockerManifest(raw []byte) ([]dockerImage, error) {
	var images []dockerImage
	if err := json.Unmarshal(raw, &images); err != nil {
		return nil, err
	}
	if len(images) == 0 {
		return nil, errors.New("it lists no image")
	}
	for i, img := range images {
		switch {
		case img.Config == "" || slices.Contains(img.Layers, ""):
			return nil, fmt.Errorf("image %d has a file without a name", i)
		case len(img.Layers) > maxArchiveLayers:
			return nil, fmt.Errorf("image %d has %d layers; at most %d are read", i, len(img.Layers), maxArchiveLayers)
		}
	}
	return images, nil
}

// Manifest implements [Source].
func (a *dockerArchive) Manifest(ctx context.Context, ref string) (Manifest, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if h, err := v1.NewHash(ref); err == nil {
		for _, m := range a.made {
			if m.Digest == h {
				return m, nil
			}
		}
		return Manifest{}, &refusal.Error{Input: a.called(ref), Cause: "archives of this form have no digests", Err: ErrNotFound, Fix: "name the image"}
	}
	at, err := a.choose(ref)
	if err != nil {
		return Manifest{}, err
	}
	m, ok := a.made[at]
	if !ok {
		if m, err = a.synthesise(ctx, a.images[at]); err != nil {
			return Manifest{}, err
		}
		a.made[at] = m
	}
	return m, nil
}

// choose returns the place of the image that ref means.
func (a *dockerArchive) choose(ref string) (int, error) {
	if at, ok := place(ref, len(a.images)); ok {
		return at, nil
	}
	if ref == "" {
		if len(a.images) == 1 {
			return 0, nil
		}
		return 0, refusal.New(a.name, "it holds several images: "+a.describe(), "name one, docker-archive:FILE:NAME:TAG, or by its place, docker-archive:FILE:@0")
	}
	var found []int
	for i, img := range a.images {
		if slices.ContainsFunc(img.RepoTags, func(tag string) bool { return normal(tag) == normal(ref) }) {
			found = append(found, i)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return 0, refusal.New(a.called(ref), "no such image; it has "+a.describe(), "")
	}
	return 0, refusal.Newf(a.called(ref), "%d images have this name", len(found))
}

// normal makes names equal that Docker takes for one.
func normal(ref string) string {
	r, err := name.ParseReference(ref)
	if err != nil {
		return ref
	}
	return r.Name()
}

// describe lists the images by name, or by place where they have none.
func (a *dockerArchive) describe() string {
	const most = 20
	var names []string
	for i, img := range a.images {
		if i == most {
			names = append(names, fmt.Sprintf("%d more", len(a.images)-most))
			break
		}
		if len(img.RepoTags) == 0 {
			names = append(names, fmt.Sprintf("@%d without a name", i))
			continue
		}
		names = append(names, short(img.RepoTags[0]))
	}
	return strings.Join(names, ", ")
}

// Blob implements [Source].
func (a *dockerArchive) Blob(ctx context.Context, d v1.Descriptor) (io.ReadCloser, error) {
	a.mu.Lock()
	c, ok := a.blobs[d.Digest]
	a.mu.Unlock()
	if !ok {
		return nil, &refusal.Error{Input: a.called(d.Digest.String()), Cause: "the archive does not hold this blob", Err: ErrNotFound}
	}
	r, err := c.open(ctx)
	if err != nil {
		return nil, err
	}
	return verify(r, a.called(d.Digest.String()), d)
}

// Close implements [Archive].
func (a *dockerArchive) Close() error {
	errs := []error{a.archive.Close()}
	for _, c := range a.blobs {
		errs = append(errs, c.close())
	}
	return errors.Join(errs...)
}
