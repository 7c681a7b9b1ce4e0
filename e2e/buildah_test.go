//go:build e2e

package e2e

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// dockerfile is what Prefect's `dockerfile: auto` writes for the project, with what our command line
// asks for besides: a file, and PYTHONPATH. pip is the newest, has no network and leaves no bytecode.
const dockerfile = `FROM BASE
COPY requirements.txt /opt/prefect/demo/requirements.txt
RUN PYTHONPATH=/pip PYTHONDONTWRITEBYTECODE=1 python -m pip install --no-index --find-links /wheels --no-compile --no-cache-dir -r /opt/prefect/demo/requirements.txt
COPY . /opt/prefect/demo/
COPY --from=modules seasons.py /opt/modules/seasons.py
ENV PYTHONPATH=PATHS
WORKDIR /opt/prefect/demo/
`

// What differs between the image that buildah builds and ours on purpose, besides what differs
// between pip's files and ours.
const (
	onlyAsked    = "pip notes REQUESTED for what requirements.txt names; --wheels asks for every wheel"
	mountPoint   = "buildah leaves the folders that it mounted"
	buildahLabel = "buildah adds a label of its own"
	finalSlash   = "buildah keeps the final slash of WORKDIR"
	noInterval   = "buildah does not know Healthcheck.StartInterval and drops it"
	ownFields    = "fields of one builder"
)

// testBuildah compares the image of the project with one from a Dockerfile, files and config.
func testBuildah(t *testing.T, r *rig) {
	project := checkout{}.project(t)
	ours, theirs := r.host+"/buildah/ours:1", r.host+"/buildah/theirs:1"
	r.ok(t, r.demo(project, ours))
	r.buildah(t, project, theirs)

	t.Run("files", func(t *testing.T) {
		a, b := r.podman().start(t, theirs, nil), r.podman().start(t, ours, nil)
		c := &comparison{}
		c.trees(t, tree(t, a.root), tree(t, b.root), buildahDifference)
		c.report(t, []string{otherInstaller, carriageReturn, onlyAsked, mountPoint})
	})
	t.Run("config", func(t *testing.T) { compareConfigs(t, r.image(t, r.base), r.image(t, theirs), r.image(t, ours)) })
}

// buildah builds the project with Debian's buildah and pushes the image.
func (r *rig) buildah(t *testing.T, project, tag string) {
	t.Helper()
	dir := mountableDir(t)
	text := strings.NewReplacer("BASE", r.base, "PATHS", pythonPath).Replace(dockerfile)
	buildah := func(args ...string) {
		t.Helper()
		command(t, "buildah", slices.Concat([]string{
			"--root", filepath.Join(dir, "root"), "--runroot", filepath.Join(dir, "run"), "--storage-driver", "overlay",
		}, args)...)
	}
	buildah("build", "--isolation", "chroot", "--format", "docker", "--tls-verify=false", "--quiet",
		"--volume", r.wheels+":/wheels:ro", "--volume", r.set("pip")+":/pip:ro", "--build-context", "modules="+filepath.Join(filepath.Dir(project), "modules"),
		"--file", file(t, "Dockerfile", text), "--tag", "demo", project)
	buildah("push", "--quiet", "--tls-verify=false", "demo", "docker://"+tag)
}

// pythonPath is what our command line makes of the flags of [rig.demo].
const pythonPath = "/opt/modules:/opt/prefect/demo"

func buildahDifference(t *testing.T, d difference) string {
	switch {
	case d.what == "only ours" && strings.HasSuffix(d.name, ".dist-info/REQUESTED") && d.ours.size == 0:
		return onlyAsked
	case d.what == "only theirs" && (d.name == "wheels" || d.name == "pip") && d.theirs.mode.IsDir():
		return mountPoint
	}
	return pipDifference(t, d)
}
