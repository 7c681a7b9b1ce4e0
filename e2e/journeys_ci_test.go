//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// runner is a container in which a CI's platform runs what a job says: no Docker, no socket, no privileges.
type runner struct {
	container
	dir  string   // the project, in the container
	env  []string // of all that is run
	page *journeyPage
}

// runner starts a container with the project, which may be written to.
func (p *journeyPage) runner(t *testing.T, image, project, at string, flags ...string) runner {
	t.Helper()
	flags = append(slices.Clone(flags), "--volume", project+":"+at, "--env", "PIP_INDEX_URL="+p.index.simple(), "--env", "PIP_DISABLE_PIP_VERSION_CHECK=1")
	c := p.detach(t, image, slices.Concat(quiet, flags), "sleep", "infinity")
	return runner{container: c, dir: at, page: p}
}

// sh runs a script that must succeed.
func (r runner) sh(t *testing.T, shell []string, script string, env ...string) string {
	t.Helper()
	args := []string{"--workdir", r.dir}
	for _, v := range slices.Concat(r.env, env) {
		args = append(args, "--env", v)
	}
	o := r.exec(t, slices.Concat(args, []string{r.id}, shell, []string{script})...)
	if o.code != 0 {
		t.Fatalf("%s: ended with %d:\n%s\n%s%s", r.page.name, o.code, script, o.stdout, o.stderr)
	}
	return o.stdout
}

// workflow is what GitHub reads.
type workflow struct {
	Jobs map[string]struct {
		Container string
		Steps     []workflowStep
	}
}

type workflowStep struct {
	Name, Run string
	Env       map[string]string
}

var expression = regexp.MustCompile(`\$\{\{ *([\w.]+) *\}\}`)

// do runs a step as GitHub does in a job with a container, where the shell is sh.
func (r runner) do(t *testing.T, s workflowStep, contexts map[string]string) string {
	t.Helper()
	var env []string
	for name, value := range s.Env {
		env = append(env, name+"="+expression.ReplaceAllStringFunc(value, func(e string) string {
			v, ok := contexts[expression.FindStringSubmatch(e)[1]]
			if !ok {
				t.Fatalf("%s: nobody knows %s", r.page.name, e)
			}
			return v
		}))
	}
	return r.sh(t, []string{"sh", "-e", "-c"}, s.Run, env...)
}

func testGitHub(t *testing.T, p *journeyPage) {
	const sha = "0123456789abcdef0123456789abcdef01234567"
	p.deploying.Lock()
	defer p.deploying.Unlock()
	project := p.project(t, "shop")
	p.put(t, "yaml", "prefect.yaml", project)
	var w workflow
	p.decode(t, "workflow", p.put(t, "yaml", ".github/workflows/deploy.yaml", project), &w)
	job, ok := w.Jobs["deploy"]
	if !ok || len(job.Steps) != 3 {
		t.Fatalf("the workflow is %+v", w)
	}
	r := p.runner(t, job.Container, project, "/__w/shop/shop", "--tmpfs", "/github/home")
	r.env = []string{"CI=true", "GITHUB_ACTIONS=true", "GITHUB_SHA=" + sha, "HOME=/github/home"}
	contexts := map[string]string{
		"vars.LAYERPACK_SHA256": p.checksum(t, "layerpack-linux-amd64"),
		"secrets.REGISTRY_USER": lockedUser, "secrets.REGISTRY_TOKEN": lockedPassword,
		"secrets.PREFECT_API_URL": p.two.api, "secrets.PREFECT_API_KEY": "none is needed",
	}
	for _, s := range job.Steps[1:] {
		r.do(t, s, contexts)
	}
	_, image := p.two.deployment(t, "etl/prod")
	unique, commit := p.image(t, p.open(image)), p.image(t, p.host+"/github-actions/team/shop:"+sha)
	if image == p.locked+"/github-actions/team/shop:"+sha || unique.digest != commit.digest {
		t.Errorf("the deployment has %s, which is %s; the commit's tag is %s", image, unique.digest, commit.digest)
	}
	if got := field(unique.config, "config", "Labels", "org.opencontainers.image.revision"); got != sha {
		t.Errorf("the label says %v", got)
	}
	p.execute(t, p.two, "etl/prod", "kettle is sold by Python 3.11")

	var steps []workflowStep
	p.decode(t, "steps", p.take(t, "yaml", "What would change"), &steps)
	mark := p.traffic.mark()
	for _, s := range steps {
		r.do(t, s, contexts)
	}
	if all := p.asked(mark); len(all) > 0 {
		t.Errorf("looking asked the registry of the result:\n%s", requests(all))
	}
}

// gitlabJob is what GitLab reads.
type gitlabJob struct {
	Image     string
	Variables map[string]string
	Before    []string `yaml:"before_script"`
	Script    []string
	Artifacts struct{ Paths []string }
}

func testGitLab(t *testing.T, p *journeyPage) {
	p.deploying.Lock()
	defer p.deploying.Unlock()
	project := p.project(t, "shop")
	p.put(t, "yaml", "prefect.yaml", project)
	var jobs map[string]gitlabJob
	p.decode(t, "job", p.put(t, "yaml", ".gitlab-ci.yml", project), &jobs)
	job, ok := jobs["deploy"]
	if !ok || len(job.Script) == 0 || len(job.Artifacts.Paths) == 0 {
		t.Fatalf("the file is %+v", jobs)
	}
	// Any uid, here one that the image does not know, and what the page says: a root that cannot be written to.
	const uid = 10731
	err := filepath.WalkDir(project, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chown(path, uid, uid)
	})
	if err != nil {
		t.Fatal(err)
	}
	r := p.runner(t, job.Image, project, "/builds/team/shop", "--user", "10731:10731", "--read-only", "--read-only-tmpfs=false",
		"--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--tmpfs", "/tmp:rw,exec,mode=1777")
	known := map[string]string{
		"CI_REGISTRY_USER": lockedUser, "CI_REGISTRY_PASSWORD": lockedPassword, "CI_REGISTRY_IMAGE": p.locked + "/gitlab-ci/team",
		"CI_COMMIT_SHORT_SHA": "0123abcd", "LAYERPACK_SHA256": p.checksum(t, "layerpack-linux-amd64"), "PREFECT_API_URL": p.two.api, "PREFECT_API_KEY": "none is needed",
	}
	r.env = []string{"HOME=/", "CI=true", "GITLAB_CI=true"}
	for name, value := range job.Variables {
		r.env = append(r.env, name+"="+os.Expand(value, func(name string) string {
			v, ok := known[name]
			if !ok {
				t.Errorf("GitLab does not know $%s", name)
			}
			return v
		}))
	}
	for name, value := range known {
		r.env = append(r.env, name+"="+value)
	}
	// One shell for both lists, as GitLab has it.
	r.sh(t, []string{"bash", "-eo", "pipefail", "-c"}, strings.Join(slices.Concat(job.Before, job.Script), "\n"))

	for _, path := range job.Artifacts.Paths {
		if read(t, filepath.Join(project, path)) == "" {
			t.Errorf("the artifact %s is empty", path)
		}
	}
	_, image := p.two.deployment(t, "etl/prod")
	unique, commit := p.image(t, p.open(image)), p.image(t, p.host+"/gitlab-ci/team/shop:0123abcd")
	if !strings.HasPrefix(image, p.locked+"/gitlab-ci/team/shop:") || unique.digest != commit.digest {
		t.Errorf("the deployment has %s, which is %s; the commit's tag is %s", image, unique.digest, commit.digest)
	}
	p.execute(t, p.two, "etl/prod", "kettle is sold by Python 3.11")
}
