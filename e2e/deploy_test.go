//go:build e2e && deploy

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestDeploy goes through Prefect's own front door: real Prefect of three generations, with a server each, and
// layerpack as the build step of prefect.yaml.
func TestDeploy(t *testing.T) {
	testDeploy(t, newRig(t))
}

// generation is a version of Prefect that deploys and runs.
type generation struct {
	name string // of its virtual environment
	pins string // what its image needs besides
	flow string // the deployment that is run as a worker would; starting Prefect takes long, so it is one for each
	// script: flow.deploy is there, since 2.13, and runs are started by the worker for Docker itself.
	script bool
	heeds  bool // a step that fails ends the deployment
	plain  bool // a base with Python alone will do: all that it needs is there as wheels
}

func testDeploy(t *testing.T, r *rig) {
	clients := setting(t, "LAYERPACK_E2E_PREFECT")
	for _, g := range []generation{
		{name: "2.20", flow: "orders/daily", script: true, heeds: true},
		{name: "3", flow: "weekly/sundays", script: true, heeds: true, plain: true},
		{name: "2.11", flow: "orders/daily", pins: "griffe<1 anyio<4 cachetools"},
	} {
		t.Run("Prefect"+g.name, func(t *testing.T) {
			t.Parallel()
			testGeneration(t, r, g, clients)
		})
	}
	t.Run("Prefect1", func(t *testing.T) {
		t.Parallel()
		testPrefect1(t, r, clients)
	})
}

// told is what the flows log when they run by their deployments.
func told(deployment string) string {
	switch deployment {
	case "orders/daily": // with the parameter of prefect.yaml
		return "orders of 3 days: kettle, toaster, coffee grinder"
	case "orders/scripted":
		return "orders of 2 days: kettle, toaster"
	default:
		return "weekly report of 3 lines"
	}
}

func testGeneration(t *testing.T, r *rig, g generation, clients string) {
	tools, calls := recorder(t, r)
	p := newPrefect(t, clients, g.name, tools)
	p.env = append(p.env, "XDG_CACHE_HOME="+r.cache)
	d := &deployed{rig: r, prefect: p, calls: calls, repository: r.host + "/deployed/" + g.name + "/shop"}
	d.base = prefectBase(t, r, p, g)
	d.prepare(t)
	t.Run("Deploy", d.testDeployed)
	if d.image == "" {
		return // the rest is about what was deployed
	}
	t.Run("PullStep", func(t *testing.T) { d.start(t, d.image, g.flow) })
	if g.script {
		t.Run("FlowDeploy", d.testFlowDeploy)
	}
	if g.plain {
		t.Run("PlainPython", d.testPlainPython)
	}
	t.Run("Failing", func(t *testing.T) { d.testFailing(t, g.heeds) })
}

