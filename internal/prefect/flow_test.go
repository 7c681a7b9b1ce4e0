package prefect

import (
	"fmt"
	"testing"
)

var usualLayout = Layout{Dir: "/opt/prefect/shop", Workdir: "/opt/prefect/shop", Placed: []string{"/opt/lib/flows", "/etc/flow.py"}}

func TestFlows(t *testing.T) {
	const set = "prefect.deployments.steps.set_working_directory: "
	const opt = set + "{directory: /opt/prefect/shop}"
	const clone = "prefect.deployments.steps.git_clone: {id: clone, repository: x}"
	for _, c := range []struct{ pull, entrypoint, want string }{
		{opt, "flows.py:main", "flows.py||main|/opt/prefect/shop|/opt/prefect/shop/flows.py"},
		{opt, "./a/../flows.py:Class.main", "./a/../flows.py||Class.main|/opt/prefect/shop|/opt/prefect/shop/flows.py"},
		{opt, `sub\flows.py:main`, "sub/flows.py||main|/opt/prefect/shop|/opt/prefect/shop/sub/flows.py"},
		{opt, `C:\x\flows.py:main`, "C:/x/flows.py||main|/opt/prefect/shop|/opt/prefect/shop/C:/x/flows.py"},
		{opt, "/srv/flows.py:main", "/srv/flows.py||main|/opt/prefect/shop|/srv/flows.py"},
		{opt, "pkg.flows.main", "|pkg.flows|main|/opt/prefect/shop|"},
		{opt, "pkg.flows:main", "|pkg.flows|main|/opt/prefect/shop|"},
		{opt, "flows:Class.main", "|flows|Class.main|/opt/prefect/shop|"},
		{opt, "./flows:main", "./flows||main|/opt/prefect/shop|/opt/prefect/shop/flows"},
		{opt, "main", "||main|/opt/prefect/shop|"},
		{opt, "", "|||/opt/prefect/shop|"},
		{opt, "{{ $FLOW }}", "|||/opt/prefect/shop|"},
		{opt, "flows.py:", "flows.py|||/opt/prefect/shop|/opt/prefect/shop/flows.py"},
		{set + "{directory: sub}", "flows.py:main", "flows.py||main|/opt/prefect/shop/sub|/opt/prefect/shop/sub/flows.py"},
		{set + "{directory: /a}\n- " + set + "{directory: b}", "f.py:m", "f.py||m|/a/b|/a/b/f.py"},
		{set + "{directory: '{{ $DIR }}'}", "flows.py:main", "flows.py||main||"},
		{set + "{directory: '{{ $DIR }}'}\n- " + opt, "f.py:m", "f.py||m|/opt/prefect/shop|/opt/prefect/shop/f.py"},
		{set + "{}", "flows.py:main", "flows.py||main||"},
		{clone, "flows.py:main", "flows.py||main|| fetched"},
		{clone + "\n- " + set + "{directory: '{{ clone.directory }}'}", "flows.py:main", "flows.py||main|| fetched"},
		{"prefect_aws.deployments.steps.pull_from_s3: {bucket: x}", "flows.py:main", "flows.py||main|| fetched"},
		{"", "flows.py:main", "flows.py||main|| default"},
	} {
		text := "deployments:\n- entrypoint: '" + c.entrypoint + "'\n"
		if c.pull != "" {
			text += "pull:\n- " + c.pull + "\n"
		}
		f := read(t, text).Flows(usualLayout)[0]
		got := fmt.Sprintf("%s|%s|%s|%s|%s", f.Path, f.Module, f.Name, f.Dir, f.File)
		if f.Fetched {
			got += " fetched"
		}
		if f.Default {
			got += " default"
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", text, got, c.want)
		}
	}
}

// A pull of a deployment's own goes before the file's; [] is a list of no steps, null is none.
func TestPullOfADeployment(t *testing.T) {
	f := read(t, `
pull: [{prefect.deployments.steps.set_working_directory: {directory: /all}}]
deployments:
- {entrypoint: "f.py:m"}
- {entrypoint: "f.py:m", pull: [{prefect.deployments.steps.set_working_directory: {directory: /own}}]}
- {entrypoint: "f.py:m", pull: null}
- {entrypoint: "f.py:m", pull: []}
`)
	want := []string{"/all/f.py", "/own/f.py", "/all/f.py", "/srv/f.py"}
	for i, flow := range f.Flows(Layout{Workdir: "/srv"}) {
		if flow.File != want[i] || flow.Default || flow.Deployment != i {
			t.Errorf("%d: %+v", i, flow)
		}
	}
	f = read(t, "deployments: [{entrypoint: 'f.py:m', pull: []}]")
	if flow := f.Flows(Layout{})[0]; flow.File != "/f.py" {
		t.Errorf("%+v", flow)
	}
}
