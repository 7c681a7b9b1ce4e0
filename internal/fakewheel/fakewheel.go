// Package fakewheel makes small wheels for tests and the demo.
//
// The bytes depend on what is asked for alone: members are stored, in the order of their
// names, without times.
package fakewheel

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
)

// Wheel says what a wheel holds. Name, Version and Tag make its file name.
type Wheel struct {
	Name, Version string
	Tag           string            // "py3-none-any" where it is empty
	Files         map[string]string // path in the archive -> text
	Scripts       map[string]string // console_scripts: command -> "module:function"
	Requires      []string          // Requires-Dist
	// Deflate compresses the members; the bytes then depend on the Go version.
	Deflate bool
	// Record replaces the RECORD that the files would have.
	Record string
}

// Filename is the wheel's file name (PEP 427).
func (w Wheel) Filename() string {
	return w.stem() + "-" + w.tag() + ".whl"
}

func (w Wheel) stem() string {
	return strings.ReplaceAll(w.Name, "-", "_") + "-" + w.Version
}

func (w Wheel) tag() string {
	if w.Tag == "" {
		return "py3-none-any"
	}
	return w.Tag
}

// Bytes is the wheel.
func (w Wheel) Bytes() ([]byte, error) {
	info := w.stem() + ".dist-info/"
	files := map[string]string{}
	for name, text := range w.Files {
		files[name] = text
	}
	purelib := strings.HasSuffix(w.tag(), "-any")
	files[info+"WHEEL"] = fmt.Sprintf("Wheel-Version: 1.0\nGenerator: fakewheel\nRoot-Is-Purelib: %t\nTag: %s\n", purelib, w.tag())
	metadata := fmt.Sprintf("Metadata-Version: 2.1\nName: %s\nVersion: %s\n", w.Name, w.Version)
	for _, r := range w.Requires {
		metadata += "Requires-Dist: " + r + "\n"
	}
	files[info+"METADATA"] = metadata
	if len(w.Scripts) > 0 {
		text := "[console_scripts]\n"
		for _, name := range sorted(w.Scripts) {
			text += name + " = " + w.Scripts[name] + "\n"
		}
		files[info+"entry_points.txt"] = text
	}
	record := w.Record
	if record == "" {
		for _, name := range sorted(files) {
			sum := sha256.Sum256([]byte(files[name]))
			record += fmt.Sprintf("%s,sha256=%s,%d\n", name, base64.RawURLEncoding.EncodeToString(sum[:]), len(files[name]))
		}
		record += info + "RECORD,,\n"
	}
	files[info+"RECORD"] = record
	return w.zip(files)
}

func (w Wheel) zip(files map[string]string) ([]byte, error) {
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for _, name := range sorted(files) {
		text := []byte(files[name])
		h := &zip.FileHeader{Name: name, Method: zip.Store, CRC32: crc32.ChecksumIEEE(text), UncompressedSize64: uint64(len(text))}
		h.SetMode(0o644)
		if w.Deflate {
			var err error
			if text, err = deflate(text); err != nil {
				return nil, err
			}
			h.Method = zip.Deflate
		}
		h.CompressedSize64 = uint64(len(text))
		// Raw, because Create writes data descriptors, which a strict reader does not take for stored members.
		f, err := out.CreateRaw(h)
		if err != nil {
			return nil, err
		}
		if _, err := f.Write(text); err != nil {
			return nil, err
		}
	}
	if err := out.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func deflate(b []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, 6)
	if err != nil {
		return nil, err
	}
	_, err = w.Write(b)
	err = errors.Join(err, w.Close())
	return out.Bytes(), err
}

func sorted(m map[string]string) []string {
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}
