//go:build e2e

package e2e

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	blank "github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

const (
	condaRoot = "opt/conda/"
	condaEnv  = "opt/conda/envs/prefect/"
)

// condaBase pushes a base with the layout of prefecthq/prefect:2-python3.11-conda and answers its reference: a Python in
// conda's root, which is on PATH, another one with Prefect in an environment, which root's .bashrc activates. The two are
// those of the rig's base, moved; conda itself is a shell function.
func (r *rig) condaBase(t *testing.T) string {
	t.Helper()
	tag := r.host + "/check/conda:1"
	file := filepath.Join(t.TempDir(), "conda.tar")
	if err := rewrite(r.base, tag, "amd64", func(base v1.Image) (v1.Image, error) { return condaImage(base, file) }); err != nil {
		t.Fatalf("%s: %v", tag, err)
	}
	return tag
}

func condaImage(base v1.Image, file string) (v1.Image, error) {
	layers, err := base.Layers()
	if err != nil {
		return nil, err
	}
	if err := writeConda(file, layers[1], layers[2]); err != nil {
		return nil, err
	}
	conda, err := tarball.LayerFromFile(file, tarball.WithCompressionLevel(gzip.BestSpeed))
	if err != nil {
		return nil, err
	}
	image, err := mutate.AppendLayers(blank.Image, layers[0], conda)
	if err != nil {
		return nil, err
	}
	config, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", "amd64"
	config.Config = v1.Config{
		Env:        []string{"PATH=/opt/conda/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "LC_ALL=C.UTF-8"},
		WorkingDir: "/opt/prefect",
		Entrypoint: []string{"/usr/bin/tini", "-g", "--", "/opt/prefect/entrypoint.sh"},
	}
	return mutate.ConfigFile(image, config)
}

// condaFiles are those that no Python of the base has.
var condaFiles = map[string]string{
	"root/.bashrc":                                                ". /opt/conda/etc/profile.d/conda.sh\nconda activate prefect\n",
	condaRoot + "etc/profile.d/conda.sh":                          "conda() { [ \"$1\" = activate ] && export PATH=\"/opt/conda/envs/$2/bin:$PATH\"; }\n",
	condaRoot + "conda-meta/history":                              "",
	condaEnv + "conda-meta/history":                               "",
	condaEnv + "conda-meta/python-3.11.2-h2755cc3_0_cpython.json": "{}",
}

// writeConda writes one layer: the Python of the one given in both places, and Prefect of the other in the environment.
func writeConda(file string, python, prefect v1.Layer) (err error) {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := tar.NewWriter(f)
	there := map[string]bool{}
	for _, part := range []struct {
		layer v1.Layer
		to    string
	}{{prefect, condaEnv}, {python, condaEnv}, {python, condaRoot}} {
		if err := moved(w, part.layer, part.to, there); err != nil {
			return err
		}
	}
	script, err := os.ReadFile("base/entrypoint.sh")
	if err != nil {
		return err
	}
	if err := put(w, &tar.Header{Typeflag: tar.TypeReg, Name: "opt/prefect/entrypoint.sh", Mode: 0o755}, script); err != nil {
		return err
	}
	for name, text := range condaFiles {
		if err := put(w, &tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644}, []byte(text)); err != nil {
			return err
		}
	}
	// Debian's linker looks for the shared library where CPython was built for.
	link := &tar.Header{Typeflag: tar.TypeSymlink, Name: "usr/local/lib/libpython3.11.so.1.0", Linkname: "/" + condaEnv + "lib/libpython3.11.so.1.0"}
	return errors.Join(put(w, link, nil), w.Close())
}

// moved copies what a layer has below /usr/local to another prefix, but for what is there already.
func moved(w *tar.Writer, layer v1.Layer, to string, there map[string]bool) error {
	const from = "usr/local/"
	raw, err := layer.Uncompressed()
	if err != nil {
		return err
	}
	defer raw.Close()
	for r := tar.NewReader(raw); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		below, ok := strings.CutPrefix(h.Name, from)
		if !ok || below == "" || there[to+below] {
			continue
		}
		there[to+below] = true
		text, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		if strings.HasPrefix(below, "bin/") {
			text = bytes.Replace(text, []byte("#!/"+from), []byte("#!/"+to), 1)
		}
		h.Name = to + below
		if link, ok := strings.CutPrefix(h.Linkname, from); ok && h.Typeflag == tar.TypeLink {
			h.Linkname = to + link
		}
		if err := put(w, h, text); err != nil {
			return err
		}
	}
}

func put(w *tar.Writer, h *tar.Header, text []byte) error {
	h.Size = int64(len(text))
	if err := w.WriteHeader(h); err != nil {
		return err
	}
	_, err := w.Write(text)
	return err
}
