package push

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/pkg/manifest"
	"github.com/layerpack/layerpack/pkg/refusal"
)

const (
	layoutFile  = "oci-layout"
	layoutText  = `{"imageLayoutVersion":"1.0.0"}`
	indexFile   = "index.json"
	annotateRef = "org.opencontainers.image.ref.name"
)

// Layout writes img to an OCI image layout (image-spec, "OCI Image Layout") in the folder dir,
// named tag. A new folder appears when it is complete. To a layout that is there the missing
// blobs are added and its index is replaced last; any other folder with something in it is
// refused. After a failure everything is as before.
func Layout(ctx context.Context, dir, tag string, platform v1.Platform, img *manifest.Image, sink progress.Sink) (*Receipt, error) {
	what, err := fileImage(img, platform)
	if err != nil {
		return nil, err
	}
	return writeLayout(ctx, dir, tag, what, sink)
}

// LayoutIndex is [Layout] for an index: index.json names it, and it names the images.
func LayoutIndex(ctx context.Context, dir, tag string, x *manifest.Index, sink progress.Sink) (*Receipt, error) {
	what, err := fileIndex(x)
	if err != nil {
		return nil, err
	}
	return writeLayout(ctx, dir, tag, what, sink)
}

func writeLayout(ctx context.Context, dir, tag string, what *filed, sink progress.Sink) (*Receipt, error) {
	w := &layoutWriter{sink: sink}
	receipt, err := w.write(ctx, dir, tag, what)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("writing the OCI layout %s: %w", dir, err), w.undo())
	}
	return receipt, nil
}

type layoutWriter struct {
	sink  progress.Sink
	stage string   // a new layout that has not its name yet
	added []string // files and folders added to a folder that was there
}

func (w *layoutWriter) undo() error {
	if w.stage != "" {
		return os.RemoveAll(w.stage)
	}
	var errs []error
	for _, f := range slices.Backward(w.added) {
		if err := os.Remove(f); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (w *layoutWriter) write(ctx context.Context, dir, tag string, what *filed) (*Receipt, error) {
	if _, err := CheckLayoutTarget(dir); err != nil {
		return nil, err
	}
	// An empty folder is filled, not replaced: it may be a mount.
	_, err := os.Stat(dir)
	there := err == nil
	root := dir
	if !there {
		if w.stage, err = os.MkdirTemp(filepath.Dir(dir), "."+filepath.Base(dir)+"-*"); err != nil {
			return nil, err
		}
		// The temporary folder is its maker's alone; the layout is for everyone the umask lets in.
		root = filepath.Join(w.stage, "layout")
	}
	for _, folder := range []string{root, filepath.Join(root, "blobs"), filepath.Join(root, "blobs", "sha256")} {
		if err := w.mkdir(folder); err != nil {
			return nil, err
		}
	}
	receipt, index, err := w.blobs(ctx, root, tag, what)
	if err != nil {
		return nil, err
	}
	if err := w.file(root, layoutFile, []byte(layoutText)); err != nil {
		return nil, err
	}
	if err := w.file(root, indexFile, index); err != nil {
		return nil, err
	}
	w.added = nil
	if there {
		return receipt, nil
	}
	if err := os.Rename(root, dir); errors.Is(err, fs.ErrExist) || errors.Is(err, syscall.ENOTEMPTY) {
		// Another run has made the layout meanwhile: it gets what it misses.
		if err := os.RemoveAll(w.stage); err != nil {
			return nil, err
		}
		w.stage = ""
		return w.write(ctx, dir, tag, what)
	} else if err != nil {
		return nil, err
	}
	stage := w.stage
	w.stage = ""
	return receipt, os.Remove(stage)
}

// CheckLayoutTarget reports whether dir is a layout already. A folder that holds something
// else, or a file, is refused.
func CheckLayoutTarget(dir string) (bool, error) {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Stat(filepath.Dir(dir)); err != nil {
			return false, &refusal.Error{Input: dir, Cause: "the folder to write the layout into is missing", Err: err, Fix: "make it first"}
		}
		return false, nil
	case err != nil:
		return false, &refusal.Error{Input: dir, Cause: "not a folder that can be written", Err: err, Fix: "choose another -o oci:DIR"}
	case len(entries) == 0:
		return false, nil
	}
	if _, err := os.Stat(filepath.Join(dir, layoutFile)); err != nil {
		if begun(entries) {
			return false, nil
		}
		return false, refusal.New(dir, "the folder holds something that is no OCI layout", "choose another -o oci:DIR, or empty it")
	}
	return true, nil
}

// begun reports whether a folder holds what a run that was killed leaves of a layout: blobs, and
// files without their names yet.
func begun(entries []os.DirEntry) bool {
	for _, e := range entries {
		if e.Name() != "blobs" && !strings.HasPrefix(e.Name(), ".new-") {
			return false
		}
	}
	return true
}

// blobs writes the blobs, those first that others name, and returns what index.json is to hold.
func (w *layoutWriter) blobs(ctx context.Context, root, tag string, what *filed) (*Receipt, []byte, error) {
	receipt := &Receipt{Digest: what.top.digest}
	told := map[v1.Hash]bool{} // of the images before
	for _, img := range what.images {
		first := len(receipt.Blobs)
		for i, l := range img.layers {
			d := img.manifest.Layers[i]
			if told[d.Digest] {
				continue
			}
			b, err := w.blob(ctx, root, d, l.Compressed)
			if err != nil {
				return nil, nil, err
			}
			receipt.Blobs = append(receipt.Blobs, b)
		}
		b, err := w.small(ctx, root, img.manifest.Config, img.config)
		if err != nil {
			return nil, nil, err
		}
		receipt.Blobs = append(receipt.Blobs, b)
		for _, b := range receipt.Blobs[first:] {
			told[b.Digest] = true
		}
	}
	for _, d := range slices.Backward(what.documents()) {
		if _, err := w.small(ctx, root, v1.Descriptor{Digest: d.digest, Size: int64(len(d.raw))}, d.raw); err != nil {
			return nil, nil, err
		}
	}
	index, err := json.Marshal(v1.IndexManifest{
		SchemaVersion: 2, MediaType: types.OCIImageIndex,
		Manifests: []v1.Descriptor{what.descriptor(map[string]string{annotateRef: tag})},
	})
	return receipt, index, err
}

func (w *layoutWriter) small(ctx context.Context, root string, d v1.Descriptor, content []byte) (Blob, error) {
	return w.blob(ctx, root, d, func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil })
}

