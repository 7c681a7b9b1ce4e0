//go:build e2e

package e2e

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// slimProject is a folder with a flow of all that was asked for.
func slimProject(t *testing.T, how checkout) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "report")
	how.write(t, filepath.Join(dir, "report.py"), []byte(slimFlow))
	return dir
}

const slimFlow = `
import io

import matplotlib
import prefect
import prefect_github
import sklearn
from matplotlib import pyplot
from prefect import flow, get_run_logger, task
from sklearn.linear_model import LinearRegression


@task
def fit() -> float:
    return float(LinearRegression().fit([[1], [2], [3]], [2, 4, 6]).predict([[4]])[0])


@task
def draw(value: float) -> bytes:
    pyplot.plot([1, 2, 3, 4], [2, 4, 6, value])
    out = io.BytesIO()
    pyplot.savefig(out, format="png")
    return out.getvalue()


@flow
def report(repository: str = "https://git.example/team/data.git"):
    block = prefect_github.GitHubRepository(repository_url=repository)
    value = fit()
    image = draw(value)
    get_run_logger().info(
        "forecast %.1f, %s of %s", value, image[1:4].decode(), block.repository_url
    )
    print("with", prefect.__version__, sklearn.__version__, matplotlib.__version__)
`

// runReport runs the flow as the test of the rig's base does, without telling Prefect's authors. Its server, which has no
// bytecode yet, is given time on a busy machine.
const runReport = `
import os
os.environ.update(DO_NOT_TRACK="1", PREFECT_SERVER_ANALYTICS_ENABLED="false", PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS="300")
from report import report
state = report(return_state=True)
print("state:", state.type.value)
`

// testFlow builds as the page says, and runs the flow in the image: its configuration is the base's but for the folder.
func (s *slim) testFlow(t *testing.T) {
	if out := s.ok(t, s.build(slimProject(t, checkout{}))); out != s.tag {
		t.Errorf("standard output is %q, want the reference %q alone", out, s.tag)
	}
	config := s.image(t, s.tag).config
	got := map[string]any{}
	for _, name := range []string{"Cmd", "Entrypoint", "User", "WorkingDir"} {
		if v := field(config, "config", name); !emptyValue(v) {
			got[name] = v
		}
	}
	if want := (map[string]any{"Cmd": []any{"python3"}, "WorkingDir": "/opt/prefect/flows"}); !reflect.DeepEqual(got, want) {
		t.Errorf("the configuration is %v, want %v", got, want)
	}
	for _, e := range s.engines {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel() // each has its own storage to fill
			o := e.run(t, s.tag, "python", "-c", runReport)
			if o.code != 0 || !strings.Contains(o.stdout, "state: COMPLETED") {
				t.Errorf("the flow did not complete (exit code %d)\n%s%s", o.code, o.stdout, o.stderr)
			}
			if !strings.Contains(o.stdout+o.stderr, "forecast 8.0, PNG of https://git.example/team/data.git") {
				t.Errorf("the flow's log line is missing\n%s%s", o.stdout, o.stderr)
			}
			if got := e.run(t, s.tag, "pip", "check"); got.stdout != "No broken requirements found.\n" || got.code != 0 {
				t.Errorf("pip check ended with %d and says\n%s", got.code, got.stdout)
			}
		})
	}
}
