package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// OpenOCIArchive opens a tar of an OCI image layout (image-spec, "OCI Image Layout"), which may be
// compressed by gzip, as [OpenLayout] opens a folder; path "-" is standard input. References are the
// layout's and "@N", the image at place N of its index.json, counted from 0. Several images and no reference are
// refused, but for one image's platforms. Uncompressed layers stay as they are.
func OpenOCIArchive(ctx context.Context, path string, o ArchiveOptions) (Archive, error) {
	tar, err := openArchive(ctx, "oci-archive", path, &o)
	if err != nil {
		return nil, err
	}
	a := &ociArchive{archive: tar}
	if err := a.readIndex(); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

type ociArchive struct {
	*archive
	layout layout // its index alone
}

func (a *ociArchive) readIndex() error {
	if !a.has("index.json") {
		cause, fix := a.kind()
		return refusal.New(a.name, "it has no index.json: "+cause, fix)
	}
	raw, err := a.small("index.json", MaxManifest)
	if err != nil {
		return err
	}
	var doc struct {
		Manifests []v1.Descriptor `json:"manifests"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return &refusal.Error{Input: a.name, Cause: "its index.json is damaged", Err: err}
	}
	if len(doc.Manifests) == 0 {
		return refusal.New(a.name, "its index.json lists no image", "")
	}
	a.layout = layout{index: raw, entries: doc.Manifests}
	return nil
}

// Manifest implements [Source].
func (a *ociArchive) Manifest(_ context.Context, ref string) (Manifest, error) {
	entries := a.layout.entries
	if h, err := v1.NewHash(ref); err == nil {
		for _, d := range entries {
			if d.Digest == h {
				return a.read(d)
			}
		}
		return a.read(v1.Descriptor{Digest: h, Size: -1})
	}
	if at, ok := place(ref, len(entries)); ok {
		return a.read(entries[at])
	}
	found := a.layout.tagged(ref)
	if ref == "" {
		found = entries
	}
	switch {
	case len(found) > 0 && !slices.ContainsFunc(found, func(d v1.Descriptor) bool { return d.Digest != found[0].Digest }):
		return a.read(found[0]) // an image may stand there under several names
	case len(found) > 1 && platforms(found):
		return a.layout.together(found)
	case len(found) > 1:
		return Manifest{}, refusal.New(a.called(ref), "it holds several images: "+a.layout.describe(found),
			"name one, oci-archive:FILE:TAG, or by its place, oci-archive:FILE:@0")
	}
	return Manifest{}, refusal.New(a.called(ref), "no such image; it has "+a.layout.describe(entries), "")
}

// place reads "@N".
func place(ref string, n int) (int, bool) {
	digits, ok := strings.CutPrefix(ref, "@")
	at, err := strconv.Atoi(digits)
	return at, ok && err == nil && at >= 0 && at < n
}

// read reads a manifest and checks it. Size -1 is not known.
func (a *ociArchive) read(d v1.Descriptor) (Manifest, error) {
	path, err := a.path(d.Digest)
	if err != nil {
		return Manifest{}, err
	}
	raw, err := a.small(path, MaxManifest)
	if err != nil {
		return Manifest{}, err
	}
	if d.Size < 0 {
		d.Size = int64(len(raw))
	}
	if err := a.checked(d, raw); err != nil {
		return Manifest{}, err
	}
	return Manifest{Digest: d.Digest, MediaType: mediaType(string(d.MediaType), raw), Bytes: raw}, nil
}

// Blob implements [Source].
func (a *ociArchive) Blob(_ context.Context, d v1.Descriptor) (io.ReadCloser, error) {
	path, err := a.path(d.Digest)
	if err != nil {
		return nil, err
	}
	r, err := a.find(path)
	if err != nil {
		return nil, err
	}
	return verify(io.NopCloser(r), a.called(d.Digest.String()), d)
}

// path is a blob's file. Only a well-formed digest is one.
func (a *ociArchive) path(h v1.Hash) (string, error) {
	if _, err := v1.NewHash(h.String()); err != nil {
		return "", refusal.New(a.called(h.String()), "not a digest", "")
	}
	return "blobs/" + h.Algorithm + "/" + h.Hex, nil
}

// checked compares small content with its descriptor.
func (a *archive) checked(d v1.Descriptor, raw []byte) error {
	got := sha256Of(raw)
	switch {
	case got != d.Digest:
		return &DigestError{Subject: a.called(d.Digest.String()), Want: d.Digest.String(), Got: got.String()}
	case int64(len(raw)) != d.Size:
		return &DigestError{Subject: a.called(d.Digest.String()), Want: fmt.Sprintf("%d bytes", d.Size), Got: strconv.Itoa(len(raw))}
	}
	return nil
}

// called is the archive's name with a part of it, for messages.
func (a *archive) called(ref string) string {
	if ref == "" {
		return a.name
	}
	return a.name + ":" + ref
}
