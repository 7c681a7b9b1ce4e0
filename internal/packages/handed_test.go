package packages

import (
	"crypto/sha512"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/internal/fakewheel"
	"github.com/layerpack/layerpack/internal/spec"
)

// TestHanded: of wheels at hand, those alone that a lock's hashes name are the lock's; nobody is asked for them.
func TestHanded(t *testing.T) {
	app, wrong, other := pure("app", "1.0"), pure("app", "1.0"), pure("app", "1.0")
	wrong.Files = map[string]string{"app.py": "evil"}
	other.Tag = "cp312-cp312-manylinux_2_17_x86_64"
	sum := sumOf(bytesOf(app))
	lock := "lock-version = '1.0'\ncreated-by = 'x'\n[[packages]]\nname = 'app'\nversion = '1.0'\n[[packages.wheels]]\n" +
		"url = 'http://localhost/files/" + app.Filename() + "'\nhashes = {sha256 = '" + sum + "'}\n"
	files := map[string]string{
		"pylock.toml": lock, "r.txt": "app==1.0 --hash=sha256:" + strings.Repeat("0", 64) + " --hash=sha256:" + sum,
		"odd.txt": "app==1.0 --hash=sha256:" + sum + " --hash=sha256:" + sumOf(bytesOf(other)),
	}
	for name, c := range map[string]struct {
		file string
		hand []fakewheel.Wheel
		want int // place at hand; -1 is the index
	}{
		"the lock's":          {"pylock.toml", []fakewheel.Wheel{pure("part", "1.0"), app}, 1},
		"another's bytes":     {"pylock.toml", []fakewheel.Wheel{wrong}, -1},
		"the second":          {"pylock.toml", []fakewheel.Wheel{wrong, app}, 1},
		"of hashes":           {"r.txt", []fakewheel.Wheel{wrong, app}, 1},
		"of hashes, another":  {"r.txt", []fakewheel.Wheel{wrong}, -1},
		"hashed, for another": {"odd.txt", []fakewheel.Wheel{other, app}, 1},
		"nothing":             {"pylock.toml", nil, -1},
	} {
		s := &shelf{wheels: []fakewheel.Wheel{app}}
		found, err := newProject(t, files, spec.Packages{Files: []string{c.file}}, s).hand(c.hand...).Find(t.Context(), debian())
		if err != nil || len(found.Wheels) != 1 {
			t.Errorf("%s: %+v: %v", name, found, err)
			continue
		}
		if w := found.Wheels[0]; w.Hand != c.want || w.SHA256 != sum && w.SHA256 != "" || w.File != app.Filename() {
			t.Errorf("%s: %+v", name, w)
		}
		if c.want >= 0 && len(s.asked) > 0 {
			t.Errorf("%s: asked for %q", name, s.asked)
		}
	}
}

// TestAnyHash: what one of several hashes says of a wheel is not what the wheel has, until it has been read.
func TestAnyHash(t *testing.T) {
	app := pure("app", "1.0")
	strong := sha512.Sum512(bytesOf(app))
	zero, right := "--hash=sha256:"+strings.Repeat("0", 64), "--hash=sha256:"+sumOf(bytesOf(app))
	at512 := "--hash=sha512:" + hex.EncodeToString(strong[:])
	url := "http://localhost/files/" + app.Filename()
	for line, want := range map[string]string{
		url + " " + zero + " " + at512:   "",
		url + " " + at512:                "",
		url + " " + right + " " + zero:   "",
		url + " " + right:                sumOf(bytesOf(app)),
		"app==1.0 " + zero + " " + right: sumOf(bytesOf(app)), // the index has it
		"app==1.0 " + right:              sumOf(bytesOf(app)),
		url + "#sha256=" + right[len("--hash=sha256:"):] + " " + at512: sumOf(bytesOf(app)),
	} {
		p := newProject(t, map[string]string{"r.txt": line}, spec.Packages{Files: []string{"r.txt"}}, &shelf{wheels: []fakewheel.Wheel{app}})
		found, err := p.Find(t.Context(), debian())
		if err != nil || len(found.Wheels) != 1 {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if w := &found.Wheels[0]; w.SHA256 != want || !w.Promised() || w.Path() != "" {
			t.Errorf("%s: sha256 %q, want %q", line, w.SHA256, want)
		}
	}
}
