//go:build linux

package main

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// writeLayer writes as one blob what upper changes over lower; lower "" is the empty tree.
// It answers the descriptor and the DiffID.
func writeLayer(blobs, lower, upper string) (d descriptor, diffID string, err error) {
	tmp, err := os.CreateTemp(blobs, ".layer-*")
	if err != nil {
		return d, "", err
	}
	defer func() {
		err = errors.Join(err, tmp.Close())
		if err != nil {
			err = errors.Join(err, os.Remove(tmp.Name()))
		}
	}()
	packed, plain := sha256.New(), sha256.New()
	gz := gzip.NewWriter(io.MultiWriter(tmp, packed))
	tw := tar.NewWriter(io.MultiWriter(gz, plain))
	l := layer{tar: tw, lower: lower, upper: upper, links: map[uint64]string{}}
	if err := filepath.WalkDir(upper, l.visit); err != nil {
		return d, "", err
	}
	if err := errors.Join(tw.Close(), gz.Close(), tmp.Chmod(0o644)); err != nil {
		return d, "", err
	}
	info, err := tmp.Stat()
	if err != nil {
		return d, "", err
	}
	name := hex.EncodeToString(packed.Sum(nil))
	d = descriptor{MediaType: typeLayer, Size: info.Size(), Digest: "sha256:" + name}
	diffID = "sha256:" + hex.EncodeToString(plain.Sum(nil))
	return d, diffID, os.Rename(tmp.Name(), filepath.Join(blobs, name))
}

// layer is one walk over a stage.
type layer struct {
	tar          *tar.Writer
	lower, upper string
	links        map[uint64]string // inode -> the first name it was written under
}

func (l *layer) visit(path string, entry fs.DirEntry, err error) error {
	if err != nil {
		return err
	}
	name, err := filepath.Rel(l.upper, path)
	if err != nil {
		return err
	}
	info, err := entry.Info()
	if err != nil {
		return err
	}
	if name != "." && l.changed(name, info) {
		if err := l.write(path, name, info); err != nil {
			return err
		}
	}
	if info.IsDir() {
		return l.whiteouts(name)
	}
	return nil
}

// changed compares as Docker's storage drivers without overlay do: by what stat tells.
func (l *layer) changed(name string, info fs.FileInfo) bool {
	if l.lower == "" {
		return true
	}
	old, err := os.Lstat(filepath.Join(l.lower, name))
	if err != nil {
		return true
	}
	a, b := old.Sys().(*syscall.Stat_t), info.Sys().(*syscall.Stat_t)
	return old.Mode() != info.Mode() || a.Uid != b.Uid || a.Gid != b.Gid ||
		!old.ModTime().Equal(info.ModTime()) || (!info.IsDir() && old.Size() != info.Size())
}

func (l *layer) write(path, name string, info fs.FileInfo) error {
	target := ""
	if info.Mode()&fs.ModeSymlink != 0 {
		var err error
		if target, err = os.Readlink(path); err != nil {
			return err
		}
	}
	h, err := tar.FileInfoHeader(info, target)
	if err != nil {
		return err
	}
	h.Name, h.Uname, h.Gname = name, "", ""
	if info.IsDir() {
		h.Name += "/"
	}
	if st := info.Sys().(*syscall.Stat_t); info.Mode().IsRegular() && st.Nlink > 1 {
		if first, ok := l.links[st.Ino]; ok {
			h.Typeflag, h.Linkname, h.Size = tar.TypeLink, first, 0
			return l.tar.WriteHeader(h)
		}
		l.links[st.Ino] = name
	}
	if err := l.tar.WriteHeader(h); err != nil || !info.Mode().IsRegular() {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(l.tar, f)
	return errors.Join(err, f.Close())
}

// whiteouts hides what the lower tree has in a folder and the upper no longer has.
func (l *layer) whiteouts(dir string) error {
	if l.lower == "" {
		return nil
	}
	entries, err := os.ReadDir(filepath.Join(l.lower, dir))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		_, err := os.Lstat(filepath.Join(l.upper, dir, e.Name()))
		if err == nil {
			continue
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		h := tar.Header{Typeflag: tar.TypeReg, Name: filepath.Join(dir, ".wh."+e.Name()), Mode: 0o600}
		if err := l.tar.WriteHeader(&h); err != nil {
			return err
		}
	}
	return nil
}