func (w *layoutWriter) blob(ctx context.Context, root string, d v1.Descriptor, open func() (io.ReadCloser, error)) (Blob, error) {
	done := Blob{Digest: d.Digest, Size: d.Size, How: Present, Why: "the layout has it"}
	path := filepath.Join(root, "blobs", d.Digest.Algorithm, d.Digest.Hex)
	if intact(path, d) {
		return done, nil
	}
	if err := ctx.Err(); err != nil {
		return done, err
	}
	r, err := open()
	if err != nil {
		return done, fmt.Errorf("reading blob %s: %w", d.Digest, err)
	}
	err = w.copy(path, r, d)
	if err := errors.Join(err, r.Close()); err != nil {
		return done, err
	}
	done.How, done.Why = Written, "the layout did not have it"
	return done, nil
}

// intact reports whether a blob is there and whole.
func intact(path string, d v1.Descriptor) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close() //nolint:errcheck // only read
	sum := sha256.New()
	n, err := io.Copy(sum, f)
	return err == nil && n == d.Size && hex.EncodeToString(sum.Sum(nil)) == d.Digest.Hex
}

// copy writes a blob under a temporary name and gives it its own once its digest is right.
func (w *layoutWriter) copy(path string, r io.Reader, d v1.Descriptor) (err error) {
	f, err := w.create(filepath.Dir(path))
	if err != nil {
		return err
	}
	sum := sha256.New()
	counted := &reporter{w: io.MultiWriter(f, sum), sink: w.sink, item: short(d.Digest), total: d.Size}
	n, err := io.Copy(counted, r)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("writing blob %s: %w", d.Digest, err)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); n != d.Size || got != d.Digest.Hex {
		return fmt.Errorf("blob %s: %d bytes with SHA-256 %s came, not the %d announced", d.Digest, n, got, d.Size)
	}
	return w.name(f, path)
}

// name gives a finished file its own name. One that takes the place of another, a damaged blob,
// stays even if the rest fails.
func (w *layoutWriter) name(f *os.File, path string) error {
	_, err := os.Lstat(path)
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	if err != nil {
		w.added = append(w.added, path)
	}
	return nil
}

func (w *layoutWriter) mkdir(path string) error {
	err := os.Mkdir(path, 0o755)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err == nil {
		w.added = append(w.added, path)
	}
	return err
}

func (w *layoutWriter) file(root, name string, content []byte) error {
	f, err := w.create(root)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return w.name(f, filepath.Join(root, name))
}

// create makes a file under a name of its own, readable for everyone: an image is no secret.
func (w *layoutWriter) create(dir string) (*os.File, error) {
	f, err := os.CreateTemp(dir, ".new-*")
	if err != nil {
		return nil, err
	}
	w.added = append(w.added, f.Name())
	if err := f.Chmod(0o644); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

type reporter struct {
	w     io.Writer
	sink  progress.Sink
	item  string
	n     int64
	total int64
}

func (r *reporter) Write(p []byte) (int, error) {
	n, err := r.w.Write(p)
	r.n += int64(n)
	r.sink.Send(progress.Event{Kind: progress.Bytes, Item: r.item, Done: r.n, Total: r.total})
	return n, err
}

// Leftovers finds what runs that were killed left beside a layout's folder.
func Leftovers(dir string) []string {
	found, err := filepath.Glob(escapeGlob(filepath.Join(filepath.Dir(dir), "."+filepath.Base(dir)+"-")) + "*")
	if err != nil {
		return nil // the pattern is well-formed
	}
	return found
}

func escapeGlob(s string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(s)
}
