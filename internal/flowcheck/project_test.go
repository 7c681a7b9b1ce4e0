package flowcheck_test

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/layerpack/layerpack/internal/baseimage"
	"github.com/layerpack/layerpack/internal/check"
	"github.com/layerpack/layerpack/internal/flowcheck"
	"github.com/layerpack/layerpack/internal/rootfs"
	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/pipwheel"
)

const (
	site = "usr/local/lib/python3.11/site-packages/"
	lib  = "usr/local/lib/python3.11/"
	home = "/opt/prefect/demo"
)

// project is one txtar file of testdata: testdata/README.md says what its lines mean.
type project struct {
	img     flowcheck.Image
	project flowcheck.Project
	want    []string
	run     string
	fails   string
	entries []rootfs.Entry
	files   map[string]string
	modes   map[string]uint32
	links   map[string]string
	sizes   map[string]int64
}

func read(t *testing.T, file string) *project {
	t.Helper()
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p := &project{files: map[string]string{}, modes: map[string]uint32{}, links: map[string]string{}, sizes: map[string]int64{}}
	p.project.Discover = true
	p.img = flowcheck.Image{
		Workdir: home,
		Env:     map[string]string{"PATH": "/usr/local/bin:/usr/bin:/bin", "PYTHONPATH": home},
		Entrypoint: []string{
			"/usr/bin/tini", "-g", "--", "/opt/prefect/entrypoint.sh",
		},
		Profile: &baseimage.Profile{
			Users:  map[string]baseimage.User{"root": {Home: "/root"}, "app": {UID: 1001, GID: 1001, Home: "/home/app"}},
			Groups: map[string]int{"root": 0, "app": 1001}, SiteDirs: []string{"/" + strings.TrimSuffix(site, "/")},
		},
		Python: python(),
	}
	p.base()
	p.dist("prefect==2.20.26 prefect/__init__.py prefect/flows.py prefect/deployments/__init__.py")
	for _, d := range []string{
		"pydantic==2.12.5 pydantic/__init__.py", "PyYAML==6.0.2 yaml/__init__.py", "httpx==0.28.1 httpx/__init__.py", "cloudpickle==3.1.1 cloudpickle/__init__.py",
		"python-dateutil==2.9.0 dateutil/__init__.py dateutil/parser/__init__.py", "rich==13.9.4 rich/__init__.py rich/console.py", "pytz==2025.2 pytz/__init__.py",
		"SQLAlchemy==2.0.35 sqlalchemy/__init__.py", "typing_extensions==4.14.0 typing_extensions.py",
	} {
		p.dist(d)
	}
	for line := range strings.Lines(string(a.Comment)) {
		if key, value, ok := strings.Cut(strings.TrimSpace(strings.TrimPrefix(line, "#")), ":"); ok {
			p.line(t, key, strings.TrimSpace(value))
		}
	}
	for _, f := range a.Files {
		name := strings.TrimPrefix(path.Join(home, f.Name), "/")
		if path.IsAbs(f.Name) {
			name = strings.TrimPrefix(f.Name, "/")
		}
		p.files[name] = string(f.Data)
		p.img.Own = append(p.img.Own, name)
	}
	return p
}

// python is the interpreter of prefecthq's images.
func python() *pipwheel.Target {
	packages := "/" + strings.TrimSuffix(site, "/")
	return &pipwheel.Target{
		Version: "3.11.9", Implementation: "cpython", Machine: "x86_64", Executable: "/usr/local/bin/python3.11",
		Scheme: pipwheel.Scheme{Purelib: packages, Platlib: packages, Scripts: "/usr/local/bin", Data: "/usr/local", Stdlib: "/" + strings.TrimSuffix(lib, "/")},
	}
}

