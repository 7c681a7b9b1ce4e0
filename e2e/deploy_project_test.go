//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// deployed is a project under one Prefect.
type deployed struct {
	*rig
	prefect    *prefect
	base       string
	repository string // where its image goes: what prefect.yaml knows as $IMAGE
	records    string // folder of what layerpack was called with and said
	dir        string // the project
	yaml       string // prefect.yaml of the project as it is with Docker
	image      string // its image, as layerpack printed it
}

// newDeployed prepares a place for a project: the layerpack on its PATH keeps records.
func newDeployed(t *testing.T, r *rig, p *prefect, name string) *deployed {
	t.Helper()
	d := &deployed{rig: r, records: t.TempDir(), dir: filepath.Join(t.TempDir(), "shop")}
	d.repository = r.host + "/deployed/" + p.name + "/" + name
	// Both streams are passed on as they come. The files are complete when the streams end.
	script := fmt.Sprintf(`#!/bin/bash
records=%q
echo "$*" >>"$records/calls"
exec %q "$@" > >(exec tee -a "$records/stdout") 2> >(exec tee -a "$records/stderr" >&2)
`, d.records, r.binary)
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "layerpack"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	d.prefect = p.with("PATH="+strings.Join([]string{p.bin, bin, "/usr/bin", "/bin"}, ":"), "IMAGE="+d.repository)
	return d
}

// template is prefect.yaml of today's project, with Docker: what prefect init writes, and the deployments.
func (d *deployed) template(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "shop")
	checkout{}.copyTree(t, "deploy/project", dir)
	d.prefect.ok(t, dir, "prefect", "--no-prompt", "init", "--recipe", "docker", "--field", "image_name=shop", "--field", "tag=1")
	text, part := contents(t, filepath.Join(dir, "prefect.yaml")), contents(t, "deploy/deployments.yaml")
	head, _, ok := strings.Cut(text, "deployments:\n")
	if !ok || !strings.Contains(head, "build_docker_image") {
		t.Fatalf("prefect init wrote another prefect.yaml:\n%s", text)
	}
	return head + part
}

// project makes the project with a prefect.yaml, in which layerpack swaps the step.
func (d *deployed) project(t *testing.T, yaml string, words ...string) {
	t.Helper()
	checkout{}.copyTree(t, "deploy/project", d.dir)
	d.rewrite(t, "", yaml)
	if len(words) > 0 {
		d.ok(t, call{dir: d.dir, args: slices.Concat([]string{"init"}, words, []string{"--all", "--replace"})})
	}
}

// rewrite replaces a text of prefect.yaml, or "" for all of it.
func (d *deployed) rewrite(t *testing.T, before, after string) {
	t.Helper()
	path := filepath.Join(d.dir, "prefect.yaml")
	if before != "" {
		text := contents(t, path)
		if strings.Count(text, before) != 1 {
			t.Fatalf("prefect.yaml has %q %d times:\n%s", before, strings.Count(text, before), text)
		}
		after = strings.Replace(text, before, after, 1)
	}
	if err := os.WriteFile(path, []byte(after), 0o644); err != nil {
		t.Fatal(err)
	}
}

func contents(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// said is what layerpack was called with and what it said, in all the runs since the last question.
type said struct {
	calls          []string
	stdout, stderr string
}

func (d *deployed) said(t *testing.T) (s said) {
	t.Helper()
	for _, f := range []struct {
		name string
		into *string
	}{{"stdout", &s.stdout}, {"stderr", &s.stderr}} {
		*f.into = d.taken(t, f.name)
	}
	s.calls = slices.Collect(strings.Lines(d.taken(t, "calls")))
	return s
}

// taken reads one of the records, which then begins anew.
func (d *deployed) taken(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(d.records, name)
	text := contents(t, path)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	return text
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

// asked is what went past since the mark, of this project's repository and those below it.
func (d *deployed) asked(mark int) []*exchange {
	repository := strings.TrimPrefix(d.repository, d.host)
	return slices.DeleteFunc(d.traffic.since(mark), func(e *exchange) bool { return !strings.HasPrefix(e.path, "/v2"+repository+"/") })
}

// deploy runs prefect deploy, whatever comes of it, and answers what went past of this project's.
func (d *deployed) deploy(t *testing.T, words ...string) (outcome, []*exchange) {
	t.Helper()
	mark := d.traffic.mark()
	o := d.prefect.run(t, d.dir, slices.Concat([]string{"prefect", "--no-prompt", "deploy"}, words)...)
	all := d.asked(mark)
	t.Logf("deploy %q: %d requests, %d bytes of blobs sent", words, len(all), uploaded(all))
	return o, all
}

// deploys runs prefect deploy, which must succeed.
func (d *deployed) deploys(t *testing.T, words ...string) []*exchange {
	t.Helper()
	o, all := d.deploy(t, words...)
	if o.code != 0 {
		t.Fatalf("Prefect %s: deploy %q ended with %d\n%s%s", d.prefect.version, words, o.code, o.stdout, o.stderr)
	}
	return all
}
