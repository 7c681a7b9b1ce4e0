package resolve

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/refusal"
)

var update = flag.Bool("update", false, "write the golden files")

// Each file of testdata/unsolvable is a world, a line of dashes, and the message for it.
func TestUnsolvable(t *testing.T) {
	files, err := filepath.Glob("testdata/unsolvable/*.txt")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			lines, want, _ := strings.Cut(string(text), "----\n")
			got, err := parseWorld(t, lines).resolve()
			var u *Unsolvable
			if !errors.As(err, &u) || !refusal.Is(err) {
				t.Fatalf("%v, solved by\n%s", err, got)
			}
			message := u.Error() + "\n"
			if *update {
				if err := os.WriteFile(file, []byte(lines+"----\n"+message), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if message != want {
				t.Errorf("got\n%s\nwant\n%s", message, want)
			}
		})
	}
}
