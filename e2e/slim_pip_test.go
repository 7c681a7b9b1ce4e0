//go:build e2e

package e2e

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
)

// ownSource is what the image has beside what pip was asked for.
const ownSource = "the project's folder, which pip knows nothing of"

// testPip has the newest pip do in the base what the Dockerfile says, and holds our image to the result: the same
// distributions, and the same files everywhere but for the differences that are listed.
func (s *slim) testPip(t *testing.T) {
	podman := s.podman()
	folders := map[string]string{s.set("pip"): "/inside/pip"}
	theirs := podman.start(t, s.base, folders)
	before := tree(t, theirs.root)
	o := theirs.exec(t, slices.Concat([]string{
		"--env", "PYTHONDONTWRITEBYTECODE=1", "--env", s.env()[0], theirs.id, "python", pipInside, "install",
		"--disable-pip-version-check", "--root-user-action", "ignore", "--no-cache-dir", "--no-compile",
		"--uploaded-prior-to", slimDay,
	}, s.asked)...)
	if o.code != 0 {
		t.Fatalf("pip install ended with %d\n%s%s", o.code, o.stdout, o.stderr)
	}
	ours := podman.start(t, s.tag, folders)

	a, b := theirs.distributions(t), ours.distributions(t)
	if lines := unequal(a, b); len(lines) > 0 {
		t.Errorf("not what pip installs:\n%s", strings.Join(lines, "\n"))
	}
	c := &comparison{}
	after := tree(t, theirs.root)
	c.trees(t, after, tree(t, ours.root), slimDifference)
	c.report(t, []string{otherInstaller, carriageReturn, ownSource})
	brought := added(after, before, func(name string, n node) bool { return n.mode.IsRegular() })
	t.Logf("%d distributions, %d files that pip brought", len(a), len(brought))
	if len(a) < 100 || len(brought) < 10000 {
		t.Errorf("%d distributions and %d files are too few to compare", len(a), len(brought))
	}
	for _, name := range []string{"prefect", "prefect-github", "scikit-learn", "matplotlib"} {
		if b[name] == "" {
			t.Errorf("%s is missing in %q", name, slices.Sorted(maps.Keys(b)))
		}
	}
}

func slimDifference(t *testing.T, d difference) string {
	if d.what == "only ours" && (d.name == "opt/prefect" || strings.HasPrefix(d.name, "opt/prefect/")) {
		return ownSource
	}
	return pipDifference(t, d)
}

// distributions are what the container's own Python finds: versions by name.
func (c container) distributions(t *testing.T) map[string]string {
	t.Helper()
	const look = `
import importlib.metadata, json
print(json.dumps([[d.metadata["Name"], d.version] for d in importlib.metadata.distributions()]))
`
	o := c.exec(t, c.id, "python", "-B", "-c", look)
	var pairs [][2]string
	if err := json.Unmarshal([]byte(o.stdout), &pairs); err != nil || o.code != 0 {
		t.Fatalf("the container ended with %d: %v\n%s%s", o.code, err, o.stdout, o.stderr)
	}
	all := map[string]string{}
	for _, p := range pairs {
		name := distname.Normalize(p[0])
		if all[name] != "" {
			t.Errorf("%s is there twice, %s and %s", name, all[name], p[1])
		}
		all[name] = p[1]
	}
	return all
}
