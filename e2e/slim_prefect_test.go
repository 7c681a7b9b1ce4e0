//go:build e2e

package e2e

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// slimOrders is a project whose requirements do not name Prefect; its prefect.yaml says which one wrote it.
var slimOrders = map[string]string{
	"requirements.txt": "inflection\n",
	"orders.py": `
from inflection import pluralize
from prefect import flow


@flow(log_prints=True)
def orders(what: str = "order"):
    print("no", pluralize(what))
`,
	"prefect.yaml": `
name: orders
prefect-version: 3.8.4
pull:
- prefect.deployments.steps.set_working_directory:
    directory: /opt/prefect/orders
deployments:
- name: daily
  entrypoint: orders.py:orders
  work_pool:
    name: docker
    job_variables:
      image: registry.example/team/orders:1
`,
}

// testProjectsPrefect: a base without Prefect gets the one that prefect.yaml names, though the requirements do not;
// --no-prefect declines, and what would fail for it is said.
func (s *slim) testProjectsPrefect(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "shop")
	for name, text := range slimOrders {
		checkout{}.write(t, filepath.Join(dir, name), []byte(text))
	}
	// build answers what became of it, and the distributions in the layers that are not the base's.
	build := func(t *testing.T, words ...string) (result, []string) {
		t.Helper()
		out := filepath.Join(t.TempDir(), "image")
		args := slices.Concat([]string{"--base", s.base, "--exclude-newer", slimDay, "-o", "oci:" + out}, words)
		got := s.run(t, call{dir: dir, env: s.env(), args: args})
		if _, err := os.Stat(out); err != nil {
			return got, nil
		}
		var infos []string
		for name := range layerFiles(t, out, 2) {
			if info := path.Dir(name); path.Base(name) == "METADATA" && directlyIn(info, sitePackages) {
				infos = append(infos, strings.TrimSuffix(path.Base(info), ".dist-info"))
			}
		}
		slices.Sort(infos)
		return got, infos
	}
	got, infos := build(t)
	if got.code != 0 || !slices.Contains(infos, "prefect-3.8.4") || !slices.ContainsFunc(infos, isInflection) {
		t.Errorf("the build ended with %d and installed %q, want Prefect 3.8.4\n%s", got.code, infos, got.stderr)
	}
	if !strings.Contains(got.stderr, "prefect==3.8.4 is installed (--no-prefect leaves it out)") {
		t.Errorf("nothing is said of Prefect:\n%s", got.stderr)
	}
	got, infos = build(t, "--no-prefect")
	if got.code != 4 || infos != nil || !containsAll(got.stderr, []string{"orders.py", "prefect", "--ignore-healthchecks"}) {
		t.Errorf("without Prefect the build ended with %d and installed %q, want what the flow misses\n%s", got.code, infos, got.stderr)
	}
	got, infos = build(t, "--no-prefect", "--ignore-healthchecks")
	if got.code != 0 || len(infos) != 1 || !isInflection(infos[0]) {
		t.Errorf("let through, the build ended with %d and installed %q\n%s", got.code, infos, got.stderr)
	}
}

func isInflection(info string) bool { return strings.HasPrefix(info, "inflection-") }
