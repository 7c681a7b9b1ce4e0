package flowcheck_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerpack/layerpack/internal/check"
	"github.com/layerpack/layerpack/internal/flowcheck"
	"github.com/layerpack/layerpack/internal/rootfs"
	"github.com/layerpack/layerpack/pkg/layers"
)

// image changes the sound project that testdata calls plain.
func image(t *testing.T, files map[string]string, edit func(p *project)) []check.Finding {
	t.Helper()
	p := read(t, "testdata/sound/plain.txtar")
	p.project.Entrypoints = nil
	for name, text := range files {
		p.files[name] = text
		p.img.Own = append(p.img.Own, name)
	}
	edit(p)
	return p.findings(t)
}

// expect compares findings with want lines, in any order.
func expect(t *testing.T, findings []check.Finding, want ...string) {
	t.Helper()
	p := &project{run: "x", fails: "x", want: want}
	compare(t, "any", p, findings)
}

func prefect1(p *project) {
	p.dist("prefect==1.4.1 prefect/__init__.py")
	p.img.Installed[0].Version = "1.4.1"
}

func TestPrefect1Script(t *testing.T) {
	files := map[string]string{
		"opt/prefect/flows/etl.py": "from prefect import Flow, Parameter, task\nfrom prefect.run_configs import KubernetesRun\nimport mod1\n\nwith Flow(\"etl\") as f:\n    pass\n",
		"modules/mod1.py":          "import mod2\n",
		"modules/mod2.py":          "",
	}
	entry := func(p *project) { prefect1(p); p.entrypoint("/opt/prefect/flows/etl.py:etl") }
	expect(t, image(t, files, func(p *project) { entry(p); p.img.Env["PYTHONPATH"] = "/modules" }))
	expect(t, image(t, files, entry), "error module-elsewhere /opt/prefect/flows/etl.py:3 --pythonpath /modules")
	// Prefect 1 executes the text: what lies beside it is not found, and relative imports have nothing to start from.
	beside := map[string]string{
		"opt/prefect/flows/etl.py":  "from prefect import Flow\nimport mod1\nfrom . import mod1 as again\nflow = Flow(\"x\")\n",
		"opt/prefect/flows/mod1.py": "",
	}
	expect(t, image(t, beside, entry), "error module-elsewhere /opt/prefect/flows/etl.py:2", "error relative-import /opt/prefect/flows/etl.py:3")
	none := map[string]string{"opt/prefect/flows/etl.py": "from prefect import task\n"}
	expect(t, image(t, none, entry), "error missing-name /opt/prefect/flows/etl.py defines no flow")
	two := map[string]string{"opt/prefect/flows/etl.py": "from prefect import flow, Flow\n"}
	expect(t, image(t, two, entry), "error prefect-name /opt/prefect/flows/etl.py:1 flow 1.4.1")
}

func TestPrefect3(t *testing.T) {
	three := func(p *project) {
		p.dist("prefect==3.4.0 prefect/__init__.py prefect/docker/__init__.py")
		p.entrypoint("flows.py:Jobs.hello")
		p.entrypoint("flows.py:plain")
	}
	files := map[string]string{"opt/prefect/demo/flows.py": "from prefect import flow\nfrom prefect.docker import DockerImage\nfrom prefect.transactions import transaction\n\nclass Jobs:\n    @staticmethod\n    @flow\n    def hello():\n        pass\n\ndef plain():\n    pass\n"}
	expect(t, image(t, files, three))
	files["opt/prefect/demo/flows.py"] += "from prefect.deployments import Deployment\nfrom prefect.filesystems import S3, LocalFileSystem\nimport prefect.infrastructure.container\n"
	expect(t, image(t, files, three), "error prefect-name /opt/prefect/demo/flows.py:13 flow.deploy", "error prefect-name /opt/prefect/demo/flows.py:14 prefect-aws", "error prefect-name /opt/prefect/demo/flows.py:15 container")
}

