//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// testTorch: the largest set of wheels that people put into images passes through little memory, in
// a cold build.
func testTorch(t *testing.T, r *rig) {
	const limit = 256 << 20
	torch := setting(t, "LAYERPACK_E2E_TORCH")
	cublas := wheelsNamed(t, torch, "nvidia_cublas_cu12")[0]
	for _, v := range []struct {
		format, wheels string
		least          int64 // bytes of wheels, or nothing is shown
	}{
		{"gzip", torch, 29e8},
		{"estargz", cublas, 3e8},
		{"zstd", cublas, 3e8},
	} {
		t.Run(v.format, func(t *testing.T) {
			if n := sizeOf(t, v.wheels); n < v.least {
				t.Fatalf("%s has %d bytes, want %d", v.wheels, n, v.least)
			}
			out := filepath.Join(t.TempDir(), "out")
			begin := time.Now()
			got := r.run(t, call{
				env:  []string{"XDG_CACHE_HOME=" + t.TempDir()},
				args: []string{"--base", r.base, "--no-source", "--no-deps", "--compression", v.format, "--wheels", v.wheels, "-o", "oci:" + out},
			})
			if got.code != 0 {
				t.Fatalf("ended with %d\n%s", got.code, got.stderr)
			}
			written := sizeOf(t, out)
			if err := os.RemoveAll(out); err != nil {
				t.Fatal(err)
			}
			t.Logf("%.2f GB of wheels, %.2f GB written: %.1f s, %.1f s of CPU, at most %d MiB resident",
				float64(sizeOf(t, v.wheels))/1e9, float64(written)/1e9, time.Since(begin).Seconds(), got.cpu.Seconds(), got.resident>>20)
			if got.resident > limit {
				t.Errorf("%d bytes of memory were taken, at most %d are right", got.resident, limit)
			}
			if written < v.least/2 {
				t.Errorf("only %d bytes were written", written)
			}
		})
	}
}

// sizeOf adds up the files below a path.
func sizeOf(t *testing.T, path string) (n int64) {
	t.Helper()
	err := filepath.Walk(path, func(_ string, info os.FileInfo, err error) error {
		if err == nil && info.Mode().IsRegular() {
			n += info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
