package image

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// files is what is in an image above its base: of every regular file whether it is executable,
// and the SHA-256 of its bytes.
type files map[string]string

func fact(mode fs.FileMode, content io.Reader) (string, error) {
	sum := sha256.New()
	_, err := io.Copy(sum, content)
	return fmt.Sprintf("%t %x", mode&0o100 != 0, sum.Sum(nil)), err
}

// checker compares images in the registry with the job. Layers are read once for each digest.
type checker struct {
	job  *Job
	base int // number of the base's layers
	seen map[v1.Hash]files
	tree files
}

func newChecker(ctx context.Context, job *Job) (*checker, error) {
	img, err := pull(ctx, job.Base)
	if err != nil {
		return nil, err
	}
	below, err := img.Layers()
	if err != nil {
		return nil, err
	}
	c := &checker{job: job, base: len(below), seen: map[v1.Hash]files{}, tree: files{}}
	return c, walk(job.Tree(), "", c.tree)
}

func pull(ctx context.Context, tag string) (v1.Image, error) {
	ref, err := name.ParseReference(tag)
	if err != nil {
		return nil, err
	}
	return remote.Image(ref, remote.WithContext(ctx), remote.WithPlatform(v1.Platform{OS: "linux", Architecture: "amd64"}))
}

// check pulls what tag has above the base and compares every file. It returns the compressed size of that.
func (c *checker) check(ctx context.Context, tag string) (size int64, err error) {
	img, err := pull(ctx, tag)
	if err != nil {
		return 0, err
	}
	all, err := img.Layers()
	if err != nil {
		return 0, err
	}
	if len(all) <= c.base {
		return 0, fmt.Errorf("%s has %d layers, its base %d", tag, len(all), c.base)
	}
	got := files{}
	for _, l := range all[c.base:] {
		n, err := l.Size()
		if err != nil {
			return 0, err
		}
		size += n
		f, err := c.layer(l)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", tag, err)
		}
		maps.Copy(got, f)
	}
	want := maps.Clone(c.tree)
	if err := walk(c.job.Project(), Workdir[1:], want); err != nil {
		return 0, err
	}
	if err := compare(got, want); err != nil {
		return 0, fmt.Errorf("%s: %w", tag, err)
	}
	config, err := img.ConfigFile()
	if err != nil {
		return 0, err
	}
	if got := strings.TrimSuffix(config.Config.WorkingDir, "/"); got != Workdir {
		return 0, fmt.Errorf("%s has the working directory %q", tag, got)
	}
	return size, nil
}

func compare(got, want files) error {
	if maps.Equal(got, want) {
		return nil
	}
	for p, f := range want {
		if got[p] != f {
			return fmt.Errorf("/%s is %q, want %q (%d files, want %d)", p, got[p], f, len(got), len(want))
		}
	}
	return fmt.Errorf("%d files, want %d", len(got), len(want))
}

func (c *checker) layer(l v1.Layer) (f files, err error) {
	digest, err := l.Digest()
	if err != nil {
		return nil, err
	}
	if f, ok := c.seen[digest]; ok {
		return f, nil
	}
	r, err := l.Uncompressed()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	f = files{}
	for t := tar.NewReader(r); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		if f[path.Clean(strings.TrimPrefix(h.Name, "/"))], err = fact(fs.FileMode(h.Mode), t); err != nil {
			return nil, err
		}
	}
	c.seen[digest] = f
	return f, nil
}

// walk adds the regular files below root to f, as they are called below prefix.
func walk(root, prefix string, f files) error {
	return filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		r, err := os.Open(p)
		if err != nil {
			return err
		}
		got, err := fact(info.Mode(), r)
		f[path.Join(prefix, filepath.ToSlash(rel))] = got
		return errors.Join(err, r.Close())
	})
}