// base are the folders and files of a small image with Python 3.11.
func (p *project) base() {
	p.dir("root", 0o700)
	p.dir("tmp", 0o1777)
	p.dir("home/app", 0o755)
	p.entries[len(p.entries)-1].UID = 1001
	for _, f := range []string{
		"usr/local/bin/python3.11", "usr/local/bin/prefect", "usr/bin/tini", "opt/prefect/entrypoint.sh",
	} {
		p.entries = append(p.entries, rootfs.Entry{Node: rootfs.Node{Path: f, Kind: layers.File, Mode: 0o755}})
	}
	for _, f := range []string{"os.py", "logging/__init__.py", "asyncio/__init__.py", "random.py", "types.py", "tkinter/__init__.py", "lib-dynload/_json.cpython-311-x86_64-linux-gnu.so"} {
		p.add(lib+f, 0)
	}
}

func (p *project) dir(name string, mode uint32) {
	p.entries = append(p.entries, rootfs.Entry{Node: rootfs.Node{Path: name, Kind: layers.Dir, Mode: mode}})
}

func (p *project) add(name string, size int64) {
	p.entries = append(p.entries, rootfs.Entry{Node: rootfs.Node{Path: name, Kind: layers.File, Mode: 0o644, Size: size}})
}

func (p *project) dist(value string) {
	words := strings.Fields(value)
	name, version, _ := strings.Cut(words[0], "==")
	d := check.Distribution{Name: name, Version: version}
	p.img.Installed = append([]check.Distribution{d}, p.img.Installed...)
	for _, f := range words[1:] {
		if strings.HasPrefix(f, "/") {
			p.add(f[1:], 0)
		} else {
			p.add(site+f, 0)
		}
	}
}

