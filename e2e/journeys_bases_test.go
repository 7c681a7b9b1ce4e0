//go:build e2e

package e2e

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// The bases of the pages, in the rig's registry.
const (
	baseTwo   = "prefecthq/prefect:2.20.25-python3.11"
	baseThree = "prefecthq/prefect:3.6.4-python3.12"
)

// bases makes what the pages build on: the rig's own base under the name of the pages; Prefect 3 for amd64 and arm64,
// which layerpack makes, under one tag; Debian and Python alone.
func (j *journeys) bases(t *testing.T) {
	t.Helper()
	command(t, "crane", "copy", j.base, j.host+"/"+baseTwo)
	three := []string{"--no-source", "--pip", "prefect==3.6.4", "--exclude-newer", "2026-02-01", "--index-url", j.index.simple()}
	amd := j.ok(t, call{args: slices.Concat(three, []string{"--base", j.base, "-t", j.host + "/prefecthq/made:amd64"})})
	arm := j.ok(t, call{args: slices.Concat(three, []string{
		"--base", "oci:" + filepath.Join(j.parts, "arm64") + ":python", "--platform", "linux/arm64", "--break-system-packages",
		"-t", j.host + "/prefecthq/made:arm64",
	})})
	if err := errors.Join(unmanaged(arm), rewrite(j.base, j.plain, "amd64", slim311)); err != nil {
		t.Fatal(err)
	}
	command(t, "crane", "index", "append", "-m", amd, "-m", arm, "-t", j.host+"/"+baseThree)
}

// unmanaged takes the mark out of an image that Debian's Python is Debian's to install into: Prefect's images bear none.
func unmanaged(tag string) error {
	return rewrite(tag, tag, "arm64", func(i v1.Image) (v1.Image, error) {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		err := errors.Join(w.WriteHeader(&tar.Header{Name: "usr/lib/python3.11/.wh.EXTERNALLY-MANAGED", Mode: 0o644}), w.Close())
		if err != nil {
			return nil, err
		}
		l, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil })
		if err != nil {
			return nil, err
		}
		return mutate.AppendLayers(i, l)
	})
}
