//go:build e2e

package e2e

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func testKubernetes(t *testing.T, p *journeyPage) {
	// The plain names of the pages' registries stand in the pods too, so that the secret has to be the right one.
	secrets := map[string]map[string]string{"registry": {".dockerconfigjson": p.dockerConfig()}}
	t.Run("Job", func(t *testing.T) { p.testJob(t, secrets) })
	t.Run("ConfigMap", p.testConfigMap)
	t.Run("Tekton", p.testTekton)
	t.Run("Argo", func(t *testing.T) { p.testArgo(t, secrets) })
}

type kind struct {
	Version string `yaml:"apiVersion"`
	Kind    string
}

func (p *journeyPage) testJob(t *testing.T, secrets map[string]map[string]string) {
	p.names = strings.NewReplacer(p.replaced(p.name, p.serveGit(t, p.project(t, "shop")))...)
	var job struct {
		kind `yaml:",inline"`
		Spec struct{ Template struct{ Spec podSpec } }
	}
	p.decode(t, "Job", p.take(t, "yaml", "kind: Job"), &job)
	pod := p.pod(t, job.Spec.Template.Spec, secrets)
	var last outcome
	for _, c := range slices.Concat(pod.spec.Init, pod.spec.Containers) {
		last = pod.run(t, c)
	}
	p.pushed(t, strings.TrimSpace(last.stdout))
}

// pushed: a container printed the reference alone, and the flow runs in that image.
func (p *journeyPage) pushed(t *testing.T, reference string) image {
	t.Helper()
	if !strings.HasPrefix(reference, p.locked+"/") || strings.ContainsAny(reference, " \n") {
		t.Fatalf("%s: printed %q, want a reference", p.name, reference)
	}
	p.completes(t, p.podman(), p.two.api, p.open(reference))
	return p.image(t, p.open(reference))
}

// completes runs the flow by hand in an image's own working directory, with the server at api; without one Prefect makes
// do alone.
func (p *journeyPage) completes(t *testing.T, e engine, api, image string) {
	t.Helper()
	if e.flags = slices.Concat(e.flags, quiet); api != "" {
		e.flags = append(e.flags, "--env", "PREFECT_API_URL="+api)
	}
	o := e.run(t, image, "python", "-c", "from flows import etl\nprint('state:', etl(return_state=True).type.value)")
	if o.code != 0 || !strings.Contains(o.stdout, "state: COMPLETED") || !strings.Contains(o.stdout+o.stderr, "kettle is sold by Python 3.11") {
		t.Errorf("%s: %s: the flow of %s did not complete (exit code %d)\n%s%s", p.name, e.name, image, o.code, o.stdout, o.stderr)
	}
}

// testConfigMap runs the words in a container of layerpack with the flow in a ConfigMap.
func (p *journeyPage) testConfigMap(t *testing.T) {
	flows := projected(t, map[string]string{"flows.py": "from prefect import flow\n\n@flow\ndef etl():\n    return 'small'\n"})
	script := p.take(t, "sh", "--no-source")
	r := p.runner(t, p.plain, t.TempDir(), "/work", "--volume", flows+":/flows:ro", "--volume", p.config+":/secrets:ro",
		"--volume", filepath.Join(p.dist, "layerpack-linux-amd64")+":/usr/local/bin/layerpack:ro", "--env", "DOCKER_CONFIG=/secrets")
	image := strings.TrimSpace(r.sh(t, []string{"sh", "-e", "-c"}, script))
	if got := p.podman().sh(t, p.open(image), "pwd; stat -c %F flows.py; python -c 'import flows; print(flows.etl.fn())'"); got != "/opt/prefect/shop\nregular file\nsmall" {
		t.Errorf("in %s: %s", image, got)
	}
}

// tektonTask is what Tekton reads.
type tektonTask struct {
	kind `yaml:",inline"`
	Spec struct {
		Params     []struct{ Name, Type, Description string }
		Workspaces []struct{ Name, Description string }
		Results    []struct{ Name string }
		Template   struct {
			Security podSecurity `yaml:"securityContext"`
		} `yaml:"stepTemplate"`
		Steps   []podContainer
		Volumes []podVolume
	}
}

var tektonVariable = regexp.MustCompile(`\$\(([\w.]+)\)`)

