package flowcheck_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerpack/layerpack/internal/flowcheck"
	"github.com/layerpack/layerpack/internal/prefect"
)

const deployments = `name: demo
pull:
  - prefect.deployments.steps.set_working_directory:
      directory: /opt/prefect/demo
deployments:
  - name: one
    entrypoint: flows/one.py:hello
    work_pool:
      job_variables:
        env: {PYTHONPATH: /opt/extra, TOKEN: "{{ $TOKEN }}"}
  - name: module
    entrypoint: jobs.daily.hello
  - name: cloned
    entrypoint: flows.py:hello
    pull:
      - prefect.deployments.steps.git_clone:
          repository: https://example.com/x.git
  - name: template
    entrypoint: "{{ $ENTRY }}"
  - name: unknown-folder
    entrypoint: two.py:hello
    pull:
      - prefect.deployments.steps.set_working_directory:
          directory: "{{ $DIR }}"
`

func TestEntrypoints(t *testing.T) {
	f, err := prefect.Read([]byte(deployments))
	if err != nil {
		t.Fatal(err)
	}
	got := flowcheck.Entrypoints(f, prefect.Layout{Dir: "/opt/prefect/demo", Workdir: "/opt/prefect/demo"}, nil)
	want := []flowcheck.Entrypoint{
		{
			File: "/opt/prefect/demo/flows/one.py", Name: "hello", Dir: "/opt/prefect/demo", Steps: true,
			Env: map[string]string{"PYTHONPATH": "/opt/extra"}, Unfilled: []string{"TOKEN"}, Origin: `deployment "one", prefect.yaml:6`,
		},
		{Module: "jobs.daily", Name: "hello", Dir: "/opt/prefect/demo", Steps: true, Origin: `deployment "module", prefect.yaml:11`},
		{Name: "hello", Fetched: true, Steps: true, Origin: `deployment "cloned", prefect.yaml:13`},
		{File: "/opt/prefect/demo/two.py", Name: "hello", Dir: "/opt/prefect/demo", Steps: true, Assumed: true, Origin: `deployment "unknown-folder", prefect.yaml:20`},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := flowcheck.Entrypoints(f, prefect.Layout{Dir: "/opt/prefect/demo"}, []int{1}); len(got) != 1 || got[0].Module != "jobs.daily" {
		t.Errorf("only the second was asked for: %v", got)
	}
	if got := flowcheck.Entrypoints(f, prefect.Layout{}, []int{4}); len(got) != 0 {
		t.Errorf("without a source nothing is assumed: %v", got)
	}
}

// What is only likely is a warning: what commands of pull steps bring, what a volume is laid over, a folder that is not the
// project's where others name the image.
func TestUnsureEntrypoints(t *testing.T) {
	const set = "prefect.deployments.steps.set_working_directory: {directory: "
	for _, c := range []struct {
		name, pull, job   string
		assumed, installs bool
	}{
		{"plain", set + "/opt/prefect/demo}", "", false, false},
		{"below", set + "/opt/prefect/demo/flows}", "", false, false},
		{"a laptop's", set + "/Users/me/demo}", "", true, false},
		{"a laptop's, our image", set + "/Users/me/demo}", "image: '{{ build.stdout }}'", false, false},
		{"another image", set + "/app}", "image: else/where", true, false},
		{"a command", "prefect.deployments.steps.run_shell_script: {script: git clone x demo}\n- " + set + "demo}", "", true, false},
		{"an unknown function", "steps.prepare: {}\n- " + set + "/opt/prefect/demo}", "", true, false},
		{"requirements", set + "/opt/prefect/demo}\n- prefect.deployments.steps.pip_install_requirements: {directory: x}", "", false, true},
		{"a volume over it", set + "/opt/prefect/demo}", "volumes: ['./demo:/opt/prefect/demo:ro']", true, false},
		{"a volume below it", set + "/opt/prefect/demo}", "volumes: ['./data:/opt/prefect/demo/data', named:/data]", false, false},
		{"a volume by name", set + "/opt/prefect/demo}", "volumes: {code: {bind: /opt/prefect, mode: ro}}", true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := "build:\n- prefect.deployments.steps.run_shell_script: {id: build, script: layerpack -t a/b}\npull:\n- " + c.pull +
				"\ndeployments:\n- entrypoint: flows.py:hello\n  build: []\n  work_pool: {job_variables: {" + c.job + "}}\n"
			if c.name == "a laptop's, our image" {
				text = strings.Replace(text, "  build: []\n", "", 1)
			}
			f, err := prefect.Read([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			got := flowcheck.Entrypoints(f, prefect.Layout{Dir: "/opt/prefect/demo", Workdir: "/opt/prefect/demo"}, nil)
			if len(got) != 1 || got[0].Assumed != c.assumed || got[0].Installs != c.installs {
				t.Errorf("%s\n%+v", text, got)
			}
		})
	}
}
