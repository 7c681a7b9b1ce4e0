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
	what, err := fileImage(img, platform)
	if err != nil {
		return nil, err
	}
	return writeOCIArchive(ctx, path, tag, what, sink)
}

// OCIArchiveIndex is [OCIArchive] for an index.
func OCIArchiveIndex(ctx context.Context, path, tag string, x *manifest.Index, sink progress.Sink) (*Receipt, error) {
	what, err := fileIndex(x)
	if err != nil {
		return nil, err
	}
	return writeOCIArchive(ctx, path, tag, what, sink)
}

func writeOCIArchive(ctx context.Context, path, tag string, what *filed, sink progress.Sink) (*Receipt, error) {
	w := &archiveWriter{sink: sink, filed: what}
	return w.write(ctx, path, func() error {
		return w.index([]v1.Descriptor{w.descriptor(map[string]string{annotateRef: tag})})
	})
}

// DockerArchive writes img in the form of docker save since Docker 25, which is an OCI image layout
// with a manifest.json beside its index: docker load of any version, podman, skopeo and containerd
// read it. names are whole references with tags ("reg.example/team/app:1"); without any, the image is
// loaded without a name. Layers stay compressed. For the rest see [OCIArchive].
func DockerArchive(ctx context.Context, path string, names []string, platform v1.Platform, img *manifest.Image, sink progress.Sink) (*Receipt, error) {
	what, err := fileImage(img, platform)
	if err != nil {
		return nil, err
	}
	w := &archiveWriter{sink: sink, filed: what}
	return w.write(ctx, path, func() error {
		var entries []v1.Descriptor
		for _, n := range names {
			// Podman takes the ref.name for the name, so it has to be whole.
			entries = append(entries, w.descriptor(map[string]string{annotateName: n, annotateRef: n}))
		}
		if len(names) == 0 {
			entries = []v1.Descriptor{w.descriptor(nil)}
		}
		if err := w.index(entries); err != nil {
			return err
		}
		return w.dockerManifest(names)
	})
}

type archiveWriter struct {
	sink progress.Sink
	*filed
	tar *tar.Writer
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
	there := map[v1.Hash]bool{}
	for _, d := range w.documents() {
		there[d.digest] = true
		if err := w.file(blobName(d.digest), d.raw); err != nil {
			return nil, err
		}
	}
	for _, img := range w.images {
		if there[img.manifest.Config.Digest] {
			continue
		}
		there[img.manifest.Config.Digest] = true
		if err := w.file(blobName(img.manifest.Config.Digest), img.config); err != nil {
			return nil, err
		}
	}
	receipt := &Receipt{Digest: w.top.digest}
	for _, img := range w.images {
		for i, l := range img.layers {
			d := img.manifest.Layers[i]
			done := Blob{Digest: d.Digest, Size: d.Size, How: Present, Why: "the archive has it already"}
			if !there[d.Digest] {
				there[d.Digest] = true
				done.How, done.Why = Written, writtenWhole
				if err := w.blob(ctx, d, l); err != nil {
					return nil, err
				}
			}
			receipt.Blobs = append(receipt.Blobs, done)
		}
		c := img.manifest.Config
		receipt.Blobs = append(receipt.Blobs, Blob{Digest: c.Digest, Size: c.Size, How: Written, Why: writtenWhole})
	}
	return receipt, nil
}

// writtenWhole is why a blob is written to an archive.
const writtenWhole = "an archive holds all its blobs"

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
	}{blobName(w.images[0].manifest.Config.Digest), names, []string{}}
	for _, l := range w.images[0].manifest.Layers {
		image.Layers = append(image.Layers, blobName(l.Digest))
	}
	raw, err := json.Marshal([]any{image})
	if err != nil {
		return err
	}
	return w.file("manifest.json", raw)
}