// recorder makes a folder with a layerpack that writes each call's words into a file before it runs.
func recorder(t *testing.T, r *rig) (dir, calls string) {
	t.Helper()
	dir = t.TempDir()
	calls = filepath.Join(dir, "calls")
	script := fmt.Sprintf("#!/bin/sh\necho \"$@\" >>'%s'\nexec '%s' \"$@\"\n", calls, r.binary)
	if err := os.WriteFile(filepath.Join(dir, "layerpack"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir, calls
}

// prefectBase answers a base with that very Prefect: the rig's own, or one that layerpack makes of it.
func prefectBase(t *testing.T, r *rig, p *prefect, g generation) string {
	t.Helper()
	if g.name == "2.20" {
		return r.base
	}
	tag := r.host + "/" + baseRepository + ":" + p.version + "-python3.11"
	return r.ok(t, call{args: []string{"--base", r.base, "--no-source", "--pip", "prefect==" + p.version + " " + g.pins, "-t", tag}})
}

// deployed is the project under one Prefect.
type deployed struct {
	*rig
	prefect    *prefect
	base       string
	repository string
	calls      string // file with a line for each run of layerpack
	dir        string // the project
	image      string // its image, as layerpack names it
}

// prepare makes the project as a person of today has it, with Docker, and swaps the step.
func (d *deployed) prepare(t *testing.T) {
	t.Helper()
	d.dir = filepath.Join(t.TempDir(), "shop")
	checkout{}.copyTree(t, "deploy/project", d.dir)
	d.prefect.ok(t, d.dir, "prefect", "--no-prompt", "init", "--recipe", "docker", "--field", "image_name=shop", "--field", "tag=1")
	path := filepath.Join(d.dir, "prefect.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	part, err := os.ReadFile(filepath.Join(d.dir, "deployments.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	head, _, ok := strings.Cut(string(text), "deployments:\n")
	if !ok || !strings.Contains(head, "build_docker_image") {
		t.Fatalf("prefect init wrote another prefect.yaml:\n%s", text)
	}
	if err := os.WriteFile(path, append([]byte(head), part...), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(d.dir, "deployments.yaml")); err != nil {
		t.Fatal(err)
	}
	d.ok(t, call{dir: d.dir, args: []string{"init", "--base", d.base, "-t", "{{ $IMAGE }}", "--all", "--replace"}})
	d.prefect.env = append(d.prefect.env, "IMAGE="+d.repository)
	d.prefect.ok(t, d.dir, "prefect", "work-pool", "create", "shop", "--type", "docker")
}

// called answers what layerpack was called with since the last question.
func (d *deployed) called(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(d.calls)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(d.calls, 0); err != nil {
		t.Fatal(err)
	}
	return slices.Collect(strings.Lines(string(text)))
}

// record is what the server keeps of a deployment.
type record struct {
	ID         string
	Entrypoint string
	Path       string
	PullSteps  []map[string]any `json:"pull_steps"`
	Variables  map[string]any   `json:"job_variables"`
	Overrides  map[string]any   `json:"infra_overrides"` // the same, until 2.15
}

func (r record) image() any {
	if r.Variables == nil {
		return r.Overrides["image"]
	}
	return r.Variables["image"]
}

func (d *deployed) deployment(t *testing.T, name string) (got record) {
	t.Helper()
	d.prefect.ask(t, "/deployments/name/"+name, nil, &got)
	return got
}

// testDeployed deploys, and again, and says what moved and what the server was told.
func (d *deployed) testDeployed(t *testing.T) {
	deploy := func(words ...string) []*exchange {
		mark := d.traffic.mark()
		o := d.prefect.ok(t, d.dir, append([]string{"prefect", "--no-prompt", "deploy"}, words...)...)
		all := d.asked(mark)
		t.Logf("deploy %q: %d requests, %d bytes of blobs sent\n%s%s", words, len(all), uploaded(all), o.stdout, o.stderr)
		return all
	}
	if all := deploy("--name", "daily"); len(finished(all)) == 0 || len(manifestsPut(all)) == 0 {
		t.Errorf("the first deployment sent no image:\n%s", requests(all))
	}
	d.alike(t, 1, "orders/daily")
	// The same words as in the step: what they print is the image, to the byte.
	words := []string{"--base", d.base, "--tag", d.repository}
	d.image = d.ok(t, call{dir: d.dir, args: words})
	if !strings.HasPrefix(d.image, d.repository+":") {
		t.Fatalf("standard output is %q", d.image)
	}
	nothing := func(all []*exchange) {
		t.Helper()
		if uploaded(all) != 0 || len(manifestsPut(all)) != 0 {
			t.Errorf("%d bytes of blobs and the manifests %q were sent again:\n%s", uploaded(all), manifestsPut(all), requests(all))
		}
	}
	nothing(deploy("--name", "sundays"))
	d.alike(t, 1, "orders/daily", "weekly/sundays")
	// A runner that was born a second ago deploys all.
	defer d.also("XDG_CACHE_HOME=" + t.TempDir())()
	nothing(deploy("--all"))
	d.alike(t, 2, "orders/daily", "weekly/sundays")
}

// asked is what went past since the mark, of this project.
func (d *deployed) asked(mark int) []*exchange {
	repository := strings.TrimPrefix(d.repository, d.host)
	return slices.DeleteFunc(d.traffic.since(mark), func(e *exchange) bool { return !strings.HasPrefix(e.path, "/v2"+repository+"/") })
}

// also sets variables for what is run until the function that it answers is called.
func (d *deployed) also(env ...string) (back func()) {
	before := d.prefect.env
	d.prefect.env = append(slices.Clip(before), env...)
	return func() { d.prefect.env = before }
}

// alike: layerpack ran that often, and deployments have its image, to the byte.
func (d *deployed) alike(t *testing.T, calls int, names ...string) {
	t.Helper()
	if got := d.called(t); len(got) != calls {
		t.Errorf("layerpack was called %d times, want %d: %q", len(got), calls, got)
	}
	for _, name := range names {
		got := d.deployment(t, name)
		if d.image != "" && got.image() != d.image {
			t.Errorf("the image of %s is %q, layerpack printed %q", name, got.image(), d.image)
		}
		if len(got.PullSteps) != 1 {
			t.Errorf("%s has the pull steps %v", name, got.PullSteps)
		}
	}
}
