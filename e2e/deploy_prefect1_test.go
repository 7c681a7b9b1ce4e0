//go:build e2e

package e2e

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// runStored does in the container what `prefect execute flow-run` of Prefect 1 does there: the storage that was
// registered finds the flow, which runs. The storage is the argument.
const runStored = `
import json, sys
from prefect.serialization.storage import StorageSchema
storage = StorageSchema().load(json.loads(sys.argv[1]))
[name] = storage.flows
flow = storage.get_flow(name)
state = flow.run()
print("state of", flow.name, "in", storage.name, "is", type(state).__name__, state.result[flow.get_tasks("total")[0]].result)
`

// testPrefect1 makes images for the Docker storage of Prefect 1, with a script and with a pickled flow, as Prefect
// itself would have with a Docker daemon.
func testPrefect1(t *testing.T, r *rig, clients string) {
	dir := filepath.Join(t.TempDir(), "flows")
	checkout{}.copyTree(t, "deploy/prefect1", dir)
	const script = "/opt/prefect/flows/etl.py"
	for i, storage := range []struct{ name, script, file string }{
		{"script", script, "etl.py:" + script},
		{"pickled", "-", "etl.prefect:/opt/prefect/flows/shop-prices.prefect"},
	} {
		t.Run(storage.name, func(t *testing.T) {
			repository := r.host + "/deployed/1"
			registered := register(t, filepath.Join(clients, "1", "bin", "python"), dir, repository, storage.name, "1", storage.script)
			tag := r.ok(t, call{dir: dir, args: []string{
				"--base", r.base, "--no-source", "--pip", "prefect==1.4.1 marshmallow<4",
				"--file", storage.file, "--file", "modules:/modules", "--pythonpath", "/modules",
				"--env", "PREFECT__USER_CONFIG_PATH=/opt/prefect/config.toml", "-t", repository + "/" + storage.name + ":1",
			}})
			o := r.engines[i].run(t, tag, "python", "-c", runStored, registered)
			want := "state of Shop: prices in " + tag + " is Success 100"
			if o.code != 0 || !strings.Contains(o.stdout, want) || !strings.Contains(o.stdout+o.stderr, "3 products cost 100") {
				t.Errorf("the flow ended with %d, want %q\n%s%s", o.code, want, o.stdout, o.stderr)
			}
		})
	}
}

// register answers the storage as Prefect registers it.
func register(t *testing.T, python, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command(python, append([]string{"register.py"}, args...)...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=/usr/bin:/bin", "HOME=" + t.TempDir(), "PYTHONPATH=modules", "PYTHONDONTWRITEBYTECODE=1"}
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", cmd, err, out, stderrOf(err))
	}
	return strings.TrimSpace(string(out))
}
