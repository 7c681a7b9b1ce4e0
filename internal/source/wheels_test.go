package source

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWheels(t *testing.T) {
	dir := plant(t, "w/b-1-py3-none-any.whl", "w/a-1-py3-none-any.whl", "w/notes.txt", "w/sub/c-1-py3-none-any.whl",
		"one/z-1-py3-none-any.whl", "store/ab12", "one/y-1-py3-none-any.whl -> ../store/ab12", "again -> w",
		// what `python -m build` leaves: the source distribution beside its wheel
		"dist/My_Pkg-1.0+local.1-py3-none-any.whl", "dist/my-pkg-1.0+local.1.tar.gz", "dist/my-pkg-1.0+local.1.tar.gz.asc", "dist/data.zip")
	t.Chdir(dir)
	got, err := Wheels([]string{"w/b-1-py3-none-any.whl", "one", "w", "again", dir + "/w", "dist"})
	must(t, err)
	var names []string
	for _, w := range got {
		names = append(names, w.Path)
		if !strings.HasSuffix(w.Path, w.Name) || w.Size == 0 {
			t.Errorf("%+v", w)
		}
	}
	want := []string{
		"w/b-1-py3-none-any.whl", "one/y-1-py3-none-any.whl", "one/z-1-py3-none-any.whl", "w/a-1-py3-none-any.whl",
		"dist/My_Pkg-1.0+local.1-py3-none-any.whl",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("wheels (-want +got):\n%s", diff)
	}
}

func TestWheelsRefused(t *testing.T) {
	t.Chdir(plant(t, "empty/", "other/x.txt", "sd/a-1.0.tar.gz", "sd/b-1-py3-none-any.whl", "sd/b-1.zip", "sd/c-2.zip",
		"newer/a-1.0-py3-none-any.whl", "newer/a-1.1.tar.gz", "folder/x.whl/f", "dangling/a-1-py3-none-any.whl -> nowhere"))
	for path, says := range map[string][]string{
		"nowhere":         {"cannot be found"},
		"empty":           {"holds no wheel", "pip download --only-binary=:all: -d empty -r requirements.txt"},
		"other":           {"holds no wheel"},
		"other/x.txt":     {"is no wheel", "name .whl files"},
		"sd/a-1.0.tar.gz": {"is no wheel", "pip wheel --no-deps -w sd sd/a-1.0.tar.gz"},
		"sd":              {"source distributions", "a-1.0.tar.gz, c-2.zip", "pip wheel --no-deps -w sd sd/a-1.0.tar.gz"},
		"newer":           {"a-1.1.tar.gz"},
		"folder":          {"folder/x.whl", "no regular file"},
		"dangling":        {"cannot be found"},
	} {
		_, err := Wheels([]string{path})
		refused(t, err, says...)
	}
}

func TestWheelFile(t *testing.T) {
	path := plant(t, "a-1-py3-none-any.whl = 0123456789") + "/a-1-py3-none-any.whl"
	all, err := Wheels([]string{path})
	must(t, err)
	w := all[0]
	f, err := w.Open()
	must(t, err)
	data, err := io.ReadAll(io.NewSectionReader(f, 2, 3))
	must(t, err)
	must(t, f.Close())
	sum, err := w.SHA256(context.Background())
	must(t, err)
	if string(data) != "234" || sum != sha256.Sum256([]byte("0123456789")) {
		t.Errorf("read %q, digest %x", data, sum)
	}
	must(t, os.WriteFile(path, []byte("short"), 0o644))
	if _, err := w.Open(); !errors.Is(err, ErrChanged) {
		t.Errorf("Open of a changed wheel: %v", err)
	}
	if _, err := w.SHA256(context.Background()); !errors.Is(err, ErrChanged) {
		t.Errorf("SHA256 of a changed wheel: %v", err)
	}
}
