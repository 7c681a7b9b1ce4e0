package source

import (
	"context"
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// WheelFile is one .whl file of the host.
type WheelFile struct {
	Path string // as the user named it or the folder that holds it
	Name string // the file name, whose parts PEP 427 defines; of a symlink, its own
	Size int64  // in bytes

	seen fs.FileInfo
}

// Wheels finds the wheels that paths name: wheel files, and folders with wheels directly in
// them. They come in the order of paths, within a folder by the bytes of their names; the same
// file under the same name counts once.
//
// It refuses a path that is missing or neither, a folder without a wheel, and a folder with a
// source distribution (PEP 625) that has no wheel of the same version beside it.
func Wheels(paths []string) ([]WheelFile, error) {
	type identity struct{ resolved, name string }
	seen := map[identity]bool{}
	var all []WheelFile
	for _, p := range paths {
		found, err := wheelsAt(p)
		if err != nil {
			return nil, err
		}
		for _, w := range found {
			resolved, err := filepath.EvalSymlinks(w.Path)
			if err != nil {
				return nil, hostError(w.Path, err)
			}
			if resolved, err = filepath.Abs(resolved); err != nil {
				return nil, hostError(w.Path, err)
			}
			if id := (identity{resolved, w.Name}); !seen[id] {
				seen[id] = true
				all = append(all, w)
			}
		}
	}
	return all, nil
}

func wheelsAt(path string) ([]WheelFile, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, hostError(path, err)
	}
	if info.IsDir() {
		return wheelsIn(path)
	}
	if !strings.HasSuffix(path, ".whl") {
		fix := "name .whl files or folders of them"
		if _, _, ok := sdist(filepath.Base(path)); ok {
			fix = buildFix(path)
		}
		return nil, refusal.New(printable(path), "is no wheel", fix)
	}
	w, err := wheelFile(path)
	if err != nil {
		return nil, err
	}
	return []WheelFile{w}, nil
}

func wheelFile(path string) (WheelFile, error) {
	info, err := os.Stat(path)
	if err != nil {
		return WheelFile{}, hostError(path, err)
	}
	if !info.Mode().IsRegular() {
		return WheelFile{}, refusal.New(printable(path), "is no regular file", "name .whl files or folders of them")
	}
	return WheelFile{Path: path, Name: filepath.Base(path), Size: info.Size(), seen: info}, nil
}

func wheelsIn(dir string) ([]WheelFile, error) {
	items, err := os.ReadDir(dir)
	if err != nil {
		return nil, hostError(dir, err)
	}
	var wheels []WheelFile
	built := map[string]bool{} // releases that have a wheel
	var unbuilt []string
	for _, it := range items {
		name := it.Name()
		if !strings.HasSuffix(name, ".whl") {
			continue
		}
		w, err := wheelFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		wheels = append(wheels, w)
		if parts := strings.SplitN(name, "-", 3); len(parts) == 3 {
			built[release(parts[0], parts[1])] = true
		}
	}
	for _, it := range items {
		name, version, ok := sdist(it.Name())
		if ok && !it.IsDir() && !built[release(name, version)] {
			unbuilt = append(unbuilt, it.Name())
		}
	}
	if len(unbuilt) > 0 {
		return nil, refusal.New(printable(dir), "holds source distributions, which are not built here: "+
			printable(strings.Join(unbuilt, ", ")), buildFix(filepath.Join(dir, unbuilt[0])))
	}
	if len(wheels) == 0 {
		return nil, refusal.New(printable(dir), "holds no wheel",
			"fill it: pip download --only-binary=:all: -d "+printable(dir)+" -r requirements.txt")
	}
	slices.SortFunc(wheels, func(a, b WheelFile) int { return strings.Compare(a.Name, b.Name) })
	return wheels, nil
}

// sdist splits the name of a source distribution (PEP 625, and the forms before it): of an
// archive whose name ends in a version.
func sdist(file string) (name, version string, ok bool) {
	for _, ext := range []string{".tar.gz", ".zip", ".tgz", ".tar.bz2", ".tar.xz"} {
		stem, found := strings.CutSuffix(file, ext)
		dash := strings.LastIndexByte(stem, '-')
		if found && dash > 0 && dash+1 < len(stem) && '0' <= stem[dash+1] && stem[dash+1] <= '9' {
			return stem[:dash], stem[dash+1:], true
		}
	}
	return "", "", false
}

// release is name and version such that wheel and source distribution of one release agree:
// names as PEP 503 has them, and the same for versions, whose + and - wheels write as _.
func release(name, version string) string {
	clean := func(s string) string {
		return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return strings.ContainsRune("-_.+", r) }), "-")
	}
	return clean(name) + " " + clean(version)
}

// buildFix says how to get a wheel from the source distribution at path.
func buildFix(path string) string {
	return "build a wheel of it, where Python and platform are the image's, and remove it: pip wheel --no-deps -w " +
		printable(filepath.Dir(path)) + " " + printable(path)
}

// Open opens the wheel for reading at any offset, from any goroutine. It fails with
// [ErrChanged] if the file is not the one that was found.
func (w WheelFile) Open() (*os.File, error) {
	f, err := os.Open(w.Path)
	if err != nil {
		return nil, hostError(w.Path, err)
	}
	now, err := f.Stat()
	if err == nil && !same(w.seen, now) {
		err = changed(w.Path)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// SHA256 reads the wheel and returns the digest of its bytes.
func (w WheelFile) SHA256(ctx context.Context) (digest [sha256.Size]byte, err error) {
	f, err := w.Open()
	if err != nil {
		return digest, err
	}
	g := &guarded{file: f, name: w.Path, seen: w.seen, left: w.Size}
	digest, err = sum(ctx, g, make([]byte, hashBuffer))
	return digest, errors.Join(err, g.Close())
}
