package push

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/pkg/manifest"
)

const (
	// annotateName is where containerd and Docker look for an image's whole name.
	annotateName = "io.containerd.image.name"
	blobFolder   = "blobs/sha256/"
	// archiveTime is every member's: 1980-01-02T00:00:00Z, as in layers.
	archiveTime = 315619200
)

// OCIArchive writes img as a tar of an OCI image layout (image-spec, "OCI Image Layout") to the file
// path, named tag. What skopeo and podman call oci-archive, and containerd imports.
//
// The file is replaced when the archive is complete; after a failure everything is as before. A
// pipe or a device is written to as it is. The same image makes the same bytes.
func OCIArchive(ctx context.Context, path, tag string, platform v1.Platform, img *manifest.Image, sink progress.Sink) (*Receipt, error) {
	w := &archiveWriter{sink: sink, img: img}
	return w.write(ctx, path, func() error {
		return w.index([]v1.Descriptor{w.descriptor(platform, map[string]string{annotateRef: tag})})
	})
}

// DockerArchive writes img in the form of docker save since Docker 25, which is an OCI image layout
// with a manifest.json beside its index: docker load of any version, podman, skopeo and containerd
// read it. names are whole references with tags ("reg.example/team/app:1"); without any, the image is
// loaded without a name. Layers stay compressed. For the rest see [OCIArchive].
func DockerArchive(ctx context.Context, path string, names []string, platform v1.Platform, img *manifest.Image, sink progress.Sink) (*Receipt, error) {
	w := &archiveWriter{sink: sink, img: img}
	return w.write(ctx, path, func() error {
		var entries []v1.Descriptor
		for _, n := range names {
			// Podman takes the ref.name for the name, so it has to be whole.
			entries = append(entries, w.descriptor(platform, map[string]string{annotateName: n, annotateRef: n}))
		}
		if len(names) == 0 {
			entries = []v1.Descriptor{w.descriptor(platform, nil)}
		}
		if err := w.index(entries); err != nil {
			return err
		}
		return w.dockerManifest(names)
	})
}

type archiveWriter struct {
	sink progress.Sink
	img  *manifest.Image
	tar  *tar.Writer

	digest   v1.Hash
	raw      []byte
	manifest *v1.Manifest
}

func (w *archiveWriter) write(ctx context.Context, path string, head func() error) (*Receipt, error) {
	receipt, err := replace(path, func(f io.Writer) (*Receipt, error) { return w.archive(ctx, f, head) })
	if err != nil {
		return nil, fmt.Errorf("writing the archive %s: %w", path, err)
	}
	return receipt, nil
}

// archive writes the small files, by head, and then the blobs in the order of the manifest.
func (w *archiveWriter) archive(ctx context.Context, out io.Writer, head func() error) (*Receipt, error) {
	w.tar = tar.NewWriter(out)
	var err error
	if w.digest, err = w.img.Digest(); err != nil {
		return nil, err
	}
	if w.raw, err = w.img.RawManifest(); err != nil {
		return nil, err
	}
	if w.manifest, err = w.img.Manifest(); err != nil {
		return nil, err
	}
	if err := w.file(layoutFile, []byte(layoutText)); err != nil {
		return nil, err
	}
	if err := head(); err != nil {
		return nil, err
	}
	for _, folder := range []string{"blobs/", blobFolder} {
		h := w.header(folder, 0)
		h.Typeflag, h.Mode = tar.TypeDir, 0o755
		if err := w.tar.WriteHeader(h); err != nil {
			return nil, err
		}
	}
	receipt, err := w.blobs(ctx)
	if err != nil {
		return nil, err
	}
	return receipt, w.tar.Close()
}

