package pipwheel_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash/crc32"
	"path"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/pipwheel"
)

// member is one file of a forged wheel.
type member struct {
	name, body string
	executable bool
	stored     bool
	mode       uint32 // the upper half of the external attributes; 0: that of a regular file
	absent     bool   // leaves out what forge adds by itself
}

// forge writes a wheel as build tools do. METADATA, WHEEL and a right RECORD are added unless
// files has one of that name; a "{info}" in names and bodies is the metadata folder.
func forge(tb testing.TB, filename string, files ...member) []byte {
	tb.Helper()
	parts := strings.SplitN(filename, "-", 3)
	info := parts[0] + "-" + parts[1] + ".dist-info"
	var all []member
	given := map[string]bool{}
	for _, f := range files {
		f.name = strings.ReplaceAll(f.name, "{info}", info)
		f.body = strings.ReplaceAll(f.body, "{info}", info)
		if given[f.name] = true; !f.absent {
			all = append(all, f)
		}
	}
	add := func(name, body string) {
		if !given[info+"/"+name] {
			all = append(all, member{name: info + "/" + name, body: body})
		}
	}
	add("METADATA", fmt.Sprintf("Metadata-Version: 2.1\nName: %s\nVersion: %s\n", parts[0], parts[1]))
	add("WHEEL", "Wheel-Version: 1.0\nGenerator: forge\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
	var record strings.Builder
	for _, f := range all {
		sum := sha256.Sum256([]byte(f.body))
		fmt.Fprintf(&record, "%s,sha256=%s,%d\n", f.name, base64.RawURLEncoding.EncodeToString(sum[:]), len(f.body))
	}
	add("RECORD", record.String()+info+"/RECORD,,\n")
	return archive(tb, all)
}

func archive(tb testing.TB, files []member) []byte {
	tb.Helper()
	var out bytes.Buffer
	zw := zip.NewWriter(&out)
	for _, f := range files {
		raw := []byte(f.body)
		h := &zip.FileHeader{
			Name: f.name, Method: zip.Store, CreatorVersion: 3<<8 | 20, ReaderVersion: 20,
			CRC32: crc32.ChecksumIEEE(raw), UncompressedSize64: uint64(len(raw)),
		}
		mode := f.mode
		if mode == 0 {
			if mode = 0o100644; f.executable {
				mode = 0o100755
			}
		}
		h.ExternalAttrs = mode << 16
		if !f.stored {
			h.Method, raw = zip.Deflate, deflate(tb, raw)
		}
		h.CompressedSize64 = uint64(len(raw))
		if strings.ContainsFunc(f.name, func(r rune) bool { return r > '~' }) {
			h.Flags |= 0x800 // the name is UTF-8
		}
		w, err := zw.CreateRaw(h)
		if err == nil {
			_, err = w.Write(raw)
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	if err := zw.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func deflate(tb testing.TB, b []byte) []byte {
	tb.Helper()
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, 6)
	if err == nil {
		_, err = w.Write(b)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func open(data []byte, filename string) (*pipwheel.Wheel, error) {
	return pipwheel.Open(bytes.NewReader(data), int64(len(data)), filename, pipwheel.Options{})
}

// library is the target that docker-library's images are.
func library(minor string) pipwheel.Target {
	dir := "python" + minor
	return pipwheel.Target{
		Version: minor + ".2", Implementation: "cpython", Machine: "x86_64",
		Libc:       pipwheel.Libc{Kind: "glibc", Major: 2, Minor: 36},
		Executable: "/usr/local/bin/" + dir,
		Scheme: pipwheel.Scheme{
			Purelib: path.Join("/usr/local/lib", dir, "site-packages"), Platlib: path.Join("/usr/local/lib", dir, "site-packages"),
			Scripts: "/usr/local/bin", Headers: "/usr/local/include/" + dir, Data: "/usr/local", Stdlib: "/usr/local/lib/" + dir,
		},
	}
}
