package flowcheck_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/layerpack/layerpack/internal/flowcheck"
)

// projectOf writes a project of testdata's form to a file and reads it.
func projectOf(t *testing.T, text string) *project {
	t.Helper()
	file := filepath.Join(t.TempDir(), "project.txtar")
	if err := os.WriteFile(file, []byte("# run: true\n# fails: no\n"+text), 0o600); err != nil {
		t.Fatal(err)
	}
	return read(t, file)
}

// Prefect 3.2 and later keep a script among the loaded modules under its own name, as a package over its folder.
func TestScriptUnderItsName(t *testing.T) {
	const (
		beside = "-- jobs/etl.py --\nfrom etl.tasks import x\nfrom prefect import flow\n@flow\ndef hello(): pass\n-- jobs/tasks.py --\nx = 1\n"
		pkg    = "-- etl.py --\nfrom etl.tasks import x\nfrom prefect import flow\n@flow\ndef hello(): pass\n-- etl/__init__.py --\n-- etl/tasks.py --\nx = 1\n"
		named  = "-- pytz.py --\nfrom pytz.zones import x\nfrom prefect import flow\n@flow\ndef hello(): pass\n"
	)
	for _, c := range []struct{ name, version, entry, files, want string }{
		{"beside it", "3.4.25", "jobs/etl.py:hello", beside, ""},
		{"beside it, before", "3.1.15", "jobs/etl.py:hello", beside, "error missing-module /opt/prefect/demo/jobs/etl.py:1 etl.tasks"},
		{"a package of the name", "3.4.25", "etl.py:hello", pkg, "error missing-module /opt/prefect/demo/etl.py:1 etl.tasks"},
		{"a package of the name, before", "2.20.26", "etl.py:hello", pkg, ""},
		{"an installed name", "3.4.25", "pytz.py:hello", named, "error missing-module /opt/prefect/demo/pytz.py:1 pytz.zones"},
	} {
		t.Run(c.name, func(t *testing.T) {
			head := "# entrypoint: " + c.entry + "\n# install: prefect==" + c.version + " prefect/__init__.py\n"
			if c.want != "" {
				head += "# want: " + c.want + "\n"
			}
			p := projectOf(t, head+c.files)
			compare(t, "sound or broken", p, p.findings(t))
		})
	}
}

// Modules of Prefect are looked for where it lies in the image, from the versions on that have no others.
func TestPrefectModules(t *testing.T) {
	const files = " prefect/__init__.py prefect/flows.py prefect/tasks.py prefect/states.py prefect/task_runners.py prefect/blocks/__init__.py " +
		"prefect/client/__init__.py prefect/server/__init__.py prefect/server/schemas/__init__.py\n"
	for _, c := range []struct{ version, imports, want string }{
		{"2.20.26", "from prefect.orion.schemas.schedules import CronSchedule", "prefect.orion.schemas.schedules"},
		{"2.20.26", "from prefect.schedules import Cron", "prefect.schedules"},
		{"2.20.26", "import prefect.server.schemas", ""},
		{"2.20.26", "from prefect.server import schemas", ""},
		{"2.20.26", "from prefect.packaging import FilePackager", ""},
		{"2.20.26", "from prefect.docker import DockerImage", "DockerImage"},
		{"2.11.5", "import prefect.docker", ""},
		{"2.11.5", "from prefect.orion.schemas.schedules import CronSchedule", ""},
		{"3.8.8", "from prefect.orion.schemas.schedules import CronSchedule", "prefect.server"},
		{"3.8.8", "from prefect.server.nothing import x", "prefect.server.nothing"},
	} {
		t.Run(c.version+" "+c.imports, func(t *testing.T) {
			head := "# entrypoint: flows.py:hello\n# install: prefect==" + c.version + files
			if c.want != "" {
				head += "# want: error prefect-name /opt/prefect/demo/flows.py:1 " + c.want + "\n"
			}
			p := projectOf(t, head+"-- flows.py --\n"+c.imports+"\nfrom prefect import flow\n@flow\ndef hello(): pass\n")
			compare(t, "sound or broken", p, p.findings(t))
		})
	}
}

// Tests and examples are not what an image is for, and what runs fetch is not what it holds.
func TestDiscoveredAside(t *testing.T) {
	const (
		broken = "import nothing_of_the_kind\nfrom prefect import flow\n@flow\ndef hello(): pass\n"
		sound  = "from prefect import flow\n@flow\ndef hello(): pass\n"
	)
	for _, c := range []struct{ name, files, want string }{
		{"a flow", "-- etl.py --\n" + broken, "error missing-module /opt/prefect/demo/etl.py:1"},
		{"a test", "-- tests/flows.py --\n" + broken, "warning missing-module /opt/prefect/demo/tests/flows.py:1"},
		{"a test by name", "-- etl/test_etl.py --\n" + broken, "warning missing-module /opt/prefect/demo/etl/test_etl.py:1"},
		{"an example", "-- docs/etl.py --\n" + broken, "warning missing-module /opt/prefect/demo/docs/etl.py:1"},
		{"a test beside a flow", "-- etl.py --\n" + broken + "-- tests/flows.py --\n" + sound, "error missing-module /opt/prefect/demo/etl.py:1"},
		{"a test beside a sound flow", "-- etl.py --\n" + sound + "-- tests/flows.py --\n" + broken, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			head := ""
			if c.want != "" {
				head = "# want: " + c.want + "\n"
			}
			p := projectOf(t, head+c.files)
			compare(t, "sound or broken", p, p.findings(t))
		})
	}
	p := projectOf(t, "# want: warning missing-module /opt/prefect/demo/etl.py:1\n-- etl.py --\n"+broken)
	p.project.Entrypoints = []flowcheck.Entrypoint{{Fetched: true, Name: "hello"}}
	compare(t, "fetched", p, p.findings(t))
}
