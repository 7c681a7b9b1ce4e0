package flowcheck_test

import (
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
