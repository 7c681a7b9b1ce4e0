//go:build e2e

package e2e

import (
	"archive/zip"
	"compress/flate"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// testMemory: a wheel of 1 GiB, most of it in one file, passes through little memory.
func testMemory(t *testing.T, r *rig) {
	const limit = 150 << 20
	path := largeWheel(t)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	got := r.run(t, call{args: []string{"--base", r.base, "--no-source", "--wheels", path, "-t", r.host + "/team/large:1"}})
	if got.code != 0 {
		t.Fatalf("ended with %d\n%s", got.code, got.stderr)
	}
	t.Logf("a wheel of %d MiB: %d MiB resident", info.Size()>>20, got.resident>>20)
	if info.Size() < 1<<30 || got.resident > limit {
		t.Errorf("a wheel of %d bytes took %d bytes of memory, at most %d are right", info.Size(), got.resident, limit)
	}
}

// largeWheel makes a wheel of more than 1 GiB that compresses little: one large file and some of a few MiB.
func largeWheel(t *testing.T) string {
	t.Helper()
	const tag = "cp311-cp311-manylinux_2_17_x86_64"
	path := filepath.Join(t.TempDir(), "large-1.0-"+tag+".whl")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z := zip.NewWriter(f)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.HuffmanOnly) })
	source := rand.NewChaCha8([32]byte{1})
	record := ""
	add := func(name string, content io.Reader) {
		t.Helper()
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.New()
		n, err := io.Copy(io.MultiWriter(w, sum), content)
		if err != nil {
			t.Fatal(err)
		}
		record += fmt.Sprintf("%s,sha256=%s,%d\n", name, base64.RawURLEncoding.EncodeToString(sum.Sum(nil)), n)
	}
	add("large/big.bin", io.LimitReader(source, 900<<20))
	for i := range 50 {
		add(fmt.Sprintf("large/part%d.bin", i), io.LimitReader(source, 3<<20))
	}
	const info = "large-1.0.dist-info/"
	add(info+"METADATA", text("Metadata-Version: 2.1\nName: large\nVersion: 1.0\n"))
	add(info+"WHEEL", text("Wheel-Version: 1.0\nGenerator: e2e\nRoot-Is-Purelib: false\nTag: "+tag+"\n"))
	w, err := z.Create(info + "RECORD")
	if err == nil {
		_, err = io.WriteString(w, record+info+"RECORD,,\n")
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func text(s string) io.Reader { return strings.NewReader(s) }
