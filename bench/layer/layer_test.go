package layer

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/internal/fakewheel"
)

// wheel makes one with a large file, an empty one, and one whose name no ustar header holds.
func wheel(t *testing.T, text string) string {
	t.Helper()
	w := fakewheel.Wheel{
		Name: "demo", Version: "1", Deflate: true,
		Files: map[string]string{"demo/__init__.py": "", "demo/text.py": strings.Repeat(text, 40_000), "demo/" + strings.Repeat("x", 120) + ".py": text},
	}
	raw, err := w.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), w.Filename())
	if err := os.WriteFile(path, raw, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// work runs a contender as a worker would, without a process of its own.
func work(t *testing.T, name, wheel string) (blob string, r Report) {
	t.Helper()
	blob = filepath.Join(t.TempDir(), "blob")
	var out bytes.Buffer
	if err := Run(t.Context(), []string{name, "2", blob, wheel}, &out); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	return blob, r
}

func TestEveryContenderIsRight(t *testing.T) {
	path := wheel(t, "def f():\n    return 'demo'\n")
	want, size, err := Want([]string{path})
	if err != nil {
		t.Fatal(err)
	}
	if size < 1_000_000 {
		t.Errorf("%d bytes of contents", size)
	}
	noBlob := []string{Floor, InflateOurs, InflateKlaus, InflateStd}
	for name := range Works() {
		blob, r := work(t, name, path)
		if r.Wall <= 0 || r.Go == "" {
			t.Errorf("%s: the report is %+v", name, r)
		}
		if slices.Contains(noBlob, name) {
			if r.Made != (Made{}) {
				t.Errorf("%s says it made %+v", name, r.Made)
			}
			continue
		}
		if err := Check(blob, &r.Made, want); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCheckSeesWhatIsWrong(t *testing.T) {
	path := wheel(t, "print(1)\n")
	want, _, err := Want([]string{path})
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := Want([]string{wheel(t, "print(2)\n")})
	if err != nil {
		t.Fatal(err)
	}
	blob, r := work(t, Klauspost, path)
	if Check(blob, &r.Made, other) == nil {
		t.Error("another wheel's contents are right")
	}
	lied := r.Made
	lied.DiffID = strings.Repeat("0", 64)
	if Check(blob, &lied, want) == nil {
		t.Error("another DiffID is right")
	}
	lied = r.Made
	lied.Size++
	if Check(blob, &lied, want) == nil {
		t.Error("another size is right")
	}
	raw, err := os.ReadFile(blob)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(blob, append(raw, 0), 0o600); err != nil {
		t.Fatal(err)
	}
	if Check(blob, &r.Made, want) == nil {
		t.Error("a blob with a byte more is right")
	}
}
