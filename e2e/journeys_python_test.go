//go:build e2e

package e2e

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// client makes an image of what a person has installed who deploys: Prefect of a base, and what the project needs.
func (p *journeyPage) client(t *testing.T, base, project string) string {
	t.Helper()
	return p.ok(t, call{dir: project, args: []string{
		"--base", p.host + "/" + base, "--no-source", "-r", "requirements.txt", "--index-url", p.index.simple(),
		"-t", p.host + "/client/" + strings.TrimSuffix(p.name, ".md") + ":1",
	}})
}

// atDesk is a runner with layerpack and its user's login.
func (p *journeyPage) atDesk(t *testing.T, image, project, api string) runner {
	t.Helper()
	r := p.runner(t, image, project, "/home/me/"+filepath.Base(project), "--volume", p.config+":/home/me/.docker:ro",
		"--volume", filepath.Join(p.dist, "layerpack-linux-amd64")+":/usr/local/bin/layerpack:ro")
	r.env = []string{"HOME=/home/me", "PREFECT_HOME=/tmp/prefect", "PREFECT_API_URL=" + api}
	return r
}

func testDeployPy(t *testing.T, p *journeyPage) {
	project := p.project(t, "shop")
	p.put(t, "python", "deploy.py", project)
	r := p.atDesk(t, p.client(t, baseThree, project), project, p.three.api)
	mark := p.traffic.mark()
	r.sh(t, []string{"bash", "-c"}, p.take(t, "sh", "python deploy.py"))
	_, image := p.three.deployment(t, "etl/prod")
	tags := p.tags(t, "deploy-py/team/shop")
	if _, tag, _ := strings.Cut(image, "/shop:"); !slices.Contains(tags, tag) {
		t.Errorf("the deployment has %s, pushed were the tags %q", image, tags)
	}
	put := manifestsPut(p.asked(mark))
	if len(put) == 0 {
		t.Error("nothing was pushed")
	}
	p.execute(t, p.three, "etl/prod", "kettle is sold by Python 3.11")
}

func testNonRoot(t *testing.T, p *journeyPage) {
	project := p.project(t, "shop")
	image := strings.TrimSpace(p.shell(t, project, p.take(t, "sh", "--user")))
	if user := field(p.image(t, p.open(image)).config, "config", "User"); user != "1001:0" {
		t.Errorf("the user is %v", user)
	}
	// As the page's part of a pod, with the read-only root of its text, and as OpenShift starts it.
	var part struct {
		Security podSecurity `yaml:"securityContext"`
	}
	p.decode(t, "securityContext", p.take(t, "yaml", "securityContext"), &part)
	pod := p.pod(t, podSpec{Security: part.Security}, nil)
	own := pod.security(t, podContainer{Name: "flow"})
	for name, flags := range map[string][]string{
		"pod": own, "OpenShift": {"--user", "1000660000:0", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"},
	} {
		t.Run(name, func(t *testing.T) {
			e := p.podman()
			e.flags = slices.Concat(e.flags, flags, []string{"--read-only", "--read-only-tmpfs=false", "--tmpfs", "/tmp:rw,mode=1777"})
			p.completes(t, e, p.three.api, p.open(image))
		})
	}
}

func testMonorepo(t *testing.T, p *journeyPage) {
	project := p.project(t, "mono")
	for line := range strings.Lines(p.take(t, "", "libs/shared")) {
		path := strings.Fields(line)[0]
		if path == "prefect.yaml" {
			continue // the next block
		}
		if found, err := filepath.Glob(filepath.Join(project, strings.TrimSuffix(path, "…"))); err != nil || len(found) != 1 {
			t.Errorf("the page's %s is not in the project of the test", path)
		}
	}
	simple := strings.TrimSpace(p.shell(t, project, p.take(t, "sh", "/opt/prefect/mono/libs -t")))
	p.runsBoth(t, simple)

	p.put(t, "yaml", "prefect.yaml", project)
	r := p.atDesk(t, p.client(t, baseTwo, project), project, p.two.api)
	r.env = append(r.env, "PYTHONPATH=libs")
	r.sh(t, []string{"bash", "-e", "-c"}, "prefect --no-prompt deploy --all")
	_, a := p.two.deployment(t, "main/orders")
	if _, b := p.two.deployment(t, "main/stock"); a != b || !strings.HasPrefix(a, p.locked+"/monorepo/team/mono:") {
		t.Errorf("the images of the deployments are %q and %q", a, b)
	}
	p.execute(t, p.two, "main/orders", "ordered today: toaster")
	p.execute(t, p.two, "main/stock", "short of: kettle")

	folders := p.take(t, "sh", "--source flows:")
	p.runsBoth(t, strings.TrimSpace(p.shell(t, project, folders)))
	daily := filepath.Join(project, "flows/orders/daily.py")
	checkout{}.write(t, daily, []byte(read(t, daily)+"\n# one more line\n"))
	mark := p.traffic.mark()
	p.shell(t, project, folders)
	if n := uploaded(p.asked(mark)); n == 0 || n > 32<<10 {
		t.Errorf("a change of a line sent %d bytes of blobs", n)
	}
}

// runsBoth runs the flows of the repository by hand.
func (p *journeyPage) runsBoth(t *testing.T, image string) {
	t.Helper()
	e := p.podman()
	e.flags = slices.Concat(e.flags, quiet, []string{"--env", "PREFECT_API_URL=" + p.two.api})
	got := e.sh(t, p.open(image), `pwd; python -c "from flows.orders import daily; from flows.stock import hourly; print(daily.main(), hourly.main())"`)
	if !strings.HasPrefix(got, "/opt/prefect/mono\n") || !strings.Contains(got, "toaster kettle") {
		t.Errorf("%s: %s", image, got)
	}
}