func (w *archiveWriter) blobs(ctx context.Context) (*Receipt, error) {
	config, err := w.img.RawConfigFile()
	if err != nil {
		return nil, err
	}
	if err := w.file(blobName(w.digest), w.raw); err != nil {
		return nil, err
	}
	if err := w.file(blobName(w.manifest.Config.Digest), config); err != nil {
		return nil, err
	}
	layers, err := w.img.Layers()
	if err != nil {
		return nil, err
	}
	receipt := &Receipt{Digest: w.digest}
	there := map[v1.Hash]bool{w.digest: true, w.manifest.Config.Digest: true}
	for i, l := range layers {
		d := w.manifest.Layers[i]
		done := Blob{Digest: d.Digest, Size: d.Size, How: Present, Why: "the archive has it already"}
		if !there[d.Digest] {
			there[d.Digest] = true
			done.How, done.Why = Written, "an archive holds all its blobs"
			if err := w.blob(ctx, d, l); err != nil {
				return nil, err
			}
		}
		receipt.Blobs = append(receipt.Blobs, done)
	}
	receipt.Blobs = append(receipt.Blobs, Blob{
		Digest: w.manifest.Config.Digest, Size: w.manifest.Config.Size, How: Written, Why: "an archive holds all its blobs",
	})
	return receipt, nil
}

// blob copies a layer, which has to be what its descriptor says.
func (w *archiveWriter) blob(ctx context.Context, d v1.Descriptor, l v1.Layer) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := w.tar.WriteHeader(w.header(blobName(d.Digest), d.Size)); err != nil {
		return fmt.Errorf("writing blob %s: %w", d.Digest, err)
	}
	r, err := l.Compressed()
	if err != nil {
		return fmt.Errorf("reading blob %s: %w", d.Digest, err)
	}
	sum := sha256.New()
	counted := &reporter{w: io.MultiWriter(w.tar, sum), sink: w.sink, item: short(d.Digest), total: d.Size}
	n, err := io.Copy(counted, r)
	if errors.Is(err, tar.ErrWriteTooLong) {
		err = fmt.Errorf("more than the %d bytes announced came", d.Size)
	}
	if err := errors.Join(err, r.Close()); err != nil {
		return fmt.Errorf("writing blob %s: %w", d.Digest, err)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); n != d.Size || got != d.Digest.Hex {
		return fmt.Errorf("blob %s: %d bytes with SHA-256 %s came, not the %d announced", d.Digest, n, got, d.Size)
	}
	return nil
}

func (w *archiveWriter) file(name string, raw []byte) error {
	if err := w.tar.WriteHeader(w.header(name, int64(len(raw)))); err != nil {
		return err
	}
	_, err := w.tar.Write(raw)
	return err
}

// header is a member's: ustar, with a pax record for sizes of 8 GiB and more.
func (w *archiveWriter) header(name string, size int64) *tar.Header {
	return &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o644, ModTime: time.Unix(archiveTime, 0), Format: tar.FormatPAX}
}

func blobName(h v1.Hash) string { return blobFolder + h.Hex }

func (w *archiveWriter) descriptor(platform v1.Platform, annotations map[string]string) v1.Descriptor {
	return v1.Descriptor{
		MediaType: types.OCIManifestSchema1, Digest: w.digest, Size: int64(len(w.raw)), Platform: &platform, Annotations: annotations,
	}
}

func (w *archiveWriter) index(entries []v1.Descriptor) error {
	raw, err := json.Marshal(v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex, Manifests: entries})
	if err != nil {
		return err
	}
	return w.file(indexFile, raw)
}

// dockerManifest writes what docker load reads.
func (w *archiveWriter) dockerManifest(names []string) error {
	image := struct {
		Config   string
		RepoTags []string
		Layers   []string
	}{blobName(w.manifest.Config.Digest), names, []string{}}
	for _, l := range w.manifest.Layers {
		image.Layers = append(image.Layers, blobName(l.Digest))
	}
	raw, err := json.Marshal([]any{image})
	if err != nil {
		return err
	}
	return w.file("manifest.json", raw)
}
