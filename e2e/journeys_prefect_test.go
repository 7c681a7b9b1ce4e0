//go:build e2e

package e2e

import (
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// prefectServer is a server of Prefect in a container.
type prefectServer struct {
	container container
	api       string
	pools     []string
}

// quiet is what keeps Prefect from asking its makers' hosts, which are not here.
var quiet = []string{"--env", "PREFECT_SERVER_ANALYTICS_ENABLED=false", "--env", "DO_NOT_TRACK=1", "--env", "NO_COLOR=1", "--env", "COLUMNS=300"}

// serve starts the server of an image's Prefect, until the test ends; work pools NAME:TYPE come with [prefectServer.ready].
func (j *journeys) serve(t *testing.T, image string, pools ...string) prefectServer {
	t.Helper()
	host, port, err := net.SplitHostPort(freeAddress(t))
	if err != nil {
		t.Fatal(err)
	}
	s := prefectServer{api: "http://" + host + ":" + port + "/api", pools: pools}
	flags := append(slices.Clone(quiet), "--env", "PREFECT_API_URL="+s.api, "--env", "PREFECT_HOME=/tmp/prefect")
	s.container = j.detach(t, image, flags, "prefect", "server", "start", "--host", host, "--port", port)
	return s
}

// detach starts a container in the background, which ends with the test.
func (j *journeys) detach(t *testing.T, image string, flags []string, line ...string) container {
	t.Helper()
	e := j.podman()
	args := slices.Concat(e.command[1:], []string{"run", "--detach"}, runFlags, e.flags, flags, []string{image}, line)
	c := container{engine: e, id: strings.TrimSpace(command(t, e.command[0], args...))}
	t.Cleanup(func() { c.tell(t, "rm", "--force", "--time", "1", c.id) })
	return c
}

// ready waits for the server, and makes its work pools.
func (s prefectServer) ready(t *testing.T) {
	t.Helper()
	healthy := func() bool {
		resp, err := http.Get(s.api + "/health")
		return err == nil && resp.Body.Close() == nil && resp.StatusCode == http.StatusOK
	}
	for end := time.Now().Add(10 * time.Minute); !healthy(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("no server at %s:\n%s", s.api, s.container.tell(t, "logs", s.container.id))
		}
	}
	for _, pool := range s.pools {
		name, kind, _ := strings.Cut(pool, ":")
		if o := s.container.exec(t, s.container.id, "prefect", "work-pool", "create", name, "--type", kind); o.code != 0 {
			t.Fatalf("work pool %s: %s%s", pool, o.stdout, o.stderr)
		}
	}
}

// ask speaks to the API; a nil question is a GET.
func (s prefectServer) ask(t *testing.T, path string, question, into any) {
	t.Helper()
	askPrefect(t, s.api+path, question, into)
}

// deployment answers id and image of a deployment.
func (s prefectServer) deployment(t *testing.T, name string) (id, image string) {
	t.Helper()
	var d map[string]any
	s.ask(t, "/deployments/name/"+name, nil, &d)
	id, _ = d["id"].(string)
	image, _ = field(d, "job_variables", "image").(string)
	if of, ok := field(d, "infra_overrides", "image").(string); ok && image == "" { // what Prefect 2's servers say
		image = of
	}
	return id, image
}

// execute makes a run of a deployment and starts its image as a worker does, with further flags for podman. The run has
// to complete, and to print something.
func (j *journeys) execute(t *testing.T, s prefectServer, deployment, says string, flags ...string) {
	t.Helper()
	var run, answer map[string]any
	id, image := s.deployment(t, deployment)
	s.ask(t, "/deployments/"+id+"/create_flow_run", map[string]any{"state": map[string]any{"type": "SCHEDULED"}}, &run)
	id, _ = run["id"].(string)
	s.ask(t, "/flow_runs/"+id+"/set_state", map[string]any{"state": map[string]any{"type": "PENDING", "name": "Pending"}}, &answer)
	e := j.podman()
	e.flags = slices.Concat(e.flags, quiet, []string{"--env", "PREFECT_API_URL=" + s.api, "--env", "PREFECT__FLOW_RUN_ID=" + id}, flags)
	o := e.run(t, j.open(image), "python", "-m", "prefect.engine")
	s.ask(t, "/flow_runs/"+id, nil, &run)
	if run["state_type"] != "COMPLETED" || !strings.Contains(o.stdout+o.stderr, says) {
		t.Errorf("the run of %s in %s is %v, and did not say %q\n%s%s", deployment, image, run["state"], says, o.stdout, o.stderr)
	}
}
