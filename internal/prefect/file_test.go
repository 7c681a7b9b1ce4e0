package prefect

import (
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/refusal"
)

const shop = `
x-pool: &pool
  name: k8s
  job_variables: &vars
    image: "{{ build-image.stdout }}"
    env: &env
      TZ: UTC
      RETRIES: 3
name: shop
prefect-version: 2.20
build:
- prefect.deployments.steps.run_shell_script:
    id: build-image
    script: >-
      layerpack --base prefecthq/prefect:2-python3.11
      -t {{ $IMAGE }}
    env: {PASSWORD: "{{ prefect.blocks.secret.registry }}"}
push:
pull:
- prefect.deployments.steps.set_working_directory:
    directory: /opt/prefect/shop
deployments:
- name: daily
  entrypoint: flows.py:main
  work_pool: *pool
- name: weekly
  entrypoint: pkg.flows.main
  build: null
  pull: []
  work_pool:
    <<: *pool
    job_variables:
      <<: [{image: first}, *vars]
      env:
        - {name: EXTRA_PIP_PACKAGES, value: pandas}
        - name: EMPTY
-
`

func read(t *testing.T, text string) *File {
	t.Helper()
	f, err := Read([]byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return f
}

func TestRead(t *testing.T) {
	f := read(t, shop)
	if f.Name.Text != "shop" || f.Name.Line != 9 || f.PrefectVersion.Text != "2.20" {
		t.Errorf("%+v %+v", f.Name, f.PrefectVersion)
	}
	if len(f.Build.Steps) != 1 || !f.Push.Written || f.Push.Line != 18 || len(f.Push.Steps) != 0 || f.Push.Empty {
		t.Fatalf("%+v %+v", f.Build, f.Push)
	}
	s := f.Build.Steps[0]
	if s.ID != "build-image" || s.Line != 12 || s.Name() != "run_shell_script" || strings.Join(s.Inputs(), " ") != "id script env" {
		t.Errorf("%+v", s)
	}
	if env := s.Map("env"); len(env) != 1 || env[0].Name != "PASSWORD" || !env[0].Value.IsTemplate() {
		t.Errorf("%+v", env)
	}
	if len(f.Deployments) != 2 {
		t.Fatal(f.Deployments)
	}
	daily, weekly := f.Deployments[0], f.Deployments[1]
	if daily.Image.Text != "{{ build-image.stdout }}" || daily.Image.Line != 5 || daily.WorkPool.Text != "k8s" || daily.Line != 23 || daily.Build.Written {
		t.Errorf("%+v", daily)
	}
	if len(daily.Env) != 2 || daily.Env[1].Name != "RETRIES" || daily.Env[1].Value.Text != "3" {
		t.Errorf("%+v", daily.Env)
	}
	if weekly.Image.Text != "first" || !weekly.Build.Written || weekly.Build.Empty || !weekly.Pull.Empty || weekly.Pull.Line != 29 || weekly.WorkPool.Text != "k8s" {
		t.Errorf("%+v", weekly)
	}
	if len(weekly.Env) != 2 || weekly.Env[0].Name != "EXTRA_PIP_PACKAGES" || weekly.Env[0].Value.Text != "pandas" || weekly.Env[1].Value.Line != 0 {
		t.Errorf("%+v", weekly.Env)
	}
	if len(weekly.JobVariables) != 2 {
		t.Errorf("%+v", weekly.JobVariables)
	}
}

func TestReadShapes(t *testing.T) {
	for _, text := range []string{
		"", "# only\n", "~", "---\n...\n", "{}", "name: a", "deployments:", "deployments: []", "deployments: [~]",
		"build: []", "build: {}", "build: [~]", "a: &a [*a]", "x: &x {<<: *x}\nname: a",
		"build: &b [{a.b: *b}]", "deployments: [{work_pool: pool}]", "deployments: [{work_pool: {job_variables: [a]}}]",
	} {
		read(t, text)
	}
	// A step without its dash, as Prefect 3 takes it, and one without inputs.
	f := read(t, "build:\n  a.b:\n    id: x\npush: [{c.d: }]")
	if len(f.Build.Steps) != 1 || f.Build.Steps[0].ID != "x" || f.Build.Steps[0].Function != "a.b" || f.Push.Steps[0].Name() != "d" {
		t.Errorf("%+v", f)
	}
	// The inputs are not indented enough.
	f = read(t, "build:\n- a.b:\n  id: x\n")
	if s := f.Build.Steps[0]; s.Function != "a.b" || len(s.Extra) != 1 || s.Extra[0] != "id" || s.ID != "" {
		t.Errorf("%+v", s)
	}
	// Of equal keys the last counts, and what a mapping says itself before what it merges.
	f = read(t, "x: &x {image: x, tag: x}\nname: one\nname: two\nbuild:\n- a.b: {tag: own, <<: *x, id: a, id: b}\n")
	if s := f.Build.Steps[0]; f.Name.Text != "two" || s.ID != "b" || s.Input("tag").Text != "own" || s.Input("image").Text != "x" {
		t.Errorf("%+v", f)
	}
}

func TestReadRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"a: [":                            "prefect.yaml: not YAML that Prefect could read: ",
		"a: b\n---\nc: d\n":               "prefect.yaml, line 2: a second document begins here",
		"a: b\n...\n%x\n":                 "prefect.yaml: not YAML that Prefect could read: ",
		"\n- a":                           "prefect.yaml, line 2: it is no mapping",
		"build: x":                        "prefect.yaml, line 1: build is text, not a list of steps",
		"build:\n- x":                     "prefect.yaml, line 2: a step of build is no mapping",
		"push:\n- a.b:\n\n- [x]":          "prefect.yaml, line 4: a step of push is no mapping",
		"deployments: {a: b}":             "prefect.yaml, line 1: deployments is no list",
		"deployments:\n- a":               "prefect.yaml, line 2: a deployment is no mapping",
		"deployments:\n- pull: x":         "prefect.yaml, line 2: pull is text",
		"deployments: [{pull: [[]]}]":     "prefect.yaml, line 1: a step of pull is no mapping",
		"deployments: [{name: {{ x }}":    "prefect.yaml: not YAML that Prefect could read: ",
		"deployments:\n- entrypoint: [a]": "prefect.yaml, line 2: the entrypoint is no text",
		"deployments:\n- work_pool:\n    job_variables:\n      image: {{x}}": "prefect.yaml, line 4: the image is no text",
	} {
		if _, err := Read([]byte(text)); err == nil || !strings.HasPrefix(err.Error(), want) || !refusal.Is(err) {
			t.Errorf("%q: %v; want %s", text, err, want)
		}
	}
}

// A few bytes that stand for billions must cost nothing, be it through aliases or merge keys.
func TestMergesAreNotExpanded(t *testing.T) {
	var b strings.Builder
	b.WriteString("a0: &a0 {image: x}\n")
	for i := range 40 {
		n, prev := string(rune('A'+i%26))+strings.Repeat("b", i/26), "a0"
		if i > 0 {
			prev = string(rune('A'+(i-1)%26)) + strings.Repeat("b", (i-1)/26)
		}
		b.WriteString(n + ": &" + n + " {<<: [" + strings.Repeat("*"+prev+", ", 9) + "*" + prev + "]}\n")
		if i == 39 {
			b.WriteString("deployments: [{name: a, work_pool: {job_variables: *" + n + "}}]\n")
		}
	}
	if f := read(t, b.String()); f.Deployments[0].Image.Text != "x" {
		t.Errorf("%+v", f.Deployments)
	}
}