func TestWhatIsNotKnown(t *testing.T) {
	files := map[string]string{"opt/prefect/demo/flows.py": "from prefect import flow\nimport pandas\n\n@flow\ndef hello():\n    pass\n"}
	missing := "missing-module /opt/prefect/demo/flows.py:2 pandas"
	for _, c := range []struct {
		name string
		edit func(p *project)
		want []string
	}{
		{"all is known", func(*project) {}, []string{"error " + missing}},
		{"a path file of the base", func(p *project) { p.add(site+"editable.pth", 30) }, []string{"warning " + missing}},
		{"a sitecustomize", func(p *project) { p.add(site+"sitecustomize.py", 30) }, []string{"warning " + missing}},
		{"packages that come at start", func(p *project) { p.img.Env["EXTRA_PIP_PACKAGES"] = "pandas" }, []string{"warning " + missing}},
		{"PYTHONHOME", func(p *project) { p.img.Env["PYTHONHOME"] = "/opt/python" }, []string{"warning " + missing}},
		{"a zip on the path", func(p *project) {
			p.img.Env["PYTHONPATH"] += ":/opt/all.zip"
			p.add("opt/all.zip", 30)
		}, nil},
		{"installed out of sight", func(p *project) { p.dist("pandas==2.2.0") }, nil},
		{"the deployment's own path", func(p *project) {
			p.project.Entrypoints[0].Env = map[string]string{"PYTHONPATH": "/opt/extra"}
			p.add("opt/extra/pandas.py", 0)
		}, nil},
		{"a path that Prefect fills in", func(p *project) { p.project.Entrypoints[0].Unfilled = []string{"PYTHONPATH"} }, []string{"warning " + missing}},
		{"a folder that is assumed", func(p *project) { p.project.Entrypoints[0].Assumed = true }, []string{"warning " + missing}},
		{"no interpreter", func(p *project) { p.img.Python = nil }, nil},
		{"no profile", func(p *project) { p.img.Profile = nil }, []string{"error " + missing}},
		{"no content", func(p *project) { p.files = map[string]string{}; p.add("opt/prefect/demo/flows.py", 10) }, nil},
		{"no tree", func(p *project) { p.img.Own = nil; p.project.Entrypoints = nil }, nil},
		{"user packages", func(p *project) { p.add("root/.local/lib/python3.11/site-packages/pandas/__init__.py", 1) }, nil},
		{"bytecode alone", func(p *project) { p.add(site+"pandas.pyc", 1) }, nil},
		{"an extension module", func(p *project) { p.add(site+"pandas.cpython-311-x86_64-linux-gnu.so", 1) }, nil},
		{"of the stable ABI", func(p *project) { p.add(site+"pandas.abi3.so", 1) }, nil},
		{"of another Python", func(p *project) { p.add(site+"pandas.cpython-312-x86_64-linux-gnu.so", 1) }, []string{"error " + missing + " cpython-312"}},
		{"a folder that is not readable", func(p *project) {
			p.img.User, p.img.Env["HOME"] = "1000", "/tmp"
			p.add("opt/extra/pandas.py", 0)
			p.img.Env["PYTHONPATH"] += ":/opt/extra"
			p.modes["opt/extra"] = 0o700
		}, []string{"error unreadable-file /opt/prefect/demo/flows.py:2 /opt/extra"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			expect(t, image(t, files, func(p *project) { p.entrypoint("flows.py:hello"); c.edit(p) }), c.want...)
		})
	}
	if got := flowcheck.Findings(flowcheck.Image{}, flowcheck.Project{Discover: true}); got != nil {
		t.Errorf("of an image without a tree: %v", got)
	}
}

