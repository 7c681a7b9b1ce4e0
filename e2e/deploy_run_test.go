//go:build e2e

package e2e

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// flowRun is what the server knows of a run.
type flowRun struct {
	ID    string
	State struct {
		Type, Message string
	}
}

type logLine struct{ Message string }

// line is what the flows log when they run by their deployments.
func line(deployment string) string {
	switch deployment {
	case "orders/daily": // with the parameter of prefect.yaml
		return "orders of 3 days: kettle, toaster, coffee grinder"
	case "orders/scripted":
		return "orders of 2 days: kettle, toaster"
	default:
		return "weekly report of 3 lines"
	}
}

// asWorker asks Prefect what its workers start every container with, but for the run's own part.
const asWorker = `
import json
from prefect.workers.base import BaseJobConfiguration as job
print(json.dumps({"command": job._base_flow_run_command(), "env": job._base_environment()}))
`

// start makes a run and starts its container with the command and the environment that this Prefect's workers give.
func (d *deployed) start(t *testing.T, image, deployment string) {
	t.Helper()
	var job struct {
		Command string
		Env     map[string]string
	}
	out := d.prefect.ok(t, d.dir, "python", "-c", asWorker).stdout
	if err := json.Unmarshal([]byte(out), &job); err != nil || job.Env["PREFECT_API_URL"] != d.prefect.api {
		t.Fatalf("what a worker starts: %v\n%s", err, out)
	}
	run := d.create(t, deployment)
	var answer map[string]any
	d.prefect.ask(t, "/flow_runs/"+run.ID+"/set_state", map[string]any{"state": map[string]any{"type": "PENDING", "name": "Pending"}}, &answer)
	if answer["status"] != "ACCEPT" {
		t.Fatalf("the run may not begin: %v", answer)
	}
	e := d.podman()
	e.flags = append(slices.Clip(e.flags), "--env", "PREFECT__FLOW_RUN_ID="+run.ID)
	for _, name := range slices.Sorted(maps.Keys(job.Env)) {
		e.flags = append(e.flags, "--env", name+"="+job.Env[name])
	}
	o := e.run(t, image, strings.Fields(job.Command)...)
	if o.code != 0 {
		t.Errorf("%q ended with %d", job.Command, o.code)
	}
	d.completed(t, run, line(deployment), o)
}

// testFlowDeploy: a script deploys by flow.deploy, without a pull step, so that the entrypoint is relative to the image's
// working directory; and the real worker of the work pool starts the container, with Docker.
func (d *deployed) testFlowDeploy(t *testing.T) {
	mark := d.traffic.mark()
	o := d.prefect.ok(t, d.dir, "python", "deploy.py", d.image)
	if all := d.asked(mark); len(all) != 0 {
		t.Errorf("flow.deploy asked the registry:\n%s", requests(all))
	}
	got := d.deployment(t, "orders/scripted")
	if got.image() != d.image || got.Path != "." || got.Entrypoint != "flows.py:orders" || len(got.PullSteps) != 0 {
		t.Fatalf("flow.deploy made %+v\n%s%s", got, o.stdout, o.stderr)
	}
	run := d.create(t, "orders/scripted")
	docker := d.engines[1].command
	worker := d.prefect.with("DOCKER_HOST="+docker[slices.Index(docker, "--host")+1], "DOCKER_CONFIG="+t.TempDir())
	o = worker.run(t, d.dir, "prefect", "worker", "start", "--pool", "shop", "--type", "docker", "--run-once")
	d.completed(t, run, line("orders/scripted"), o)
}

func (d *deployed) create(t *testing.T, name string) (run flowRun) {
	t.Helper()
	d.prefect.ask(t, "/deployments/"+d.deployment(t, name).ID+"/create_flow_run",
		map[string]any{"state": map[string]any{"type": "SCHEDULED"}}, &run)
	return run
}

// completed: the server saw the run end well, and received the line that the flow logged.
func (d *deployed) completed(t *testing.T, run flowRun, line string, o outcome) {
	t.Helper()
	d.prefect.ask(t, "/flow_runs/"+run.ID, nil, &run)
	if run.State.Type != "COMPLETED" {
		t.Errorf("the run is %s: %s\n%s%s", run.State.Type, run.State.Message, o.stdout, o.stderr)
	}
	question := map[string]any{"logs": map[string]any{"flow_run_id": map[string]any{"any_": []string{run.ID}}}}
	// The server takes them in at its leisure.
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		var logs []logLine
		d.prefect.ask(t, "/logs/filter", question, &logs)
		if slices.ContainsFunc(logs, func(l logLine) bool { return l.Message == line }) {
			return
		}
	}
	t.Errorf("the server did not get the line %q\n%s%s", line, o.stdout, o.stderr)
}
