//go:build e2e

package e2e

import (
	"archive/tar"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// projectBases makes the bases of the projects, by what [checked.base] answers: the rig's own with the user app, and for each
// project that needs modes one more with its files and folders as they are to be found.
func (r *rig) projectBases(t *testing.T, all []*checked) map[string]string {
	t.Helper()
	etc := r.podman().start(t, r.base, nil)
	var b appended
	for file, line := range map[string]string{"etc/passwd": "app:x:1001:1001::/home/app:/bin/sh\n", "etc/group": "app:x:1001:\n"} {
		text, err := os.ReadFile(filepath.Join(etc.root, file))
		if err != nil {
			t.Fatal(err)
		}
		b.file(file, 0o644, string(text)+line)
	}
	b.dir("home/app", 0o755, 1001)
	bases := map[string]string{"": b.push(t, r.base, r.host+"/check/base:app")}
	for _, p := range all {
		if p.base() != "" {
			bases[p.base()] = p.modes(t).push(t, bases[""], r.host+"/check/base:"+p.label())
		}
	}
	return bases
}

// modes are the files and folders of a project whose modes are said. A file stays out of the source: it is the base's.
func (p *checked) modes(t *testing.T) *appended {
	t.Helper()
	var b appended
	for _, line := range p.head["mode"] {
		octal, name, _ := strings.Cut(line, " ")
		mode, err := strconv.ParseInt(octal, 8, 64)
		if err != nil {
			t.Fatal(err)
		}
		i, err := os.Stat(p.root + name)
		if err != nil {
			t.Fatal(err)
		}
		if i.IsDir() {
			b.dir(name[1:], mode, 0)
			continue
		}
		text, err := os.ReadFile(p.root + name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(p.root + name); err != nil {
			t.Fatal(err)
		}
		b.file(name[1:], mode, string(text))
	}
	return &b
}

// appended is what a layer brings that another tool puts on an image.
type appended struct {
	heads []tar.Header
	texts []string
}

func (b *appended) dir(name string, mode int64, owner int) {
	b.heads = append(b.heads, tar.Header{Typeflag: tar.TypeDir, Name: name + "/", Mode: mode, Uid: owner, Gid: owner})
	b.texts = append(b.texts, "")
}

func (b *appended) file(name string, mode int64, text string) {
	b.heads = append(b.heads, tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: mode, Size: int64(len(text))})
	b.texts = append(b.texts, text)
}

// push appends the layer to base and answers the reference of the result.
func (b *appended) push(t *testing.T, base, tag string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), path.Base(tag)+".tar")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := tar.NewWriter(f)
	for k := range b.heads {
		if err := w.WriteHeader(&b.heads[k]); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(b.texts[k])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	command(t, "crane", "append", "--platform", "linux/amd64", "--base", base, "--new_layer", name, "--new_tag", tag)
	return tag
}