func (p *journeyPage) testTekton(t *testing.T) {
	text := p.take(t, "yaml", "kind: Task")
	var task tektonTask
	p.decode(t, "Task", text, &task)
	// What a TaskRun gives, and where Tekton puts it.
	variables := map[string]string{
		"params.BASE": p.host + "/" + baseTwo, "params.NAME": "shop", "params.IMAGE": p.locked + "/kubernetes/tekton:1",
	}
	folders := map[string]string{
		"/workspace/source": p.project(t, "shop"), "/workspace/dockerconfig": projected(t, map[string]string{"config.json": p.dockerConfig()}),
	}
	for _, declared := range task.Spec.Params {
		if _, ok := variables["params."+declared.Name]; !ok {
			t.Errorf("the parameter %s is not known to the test", declared.Name)
		}
	}
	for _, w := range task.Spec.Workspaces {
		if variables["workspaces."+w.Name+".path"] = "/workspace/" + w.Name; folders["/workspace/"+w.Name] == "" {
			t.Errorf("the workspace %s is not known to the test", w.Name)
		}
	}
	for _, r := range task.Spec.Results {
		variables["results."+r.Name+".path"] = "/tekton/results/" + r.Name
	}
	text = tektonVariable.ReplaceAllStringFunc(text, func(v string) string {
		value, ok := variables[tektonVariable.FindStringSubmatch(v)[1]]
		if !ok {
			t.Errorf("Tekton does not know %s", v)
		}
		return value
	})
	task = tektonTask{}
	p.decode(t, "Task", text, &task)
	pod := p.pod(t, podSpec{Volumes: append(task.Spec.Volumes, podVolume{Name: "/tekton/results", EmptyDir: &struct{}{}})}, nil)
	maps.Copy(pod.folders, folders)
	for _, step := range task.Spec.Steps {
		step.Security = task.Spec.Template.Security
		pod.run(t, step)
	}
	result := func(name string) string { return read(t, filepath.Join(pod.folders["/tekton/results"], name)) }
	got := p.pushed(t, result("IMAGE_URL"))
	if result("IMAGE_URL") != variables["params.IMAGE"] || result("IMAGE_DIGEST") != got.digest {
		t.Errorf("the results are %q and %q, the registry has %s", result("IMAGE_URL"), result("IMAGE_DIGEST"), got.digest)
	}
}

// argoTemplates is what Argo reads.
type argoTemplates struct {
	kind `yaml:",inline"`
	Spec struct {
		Templates []struct {
			Name   string
			Inputs struct {
				Parameters []struct{ Name string }
				Artifacts  []struct{ Name, Path string }
			}
			Container podContainer
			Outputs   struct {
				Parameters []struct {
					Name string
					From struct{ Path string } `yaml:"valueFrom"`
				}
			}
		}
		Volumes []podVolume
	}
}

func (p *journeyPage) testArgo(t *testing.T, secrets map[string]map[string]string) {
	text := strings.NewReplacer("{{inputs.parameters.base}}", p.host+"/"+baseTwo, "{{inputs.parameters.image}}", p.locked+"/kubernetes/argo:1").
		Replace(p.take(t, "yaml", "kind: WorkflowTemplate"))
	if strings.Contains(text, "{{") {
		t.Errorf("a parameter is left:\n%s", text)
	}
	var w argoTemplates
	p.decode(t, "WorkflowTemplate", text, &w)
	if len(w.Spec.Templates) != 1 {
		t.Fatalf("%d templates", len(w.Spec.Templates))
	}
	template := w.Spec.Templates[0]
	pod := p.pod(t, podSpec{Volumes: w.Spec.Volumes}, secrets)
	for _, a := range template.Inputs.Artifacts {
		pod.folders[a.Path] = p.project(t, "shop")
	}
	got := p.pushed(t, strings.TrimSpace(pod.run(t, template.Container).stdout))
	outputs := 0
	for _, o := range template.Outputs.Parameters {
		for _, m := range template.Container.Mounts {
			name, ok := strings.CutPrefix(o.From.Path, m.Path+"/")
			if !ok {
				continue
			}
			outputs++
			if digest := read(t, filepath.Join(pod.folders[m.Name], name)); digest != got.digest {
				t.Errorf("the output %s is %q, the registry has %s", o.Name, digest, got.digest)
			}
		}
	}
	if outputs != 1 {
		t.Errorf("%d outputs are in a volume", outputs)
	}
}