// line reads one line of the head.
func (p *project) line(t *testing.T, key, value string) {
	switch key {
	case "run":
		p.run = value
	case "fails":
		p.fails = value
	case "want":
		p.want = append(p.want, value)
	case "user":
		p.img.User = value
	case "workdir":
		p.img.Workdir = value
	case "env":
		k, v, _ := strings.Cut(value, "=")
		p.img.Env[k] = v
	case "python":
		p.img.Python.Version = value
	case "install":
		p.dist(value)
	case "uninstall":
		p.img.Installed = slices.DeleteFunc(p.img.Installed, func(d check.Distribution) bool { return d.Name == value })
		p.entries = slices.DeleteFunc(p.entries, func(e rootfs.Entry) bool { return strings.HasPrefix(e.Path, site+value+"/") })
	case "scripts":
		p.img.Python.Scheme.Scripts = value
		p.entries = slices.DeleteFunc(p.entries, func(e rootfs.Entry) bool {
			return path.Base(e.Path) == "prefect" && strings.HasPrefix(e.Path, "usr/local/bin")
		})
		p.entries = append(p.entries, rootfs.Entry{Node: rootfs.Node{Path: value[1:] + "/prefect", Kind: layers.File, Mode: 0o755}})
	case "image-entrypoint":
		p.img.Entrypoint = strings.Fields(value)
	case "prefect-version":
		p.project.Prefect = value
	case "mode":
		mode, name, _ := strings.Cut(value, " ")
		m, err := strconv.ParseUint(mode, 8, 32)
		if err != nil {
			t.Fatal(err)
		}
		p.modes[strings.TrimPrefix(name, "/")] = uint32(m)
	case "link":
		name, target, _ := strings.Cut(value, " ")
		p.links[strings.TrimPrefix(name, "/")] = target
	case "size":
		size, name, _ := strings.Cut(value, " ")
		n, err := strconv.ParseInt(size, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		p.sizes[strings.TrimPrefix(name, "/")] = n
	case "entrypoint":
		p.entrypoint(value)
	}
}

// entrypoint reads "flows.py:hello", with " in DIR" for a set_working_directory.
func (p *project) entrypoint(value string) {
	what, dir, steps := strings.Cut(value, " in ")
	e := flowcheck.Entrypoint{Dir: dir, Steps: steps, Origin: "deployment daily"}
	if file, name, ok := strings.Cut(what, ":"); ok || strings.HasSuffix(file, ".prefect") {
		e.File, e.Name = file, name
	} else {
		k := strings.LastIndexByte(what, '.')
		e.Module, e.Name = what[:k], what[k+1:]
	}
	p.project.Entrypoints = append(p.project.Entrypoints, e)
}

func (p *project) findings(t *testing.T) []check.Finding {
	t.Helper()
	for name, size := range p.sizes {
		p.add(name, size)
	}
	for name, text := range p.files {
		p.add(name, int64(len(text)))
	}
	for name, target := range p.links {
		p.entries = append(p.entries, rootfs.Entry{Node: rootfs.Node{Path: name, Kind: layers.Symlink, Target: target}})
	}
	for k := range p.entries {
		if m, ok := p.modes[p.entries[k].Path]; ok {
			p.entries[k].Mode = m
			delete(p.modes, p.entries[k].Path)
		}
	}
	for name, m := range p.modes {
		p.dir(name, m)
	}
	slices.SortStableFunc(p.entries, func(a, b rootfs.Entry) int { return strings.Compare(a.Path, b.Path) })
	tree := rootfs.New()
	if err := tree.Apply(p.entries); err != nil {
		t.Fatal(err)
	}
	p.img.Tree = tree
	p.project.Sources = []string{home, "/opt/prefect/shared", "/opt/prefect/modules", "/opt/prefect/jobs"}
	p.img.Read = func(name string) ([]byte, error) {
		if text, ok := p.files[name]; ok {
			return []byte(text), nil
		}
		return nil, flowcheck.ErrUnknown
	}
	return flowcheck.Findings(p.img, p.project)
}

// says is a finding as testdata writes it.
func says(f check.Finding) string {
	severity := "error"
	if f.Warning {
		severity = "warning"
	}
	return fmt.Sprintf("%s %s %s: %s; %s", severity, f.Rule, f.Subject, f.Cause, f.Fix)
}

// matches reports whether a finding is the one that a want line asks for: severity, rule, subject, and each further word in its text.
func matches(want string, f check.Finding) bool {
	words := strings.Fields(want)
	if len(words) < 2 || !strings.HasPrefix(says(f), words[0]+" "+words[1]+" ") {
		return false
	}
	for k, w := range words[2:] {
		if k == 0 && strings.HasPrefix(w, "/") && strings.HasPrefix(f.Subject, "/") && !strings.HasPrefix(f.Subject, w) || !strings.Contains(says(f), w) {
			return false
		}
	}
	return true
}

// TestProjects reads every project of testdata: the broken ones have exactly the findings that they want, sound ones no error,
// and no warning but those that they want.
func TestProjects(t *testing.T) {
	counts := map[string]int{}
	for _, kind := range []string{"broken", "sound"} {
		files, err := filepath.Glob("testdata/" + kind + "/*.txtar")
		if err != nil {
			t.Fatal(err)
		}
		counts[kind] = len(files)
		for _, file := range files {
			t.Run(kind+"/"+strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
				p := read(t, file)
				compare(t, kind, p, p.findings(t))
			})
		}
	}
	if counts["broken"] < 40 || counts["sound"] < 40 {
		t.Errorf("there are %d broken and %d sound projects, fewer than 40 of a kind", counts["broken"], counts["sound"])
	}
}

func compare(t *testing.T, kind string, p *project, findings []check.Finding) {
	t.Helper()
	if p.run == "" || p.fails == "" {
		t.Error("it does not say what to run and whether that fails")
	}
	if kind == "broken" && len(p.want) == 0 {
		t.Error("a broken project wants no finding")
	}
	left := slices.Clone(p.want)
	for _, f := range findings {
		if kind == "sound" && !f.Warning {
			t.Errorf("a false error: %s", says(f))
		}
		k := slices.IndexFunc(left, func(w string) bool { return matches(w, f) })
		if k < 0 {
			t.Errorf("not wanted: %s", says(f))
			continue
		}
		left = slices.Delete(left, k, k+1)
	}
	for _, w := range left {
		t.Errorf("missing: %s", w)
	}
}
