//go:build e2e

package e2e

import (
	"archive/tar"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// projectBases makes the bases of the projects, by what [checked.base] answers: one for each family, and for each project
// that needs what a build cannot give one more, with its files and folders as they are to be found.
func (r *rig) projectBases(t *testing.T, all []*checked) map[string]string {
	t.Helper()
	families := r.families(t)
	bases := map[string]string{}
	for _, p := range all {
		family, ok := families[p.family()]
		if !ok {
			t.Fatalf("%s: there is no base %q", p.name, p.family())
		}
		bases[p.family()] = family
		if p.base() != p.family() {
			bases[p.base()] = p.variant(t).push(t, family, r.host+"/check/base:"+p.label())
		}
	}
	for name := range families {
		if bases[name] == "" {
			t.Errorf("no project needs the base %q", name)
		}
	}
	return bases
}

// families makes the bases that projects have in common, each with the user app: the rig's own, with the bytecode that pip
// leaves in the official image; one of Python alone; and on that, made by layerpack, two of Prefect 3; and a conda base.
func (r *rig) families(t *testing.T) map[string]string {
	t.Helper()
	c := r.podman().start(t, r.base, nil)
	app := appUser(t, c.root)
	own := &appended{heads: slices.Clone(app.heads), texts: slices.Clone(app.texts)}
	own.bytecode(t, c)
	families := map[string]string{
		"":      own.push(t, r.base, r.host+"/check/base:app"),
		"plain": app.push(t, r.slimBase(t), r.host+"/check/base:plain"),
		"conda": app.push(t, r.condaBase(t), r.host+"/check/base:conda"),
	}
	index := startIndex(t, t.TempDir(), true)
	for _, version := range []string{"3.7.1", "3.7.6"} {
		families["prefect=="+version] = r.prefectBase(t, families["plain"], version, index)
	}
	return families
}

// prefectBase is what the README calls the base of another version: Prefect installed by layerpack, started as the official
// images start it.
func (r *rig) prefectBase(t *testing.T, plain, version string, index *index) string {
	t.Helper()
	text, err := os.ReadFile("base/entrypoint.sh")
	if err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(t.TempDir(), "entrypoint.sh")
	if err := os.WriteFile(script, text, 0o755); err != nil {
		t.Fatal(err)
	}
	args := []string{
		"--base", plain, "--no-source", "--pip", "prefect==" + version, "--workdir", "/opt/prefect",
		"--file", script + ":/opt/prefect/entrypoint.sh", "-t", r.host + "/check/base:" + version,
	}
	for _, word := range []string{"/usr/bin/tini", "-g", "--", "/opt/prefect/entrypoint.sh"} {
		args = append(args, "--entrypoint", word)
	}
	return r.ok(t, call{env: []string{"PIP_INDEX_URL=" + index.simple()}, args: args})
}

func here(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// appUser is the user that the projects' image has beside root, as a container's files must be changed for it.
func appUser(t *testing.T, root string) *appended {
	t.Helper()
	var b appended
	for file, line := range map[string]string{"etc/passwd": "app:x:1001:1001::/home/app:/bin/sh\n", "etc/group": "app:x:1001:\n"} {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		b.file(file, 0o644, string(text)+line)
	}
	b.dir("home/app", 0o755, 1001)
	return &b
}

// bytecode adds what Python compiles when a sound project is run in the container.
func (b *appended) bytecode(t *testing.T, c container) {
	t.Helper()
	p := readProject(t, t.TempDir(), "sound/plain", projects+"/sound/plain.txtar")
	script, err := os.ReadFile(p.folder() + "/flows.py")
	if err == nil {
		err = os.WriteFile(c.root+"/tmp/flows.py", script, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	if o := c.exec(t, "--workdir", "/tmp", c.id, "sh", "-c", p.run()); o.code != 0 {
		t.Fatalf("%q ended with %d\n%s%s", p.run(), o.code, o.stdout, o.stderr)
	}
	n := 0
	err = filepath.WalkDir(c.root+"/usr/local/lib", func(name string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Base(filepath.Dir(name)) != "__pycache__" {
			return err
		}
		text, err := os.ReadFile(name)
		n++
		b.file(strings.TrimPrefix(name, c.root+"/"), 0o644, string(text))
		return err
	})
	if err != nil || n < 1000 {
		t.Fatalf("%d files of bytecode were found (%v)", n, err)
	}
}

// variant are the files and folders of a project whose modes are said, and those of which the size is. A file stays out of
// the source: it is the base's.
func (p *checked) variant(t *testing.T) *appended {
	t.Helper()
	var b appended
	for _, line := range p.head["mode"] {
		octal, name, _ := strings.Cut(line, " ")
		mode, err := strconv.ParseInt(octal, 8, 64)
		if err != nil {
			t.Fatal(err)
		}
		i, err := os.Stat(p.root + name)
		switch {
		case errors.Is(err, fs.ErrNotExist): // a distribution brings it
			continue
		case err != nil:
			t.Fatal(err)
		case i.IsDir():
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
	for _, line := range p.head["size"] {
		size, name, _ := strings.Cut(line, " ")
		n, err := strconv.Atoi(size)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(name, projectHome+"/") {
			b.file(name[1:], 0o644, strings.Repeat("\x00", n))
		}
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
