//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// projects are those of flowcheck's test; the README beside them says what their lines mean.
const (
	projects    = "../internal/flowcheck/testdata"
	projectHome = "/opt/prefect/demo"
)

// checked is a project, written below root as the image is to have it.
type checked struct {
	name string              // kind/name
	root string              // a folder NAME below that of all projects
	head map[string][]string // the lines of its head, by key
	want []string
	told []finding // what layerpack check says
	// image is the reference of what layerpack made of it.
	image string
	// placed are the absolute files that are not the project folder's.
	placed []string
}

// readProjects reads and writes all projects.
func readProjects(t *testing.T) (all []*checked) {
	t.Helper()
	dir := t.TempDir()
	files, err := filepath.Glob(projects + "/*/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, file := range files {
		kind := filepath.Base(filepath.Dir(file))
		name := kind + "/" + strings.TrimSuffix(filepath.Base(file), ".txtar")
		counts[kind]++
		all = append(all, readProject(t, dir, name, file))
	}
	if counts["broken"] < 40 || counts["sound"] < 40 {
		t.Fatalf("there are %d broken and %d sound projects, fewer than 40 of a kind", counts["broken"], counts["sound"])
	}
	t.Logf("%d broken and %d sound projects", counts["broken"], counts["sound"])
	return all
}

func readProject(t *testing.T, dir, name, file string) *checked {
	t.Helper()
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p := &checked{name: name, root: filepath.Join(dir, name), head: map[string][]string{}}
	for line := range strings.Lines(string(a.Comment)) {
		if key, value, ok := strings.Cut(strings.TrimSpace(strings.TrimPrefix(line, "#")), ":"); ok {
			p.head[key] = append(p.head[key], strings.TrimSpace(value))
		}
	}
	p.want = p.head["want"]
	if len(p.head["run"]) != 1 || len(p.head["fails"]) != 1 {
		t.Fatalf("%s does not say what to run and whether that fails", name)
	}
	for _, f := range a.Files {
		at := f.Name
		if !path.IsAbs(at) {
			at = path.Join(projectHome, at)
		}
		if !strings.HasPrefix(at, projectHome+"/") {
			p.placed = append(p.placed, at)
		}
		checkout{}.write(t, p.root+at, f.Data)
	}
	if err := os.MkdirAll(p.folder(), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, l := range p.head["link"] {
		from, to, _ := strings.Cut(l, " ")
		if err := os.Symlink(to, p.root+from); err != nil {
			t.Fatal(err)
		}
	}
	if text := p.prefectYAML(); text != "" {
		checkout{}.write(t, filepath.Join(p.folder(), "prefect.yaml"), []byte(text))
	}
	return p
}

// prefectYAML is the file of a person who deploys the entrypoints from the image; nothing where the flows are looked for, and
// where Prefect 1 wrote them.
func (p *checked) prefectYAML() string {
	var b strings.Builder
	for k, e := range p.head["entrypoint"] {
		what, dir, ok := strings.Cut(e, " in ")
		if !ok {
			dir = projectHome
		}
		if strings.HasSuffix(what, ".prefect") {
			return ""
		}
		fmt.Fprintf(&b, `- name: daily-%d
  entrypoint: %q
  pull:
  - prefect.deployments.steps.set_working_directory:
      directory: %q
  work_pool:
    name: docker
    job_variables:
      image: "{{ build-image.stdout }}"
`, k, what, dir)
	}
	if b.Len() == 0 {
		return ""
	}
	head := `name: demo
build:
- prefect.deployments.steps.run_shell_script:
    id: build-image
    script: layerpack -t registry.example/flows
deployments:
`
	for _, v := range p.head["prefect-version"] {
		head = "prefect-version: " + v + "\n" + head
	}
	return head + b.String()
}

// run is the line for the shell of the container, fails whether it is to fail.
func (p *checked) run() string { return p.head["run"][0] }
func (p *checked) fails() bool { return p.head["fails"][0] == "yes" }

func (p *checked) folder() string { return p.root + projectHome }
func (p *checked) kind() string   { return path.Dir(p.name) }

// label is the project's name where a slash is none.
func (p *checked) label() string { return path.Base(p.name) }

// refused reports whether a build is to refuse the project.
func (p *checked) refused() bool {
	return slices.ContainsFunc(p.want, func(w string) bool { return strings.HasPrefix(w, "error ") })
}

// words are layerpack's words for what the head says of the image.
func (p *checked) words(base string) []string {
	line := []string{"--base", base}
	line = append(line, "--source", p.folder()+":"+projectHome)
	var folders []string
	for _, f := range p.placed {
		// A folder beside the project's is one of the sources; what goes elsewhere is a file.
		if beside, ok := strings.CutPrefix(f, path.Dir(projectHome)+"/"); ok {
			name, _, _ := strings.Cut(beside, "/")
			if dir := path.Join(path.Dir(projectHome), name); !slices.Contains(folders, dir) {
				folders = append(folders, dir)
				line = append(line, "--source", p.root+dir+":"+dir)
			}
			continue
		}
		line = append(line, "--file", p.root+f+":"+f)
	}
	for key, flag := range map[string]string{"user": "--user", "workdir": "--workdir", "env": "--env"} {
		for _, v := range p.head[key] {
			line = append(line, flag, v)
		}
	}
	for _, v := range p.head["install"] {
		if dist := strings.Fields(v)[0]; dist != p.family() {
			line = append(line, "--pip", dist)
		}
	}
	if len(p.head["uninstall"]) > 0 {
		line = append(line, "--no-prefect")
	}
	for _, v := range p.head["image-entrypoint"] {
		for _, w := range strings.Fields(v) {
			line = append(line, "--entrypoint", w)
		}
	}
	return line
}

// family names the base by what it has that others have not.
func (p *checked) family() string {
	switch {
	case len(p.head["scripts"]) > 0:
		return "conda"
	case slices.Contains(p.head["uninstall"], "prefect"):
		return "plain"
	}
	for _, v := range p.head["install"] {
		if dist := strings.Fields(v)[0]; strings.HasPrefix(dist, "prefect==") {
			return dist
		}
	}
	return ""
}

// base names the base of the project: its family, or for what a build cannot give (modes that its folder has not, files as
// large as said) a variant of its own.
func (p *checked) base() string {
	own := func(key string) bool {
		return slices.ContainsFunc(p.head[key], func(line string) bool { return strings.Contains(line, " "+projectHome) || key == "mode" })
	}
	if own("mode") || own("size") {
		return p.name
	}
	return p.family()
}

// plain reports whether the image differs from that of other projects only by the project's files, and its run is of a line
// of Python.
func (p *checked) plain() bool {
	for _, key := range []string{"user", "workdir", "env", "install", "image-entrypoint", "without-entrypoint"} {
		if len(p.head[key]) > 0 {
			return false
		}
	}
	return p.base() == "" && strings.HasPrefix(p.run(), "python -c ") &&
		!slices.ContainsFunc(p.placed, func(f string) bool { return !strings.HasPrefix(f, path.Dir(projectHome)+"/") })
}
