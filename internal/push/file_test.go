package push

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/layerpack/layerpack/pkg/refusal"
)

func TestFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "digest")
	for _, text := range []string{"sha256:1", "2"} {
		check(t, CheckFile(path))
		check(t, File(path, []byte(text)))
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("%q (%v), want %q", got, err, text)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left: %v (%v)", left, err)
	}
	if err := File("/dev/full", []byte("x")); err == nil {
		t.Error("no error from a full device")
	}
	for _, bad := range []string{dir, filepath.Join(dir, "missing", "x"), filepath.Join(path, "x")} {
		if err := CheckFile(bad); !refusal.Is(err) {
			t.Errorf("CheckFile(%s): %v, want a refusal", bad, err)
		}
		if err := File(bad, nil); err == nil {
			t.Errorf("File(%s): no error", bad)
		}
	}
}
