//go:build e2e && deploy

package e2e

import (
	"os"
	"path/filepath"
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

// start makes a run and starts its container with the command and the environment that this Prefect's workers give.
func (d *deployed) start(t *testing.T, image, deployment string) {
	t.Helper()
	command := d.prefect.ok(t, d.dir, "python", "-c",
		"from prefect.workers.base import BaseJobConfiguration as b; print(b._base_flow_run_command())").stdout
	run := d.create(t, deployment)
	var answer map[string]any
	d.prefect.ask(t, "/flow_runs/"+run.ID+"/set_state", map[string]any{"state": map[string]any{"type": "PENDING", "name": "Pending"}}, &answer)
	if answer["status"] != "ACCEPT" {
		t.Fatalf("the run may not begin: %v", answer)
	}
	e := d.podman()
	e.flags = append(slices.Clip(e.flags), "--env", "PREFECT_API_URL="+d.prefect.api, "--env", "PREFECT__FLOW_RUN_ID="+run.ID)
	o := e.run(t, image, strings.Fields(command)...)
	if o.code != 0 {
		t.Errorf("%q ended with %d", command, o.code)
	}
	d.completed(t, run, told(deployment), o)
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
	defer d.also("DOCKER_HOST="+docker[slices.Index(docker, "--host")+1], "DOCKER_CONFIG="+t.TempDir())()
	o = d.prefect.run(t, d.dir, "prefect", "worker", "start", "--pool", "shop", "--type", "docker", "--run-once")
	d.completed(t, run, told("orders/scripted"), o)
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
	for range 20 { // the server takes them in at its leisure
		var logs []logLine
		d.prefect.ask(t, "/logs/filter", question, &logs)
		if slices.ContainsFunc(logs, func(l logLine) bool { return l.Message == line }) {
			return
		}
		time.Sleep(250 * time.Millisecond)
	}
	t.Errorf("the server did not get the line %q\n%s%s", line, o.stdout, o.stderr)
}

// testFailing: what layerpack refuses is said by prefect deploy, and moves nothing.
func (d *deployed) testFailing(t *testing.T, heeded bool) {
	path := filepath.Join(d.dir, "requirements.txt")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(text, "tabulate>=99\n"...), 0o644); err != nil {
		t.Fatal(err)
	}
	mark := d.traffic.mark()
	o := d.prefect.run(t, d.dir, "prefect", "--no-prompt", "deploy", "--name", "daily")
	all := d.asked(mark)
	if uploaded(all) != 0 || len(manifestsPut(all)) != 0 {
		t.Errorf("a refused build sent something:\n%s", requests(all))
	}
	if !strings.Contains(o.stdout+o.stderr, "tabulate") {
		t.Errorf("the refusal is not told\n%s%s", o.stdout, o.stderr)
	}
	image := d.deployment(t, "orders/daily").image()
	t.Logf("exit code %d, image %q\n%s%s", o.code, image, o.stdout, o.stderr)
	if heeded && (o.code == 0 || image != d.image) {
		t.Errorf("prefect deploy ended with %d, and the image became %q", o.code, image)
	}
	// Prefect 2.11 does not look at the exit code: layerpack printed nothing, so the image is nothing.
	if !heeded && image != "" {
		t.Errorf("the image became %q, with nothing on standard output", image)
	}
}
