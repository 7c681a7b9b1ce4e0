//go:build e2e

package e2e

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	blank "github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"

	"github.com/layerpack/layerpack/internal/baseimage/fakebase"
)

// plainBase writes a layout with a base that has CPython of the given version and pip and nothing else, for amd64 and arm64
// on glibc 2.36, and answers its reference.
func plainBase(t *testing.T, python string) string {
	t.Helper()
	var index v1.ImageIndex = blank.Index
	for _, arch := range []string{"amd64", "arm64"} {
		image, err := plainImage(arch, python)
		if err != nil {
			t.Fatal(err)
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add: image, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: arch}},
		})
	}
	dir := filepath.Join(t.TempDir(), "plain-"+python)
	path, err := layout.Write(dir, blank.Index)
	if err == nil {
		err = path.AppendIndex(index, layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": "plain"}))
	}
	if err != nil {
		t.Fatal(err)
	}
	return "oci:" + dir + ":plain"
}

// plainImage makes of the small base, which is CPython 3.11.9 with six, one of another CPython without it. Names of the
// same length keep its ELF files whole.
func plainImage(arch, python string) (v1.Image, error) {
	b, err := fakebase.New(arch)
	if err != nil {
		return nil, err
	}
	minor := strings.Split(python, ".")[1]
	renamed := strings.NewReplacer("3.11.9", python, "python3.11", "python3."+minor, "'3.11'", "'3."+minor+"'", `"3.11"`, `"3.`+minor+`"`,
		"cpython-311-", "cpython-3"+minor+"-", "PY_MINOR_VERSION\t11", "PY_MINOR_VERSION\t"+minor, "PY_MICRO_VERSION\t9", "PY_MICRO_VERSION\t"+strings.Split(python, ".")[2])
	config := renamed.Replace(string(b.Config))
	for i, text := range b.Tars {
		old := fmt.Sprintf("sha256:%x", sha256.Sum256(text))
		if b.Tars[i], err = rewritten(text, renamed); err != nil {
			return nil, err
		}
		b.Blobs[i] = fakebase.Gzip(b.Tars[i])
		config = strings.Replace(config, old, fmt.Sprintf("sha256:%x", sha256.Sum256(b.Tars[i])), 1)
	}
	b.Config = []byte(config)
	return b.Image()
}

// rewritten is a tar with other names and texts, without six.
func rewritten(text []byte, renamed *strings.Replacer) ([]byte, error) {
	var files []fakebase.File
	for r := tar.NewReader(bytes.NewReader(text)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return fakebase.Tar(files)
		}
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		if strings.Contains(h.Name, "/site-packages/six") {
			continue
		}
		files = append(files, fakebase.File{
			Path: renamed.Replace(h.Name), Type: h.Typeflag, Mode: h.Mode, UID: h.Uid, GID: h.Gid,
			Target: renamed.Replace(h.Linkname), Content: []byte(renamed.Replace(string(content))),
		})
	}
}
