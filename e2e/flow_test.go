//go:build e2e

package e2e

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// runFlow runs the flow as a person would try it, and says how it ended.
const runFlow = `
from flows import docker_flow
state = docker_flow(return_state=True)
print("state:", state.type.value)
`

// demo is the command line of the person in the project folder.
func (r *rig) demo(project, tag string) call {
	return call{dir: project, args: []string{
		"--base", r.base, "--wheels", r.wheels,
		"--file", "../modules/seasons.py:/opt/modules/seasons.py", "--pythonpath", "/opt/modules",
		"-t", tag,
	}}
}

// testFlow is the main job: one command, and the image runs the flow.
func testFlow(t *testing.T, r *rig) {
	tag := r.host + "/team/demo:1"
	project := checkout{}.project(t)
	before := list(t, project)
	if out := r.ok(t, r.demo(project, tag)); out != tag {
		t.Errorf("standard output is %q, want the reference %q alone", out, tag)
	}
	if after := list(t, project); !slices.Equal(before, after) {
		t.Errorf("the project folder held %q, and now %q", before, after)
	}
	testConfig(t, r, tag)
	for _, e := range r.engines {
		t.Run(e.name, func(t *testing.T) {
			o := e.run(t, tag, "python", "-c", runFlow)
			if o.code != 0 || !strings.Contains(o.stdout, "state: COMPLETED") {
				t.Errorf("the flow did not complete (exit code %d)\n%s%s", o.code, o.stdout, o.stderr)
			}
			if !strings.Contains(o.stdout+o.stderr, "forecast 172.0 for winter from 24 months with pandas ") {
				t.Errorf("the flow's log line is missing\n%s%s", o.stdout, o.stderr)
			}
			want := e.run(t, r.base, "pip", "check").stdout
			if got := e.run(t, tag, "pip", "check"); got.stdout != want || got.code != 0 {
				t.Errorf("pip check ended with %d and says\n%s\nin the base\n%s", got.code, got.stdout, want)
			}
			if got, want := e.sh(t, tag, "pwd; cat /proc/1/comm; find . -type f | LC_ALL=C sort"), strings.Join([]string{
				"/opt/prefect/demo", "tini", "./.dockerignore", "./data/README", "./flows.py", "./requirements.txt",
				"./sales/__init__.py", "./sales/forecast.py", "./sales/history.py", "./sales/look.ipynb",
			}, "\n"); got != want {
				t.Errorf("the working directory in the container:\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// testConfig holds the image's config against the base's: nothing lost, only what was asked added.
func testConfig(t *testing.T, r *rig, tag string) {
	t.Helper()
	base, got := r.image(t, r.base), r.image(t, tag)
	if want := "application/vnd.oci.image.manifest.v1+json"; got.manifest.MediaType != want {
		t.Errorf("manifest of type %q, want %q", got.manifest.MediaType, want)
	}
	for i, l := range base.manifest.Layers {
		if i >= len(got.manifest.Layers) || got.manifest.Layers[i].Digest != l.Digest {
			t.Errorf("layer %d is not the base's %s", i, l.Digest)
		}
	}
	for _, name := range []string{"Entrypoint", "Cmd", "Labels", "Shell", "Healthcheck", "User"} {
		was, is := field(base.config, "config", name), field(got.config, "config", name)
		if name == "Labels" { // more of them may come
			continue
		}
		if !reflect.DeepEqual(was, is) && !(emptyValue(was) && emptyValue(is)) {
			t.Errorf("config.%s is %v, in the base %v", name, is, was)
		}
	}
	if got := field(got.config, "config", "WorkingDir"); got != "/opt/prefect/demo" {
		t.Errorf("WorkingDir is %v", got)
	}
	for name, value := range field(base.config, "config", "Labels").(map[string]any) {
		if got := field(got.config, "config", "Labels", name); got != value {
			t.Errorf("label %s is %v, in the base %v", name, got, value)
		}
	}
	env, _ := field(got.config, "config", "Env").([]any)
	for _, v := range field(base.config, "config", "Env").([]any) {
		if !slices.Contains(env, v) {
			t.Errorf("the base's %v is missing in Env %v", v, env)
		}
	}
	diffIDs, _ := field(got.config, "rootfs", "diff_ids").([]any)
	full := 0
	history, _ := field(got.config, "history").([]any)
	for _, h := range history {
		if empty, _ := field(h, "empty_layer").(bool); !empty {
			full++
		}
	}
	if n := len(got.manifest.Layers); n != len(diffIDs) || n != full {
		t.Errorf("%d layers, %d DiffIDs, %d history entries of layers", n, len(diffIDs), full)
	}
}

func emptyValue(v any) bool { return v == nil || v == "" }
