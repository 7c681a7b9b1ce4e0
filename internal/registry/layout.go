package registry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/layerpack/layerpack/pkg/refusal"
)

const (
	// refName is the annotation that carries a tag in a layout (image-spec, "Pre-Defined Annotation Keys").
	refName = "org.opencontainers.image.ref.name"
	// latest is the tag that an empty reference prefers.
	latest = "latest"
)

// OpenLayout opens an OCI image layout (image-spec, "OCI Image Layout") for reading. Tags are the
// org.opencontainers.image.ref.name annotations in its index.json. Docker's media types inside are
// fine, as is an index in place of a manifest. A layout whose index.json lists only the untagged
// manifests of different platforms is taken as that one index.
//
// A folder that is no layout is refused ([refusal.Error]), as is a reference it cannot answer.
func OpenLayout(dir string) (Source, error) {
	raw, err := readSmall(filepath.Join(dir, "index.json"))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, refusal.New("oci:"+dir, "not an OCI image layout: it has no index.json", "give the folder that holds index.json and blobs/")
	case err != nil:
		return nil, fmt.Errorf("oci:%s: %w", dir, err)
	}
	var doc struct {
		SchemaVersion int             `json:"schemaVersion"`
		Manifests     []v1.Descriptor `json:"manifests"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, &refusal.Error{Input: "oci:" + dir, Cause: "its index.json is damaged", Err: err}
	}
	if len(doc.Manifests) == 0 {
		return nil, refusal.New("oci:"+dir, "its index.json lists no image", "")
	}
	return &layout{dir: dir, index: raw, entries: doc.Manifests}, nil
}

type layout struct {
	dir     string
	index   []byte
	entries []v1.Descriptor
}

// Manifest implements [Source].
func (l *layout) Manifest(_ context.Context, ref string) (Manifest, error) {
	if h, err := v1.NewHash(ref); err == nil {
		d := v1.Descriptor{Digest: h, Size: -1}
		if i := slices.IndexFunc(l.entries, func(e v1.Descriptor) bool { return e.Digest == h }); i >= 0 {
			d = l.entries[i]
		}
		return l.read(d)
	}
	found := l.tagged(ref)
	switch {
	case len(found) == 1:
		return l.read(found[0])
	case len(found) > 1 && platforms(found):
		return l.together(found)
	case len(found) > 1:
		return Manifest{}, refusal.New(l.name(ref), "several images fit: "+l.describe(found), "name one by its digest, oci:DIR:sha256:...")
	case ref == "":
		return Manifest{}, refusal.New(l.name(ref), "it holds several images: "+l.describe(l.entries), "name one, oci:DIR:TAG")
	}
	return Manifest{}, refusal.New(l.name(ref), "no such tag; it has "+l.describe(l.entries), "")
}

// tagged returns the entries that ref may mean.
func (l *layout) tagged(ref string) []v1.Descriptor {
	having := func(fits func(tag string) bool) []v1.Descriptor {
		var out []v1.Descriptor
		for _, e := range l.entries {
			if fits(e.Annotations[refName]) {
				out = append(out, e)
			}
		}
		return out
	}
	if ref == "" {
		if len(l.entries) == 1 {
			return l.entries
		}
		if out := having(func(tag string) bool { return tag == latest }); len(out) > 0 {
			return out
		}
		if untagged := having(func(tag string) bool { return tag == "" }); len(untagged) == len(l.entries) && platforms(untagged) {
			return untagged
		}
		return nil
	}
	if out := having(func(tag string) bool { return tag == ref }); len(out) > 0 {
		return out
	}
	// Some tools write the whole name there.
	return having(func(tag string) bool { return strings.HasSuffix(tag, ":"+ref) })
}

// platforms reports whether the entries are one image for different platforms.
func platforms(entries []v1.Descriptor) bool {
	seen := map[string]bool{}
	for _, e := range entries {
		if e.Platform == nil || seen[e.Platform.String()] {
			return false
		}
		seen[e.Platform.String()] = true
	}
	return true
}

// together is an index of some of the entries: index.json itself where they are all.
func (l *layout) together(entries []v1.Descriptor) (Manifest, error) {
	raw := l.index
	if len(entries) != len(l.entries) {
		var err error
		raw, err = json.Marshal(v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex, Manifests: entries})
		if err != nil {
			return Manifest{}, err
		}
	}
	digest, _, err := v1.SHA256(bytes.NewReader(raw))
	return Manifest{Digest: digest, MediaType: string(types.OCIImageIndex), Bytes: raw}, err
}

// read reads a manifest and checks it. Size -1 is not known.
func (l *layout) read(d v1.Descriptor) (Manifest, error) {
	path, err := l.path(d.Digest)
	if err != nil {
		return Manifest{}, err
	}
	raw, err := readSmall(path)
	if err != nil {
		return Manifest{}, l.missing(d.Digest, err)
	}
	got, size, err := v1.SHA256(bytes.NewReader(raw))
	switch {
	case err != nil:
		return Manifest{}, err
	case got != d.Digest:
		return Manifest{}, &DigestError{Subject: l.name(d.Digest.String()), Want: d.Digest.String(), Got: got.String()}
	case d.Size >= 0 && size != d.Size:
		return Manifest{}, &DigestError{Subject: l.name(d.Digest.String()), Want: fmt.Sprintf("%d bytes", d.Size), Got: fmt.Sprint(size)}
	}
	return Manifest{Digest: got, MediaType: mediaType(string(d.MediaType), raw), Bytes: raw}, nil
}

// Blob implements [Source].
func (l *layout) Blob(_ context.Context, d v1.Descriptor) (io.ReadCloser, error) {
	path, err := l.path(d.Digest)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, l.missing(d.Digest, err)
	}
	return verify(f, l.name(d.Digest.String()), d)
}

// path is a blob's file. Only a well-formed digest is one: others could lead out of the layout.
func (l *layout) path(h v1.Hash) (string, error) {
	if _, err := v1.NewHash(h.String()); err != nil {
		return "", refusal.New(l.name(h.String()), "not a digest", "")
	}
	return filepath.Join(l.dir, "blobs", h.Algorithm, h.Hex), nil
}

func (l *layout) name(ref string) string {
	if ref == "" {
		return "oci:" + l.dir
	}
	return "oci:" + l.dir + ":" + ref
}

func (l *layout) missing(h v1.Hash, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &refusal.Error{Input: l.name(h.String()), Cause: "the layout names this blob but does not hold it", Err: ErrNotFound}
	}
	return fmt.Errorf("oci:%s: %w", l.dir, err)
}

// describe lists entries by tag, or digest where there is none.
func (l *layout) describe(entries []v1.Descriptor) string {
	var names []string
	for _, e := range entries {
		tag := e.Annotations[refName]
		if tag == "" {
			tag = e.Digest.String()
		}
		names = append(names, tag)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// readSmall reads a file of at most MaxManifest bytes.
func readSmall(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, MaxManifest+1))
	if err == nil && len(raw) > MaxManifest {
		err = fmt.Errorf("%s is larger than %d bytes", filepath.Base(path), MaxManifest)
	}
	return raw, err
}