func TestInterpreterIsClosed(t *testing.T) {
	got := image(t, map[string]string{"opt/prefect/demo/helpers.py": ""}, func(p *project) {
		p.img.Python.Executable, p.img.User, p.img.Env["HOME"] = "/root/python/bin/python3.11", "1000:0", "/tmp"
		p.entries = append(p.entries, rootfs.Entry{Node: rootfs.Node{Path: "root/python/bin/python3.11", Kind: layers.File, Mode: 0o755}})
	})
	expect(t, got, "error program-not-found /root/python/bin/python3.11 /root 1000")
}

func TestGroups(t *testing.T) {
	files := map[string]string{"opt/prefect/demo/flows.py": "from prefect import flow\n\n@flow\ndef hello():\n    pass\n"}
	closed := func(user string) func(p *project) {
		return func(p *project) {
			p.entrypoint("flows.py:hello")
			p.img.User, p.img.Env["HOME"] = user, "/tmp"
			p.modes["opt/prefect/demo/flows.py"] = 0o640
		}
	}
	expect(t, image(t, files, closed("1000:0")))
	expect(t, image(t, files, closed("1000:root")))
	expect(t, image(t, files, closed("1001"))) // listed: he may be a member of the group
	expect(t, image(t, files, closed("1000:1000")), "error unreadable-file /opt/prefect/demo/flows.py 1000")
	expect(t, image(t, files, closed("1000:nobody")), "error unknown-user nobody")
	passwd := map[string]string{"etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnew:x:2000:2000::/home/new:/bin/sh\nbroken\n"}
	expect(t, image(t, passwd, func(p *project) { p.img.User, p.img.Env["HOME"] = "new", "/tmp" }), "warning named-user --user 2000")
}

// TestSameAgain asks twice, with the project's files in another order, and counts what is read.
func TestSameAgain(t *testing.T) {
	files, err := filepath.Glob("testdata/broken/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		first := read(t, file).findings(t)
		p := read(t, file)
		for a, b := 0, len(p.img.Own)-1; a < b; a, b = a+1, b-1 {
			p.img.Own[a], p.img.Own[b] = p.img.Own[b], p.img.Own[a]
		}
		p.findings(t) // builds the tree
		times := map[string]int{}
		inner := p.img.Read
		p.img.Read = func(name string) ([]byte, error) {
			times[name]++
			return inner(name)
		}
		if diff := cmp.Diff(first, flowcheck.Findings(p.img, p.project)); diff != "" {
			t.Errorf("%s: %s", file, diff)
		}
		for name, n := range times {
			if n > 1 || strings.HasPrefix(name, "/") {
				t.Errorf("%s: %s was read %d times", file, name, n)
			}
		}
	}
}

// TestFindingsAreWhole: each says what, why and what to do.
func TestFindingsAreWhole(t *testing.T) {
	files, err := filepath.Glob("testdata/broken/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		for _, f := range read(t, file).findings(t) {
			if f.Rule == "" || f.Subject == "" || f.Cause == "" || f.Fix == "" || strings.HasSuffix(f.Cause, ".") || strings.HasSuffix(f.Fix, ".") {
				t.Errorf("%s: %+v", file, f)
			}
		}
	}
}

// TestManyWays: modules that import two of the next layer each reach one cause in 2^60 ways.
func TestManyWays(t *testing.T) {
	files := map[string]string{"opt/prefect/demo/flows.py": "from prefect import flow\nimport a0\n\n@flow\ndef hello():\n    pass\n"}
	for k := range 60 {
		text := fmt.Sprintf("import a%d\nimport b%d\n", k+1, k+1)
		files[fmt.Sprintf("opt/prefect/demo/a%d.py", k)] = text
		files[fmt.Sprintf("opt/prefect/demo/b%d.py", k)] = text
	}
	files["opt/prefect/demo/a60.py"] = "import pandas\n"
	files["opt/prefect/demo/b60.py"] = "import " + strings.Repeat("a.", 1<<20) + "a\n"
	got := image(t, files, func(p *project) { p.entrypoint("flows.py:hello") })
	expect(t, got, "error missing-module /opt/prefect/demo/a60.py:1 pandas")
}
