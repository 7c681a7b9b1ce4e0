package prefect

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/refusal"
)

const written = "- prefect.deployments.steps.run_shell_script:\n    id: build-image\n    script: >-\n      layerpack -t r/x\n"

// TestInitShapes edits small files of every shape; $ stands for the written step.
func TestInitShapes(t *testing.T) {
	image := `image: "{{ build-image.stdout }}"`
	for _, c := range []struct{ text, want string }{
		{"", "build:\n$"},
		{"# comment", "# comment\nbuild:\n$"},
		{"---\n", "---\nbuild:\n$"},
		{"name: a", "name: a\nbuild:\n$"},
		{"name: a\n\n# end\n", "name: a\nbuild:\n$\n# end\n"},
		{"\ufeffbuild: null", "\ufeffbuild:\n$"},
		{"\ufeffname: a\n", "\ufeffname: a\nbuild:\n$"},
		{"---\nname: a\n...\n", "---\nname: a\nbuild:\n$...\n"},
		{"build:", "build:\n$"},
		{"build:\n\n\npush:\n", "build:\n$\n\npush:\n"},
		{"build: ~ # none\npush:\n", "build:  # none\n$push:\n"},
		{"build:   # none\npush:\n", "build:   # none\n$push:\n"},
		{"build: []\n", "build:\n$"},
		{"build: {}   \nname: a", "build:\n$name: a"},
		{"name: a\n# push\n# is here\npush: null\n", "name: a\nbuild:\n$# push\n# is here\npush: null\n"},
		{"name: \"a\n# no comment\"\npush: null\n", "name: \"a\n# no comment\"\nbuild:\n$push: null\n"},
		{"pull: null\npush: null\n", "pull: null\nbuild:\n$push: null\n"},
		{"build:\n- a.b: null", "build:\n- a.b: null\n$"},
		{"build:\n- a.b:\n    x: |+\n      text\n\n\n# end\nname: a\n", "build:\n- a.b:\n    x: |+\n      text\n\n\n$# end\nname: a\n"},
		{"build:\n- a.b: {x: 'one\n\n    two'}\n\n# end\n", "build:\n- a.b: {x: 'one\n\n    two'}\n$\n# end\n"},
		{"x: &x [a]\nbuild:\n- a.b: *x\ny: *x\n", "x: &x [a]\nbuild:\n- a.b: *x\n$y: *x\n"},
		{"größe: 東京\nbuild: null\n", "größe: 東京\nbuild:\n$"},
		{"'build' : null\n", "'build' :\n$"},
		{"? build\n: null\n", "? build\n:\n$"},

		{"deployments:\n- name: a\n", "build:\n$deployments:\n- name: a\n  work_pool:\n    job_variables:\n      " + image + "\n"},
		{"deployments:\n- name: a\n  work_pool:\n", "build:\n$deployments:\n- name: a\n  work_pool:\n    job_variables:\n      " + image + "\n"},
		{"deployments:\n- name: a\n  work_pool:\n    name: p\n", "build:\n$deployments:\n- name: a\n  work_pool:\n    name: p\n    job_variables:\n      " + image + "\n"},
		{"deployments:\n- name: a\n  work_pool:\n    name: p\n    job_variables: {}\n", "build:\n$deployments:\n- name: a\n  work_pool:\n    name: p\n    job_variables:\n      " + image + "\n"},
		{"deployments:\n- name: a\n  work_pool:\n    job_variables:\n      env:\n        A: b\n    name: p\n", "build:\n$deployments:\n- name: a\n  work_pool:\n    job_variables:\n      env:\n        A: b\n      " + image + "\n    name: p\n"},
		{"deployments:\n- work_pool:\n    job_variables:\n      image:\n- name: b\n  work_pool: {job_variables: {" + image + "}}\n", "build:\n$deployments:\n- work_pool:\n    job_variables:\n      " + image + "\n- name: b\n  work_pool: {job_variables: {" + image + "}}\n"},
		{"deployments:\n- work_pool:\n    job_variables: {image: a, env: {}}\n", "build:\n$deployments:\n- work_pool:\n    job_variables: {" + image + ", env: {}}\n"},
		{"x: &i r/x\ndeployments:\n- work_pool:\n    job_variables:\n      image: *i\n", "x: &i r/x\nbuild:\n$deployments:\n- work_pool:\n    job_variables:\n      " + image + "\n"},
		{"deployments:\n- work_pool:\n    job_variables:\n      image: 'it''s' # old\n", "build:\n$deployments:\n- work_pool:\n    job_variables:\n      " + image + " # old\n"},
		{"deployments:\n- work_pool:\n    job_variables:\n      image: \"a\\\"b\"\n", "build:\n$deployments:\n- work_pool:\n    job_variables:\n      " + image + "\n"},
		{"deployments:\n- &a\n  name: a\n  work_pool:\n    name: p\n- <<: *a\n  name: b\n", "build:\n$deployments:\n- &a\n  name: a\n  work_pool:\n    name: p\n    job_variables:\n      " + image + "\n- <<: *a\n  name: b\n"},
		{"deployments:\n- ~\n- name: a\n  work_pool: ~\n", "build:\n$deployments:\n- ~\n- name: a\n  work_pool:\n    job_variables:\n      " + image + "\n"},
	} {
		want := strings.ReplaceAll(c.want, "$", written)
		got, err := Init([]byte(c.text), InitOptions{Command: []string{"-t", "r/x"}, All: true})
		if err != nil || string(got) != want {
			t.Errorf("%q: %v\ngot  %q\nwant %q", c.text, err, got, want)
			continue
		}
		again, err := Init(got, InitOptions{Command: []string{"-t", "r/x"}, All: true})
		if err != nil || string(again) != want {
			t.Errorf("%q, again: %v\ngot  %q", c.text, err, again)
		}
		if crlf, err := Init([]byte(strings.ReplaceAll(c.text, "\n", "\r\n")), InitOptions{Command: []string{"-t", "r/x"}, All: true}); strings.Contains(c.text, "\n") && (err != nil || string(crlf) != strings.ReplaceAll(want, "\n", "\r\n")) {
			t.Errorf("%q with CRLF: %v\ngot  %q", c.text, err, crlf)
		}
	}
}

func TestInitRefuses(t *testing.T) {
	all := InitOptions{Command: []string{"-t", "r/x"}, All: true}
	swap := InitOptions{Command: []string{"-t", "r/x"}, Replace: true}
	one := InitOptions{Command: []string{"-t", "r/x"}, Deployments: []string{"a"}}
	for _, c := range []struct {
		text string
		o    InitOptions
		want string
	}{
		{"name: \xff", all, "prefect.yaml: it is not UTF-8"},
		{"a: [", all, "prefect.yaml: not YAML"},
		{"{name: a}", all, "prefect.yaml, line 1: the file is written in flow style"},
		{"build: [{a.b: }]", all, "prefect.yaml, line 1: build is written in flow style"},
		{"x: &x [{a.b: }]\nbuild: *x", all, "prefect.yaml, line 2: build is an alias"},
		{"x: &x {build: [{a.b: }]}\n<<: *x\n", all, "prefect.yaml, line 1: build comes from a merge key"},
		{"build: &x null\npush: *x\n", all, "prefect.yaml, line 1: build has a value that cannot be replaced"},
		{"build: !!null null\n", all, "prefect.yaml, line 1: build has a value that cannot be replaced"},
		{"build:\n  a.b:\n    c: d\n", all, "prefect.yaml, line 2: build holds one step without a dash"},
		{"build:\n- " + docker, all, "prefect.yaml, line 2: build_docker_image makes an image already; remove it (lines 2 to 2); then run init again. In layerpack's words it is: layerpack -t r/docker:a"},
		{"build:\n- prefect.deployments.steps.run_shell_script: {script: layerpack}", all, "prefect.yaml, line 2: the step that runs layerpack has no id"},
		{"build:\n- prefect.deployments.steps.run_shell_script: {id: a, script: layerpack}", all, "prefect.yaml, line 2: a step that runs layerpack is there already"},
		{"build:\n- a.b: {id: build-image}", all, "prefect.yaml, line 2: a step with the id build-image is there already"},
		{"deployments:\n- name: b\n", one, "prefect.yaml: it has no deployment \"a\"; name one of: b"},
		{"deployments:\n- {name: a}\n", one, "prefect.yaml, line 2: a mapping that needs the key work_pool is written in flow style"},
		{"deployments:\n- name: a\n  work_pool: {}\n  build: null\n", one, "prefect.yaml, line 4: deployment \"a\" has a build of its own"},
		{"deployments:\n- name: a\n  work_pool: {name: p}\n", one, "prefect.yaml, line 3: a mapping that needs the key job_variables is written in flow style"},
		{"deployments:\n- name: a\n  work_pool: pool\n", one, "prefect.yaml, line 3: work_pool is no mapping"},
		{"x: &p\n  name: p\ndeployments:\n- name: a\n  work_pool: *p\n- name: b\n  work_pool: *p\n", one, "prefect.yaml, line 1: deployment \"a\" shares this with deployment \"b\""},
		{"deployments:\n- name: a\n  work_pool:\n    job_variables:\n      image: |\n        r/x\n", one, "prefect.yaml, line 5: image has a value that cannot be replaced"},
		{"deployments:\n- name: a\n  work_pool:\n    job_variables:\n      image: &i r/x\n      other: *i\n", one, "prefect.yaml, line 5: image has a value that cannot be replaced"},
		{"build:\n- " + docker + "\n- " + docker, swap, "prefect.yaml, line 3: a second step builds an image with Docker"},
		{"build:\n- " + docker + "\ndeployments:\n- name: a\n  tags: ['{{ build_image.tag }}']\n", swap, "prefect.yaml, line 5: {{ build_image.tag }} names an output of a step that goes"},
		{"build: [{" + docker + "}]\n", swap, "prefect.yaml, line 1: build is no list of steps on lines of their own"},
		{"build:\n- " + strings.Replace(docker, "auto", "'{{ dockerfile }}'", 1), swap, "prefect.yaml, line 2: build_docker_image says what layerpack's step cannot: the Dockerfile {{ dockerfile }} is not read"},
		{"build:\n- " + strings.Replace(docker, ", dockerfile: auto", "", 1), swap, "prefect.yaml, line 2: build_docker_image says what layerpack's step cannot: the Dockerfile Dockerfile is not read"},
		{"build:\n- " + strings.Replace(docker, "auto", "auto, target: slim", 1), swap, "prefect.yaml, line 2: build_docker_image says what layerpack's step cannot: target names a stage"},
		{"build:\n- " + strings.Replace(docker, "auto", "auto, path: sub", 1), swap, "prefect.yaml, line 2: build_docker_image says what layerpack's step cannot: path: sub does not go with dockerfile: auto"},
		{"build:\n- " + strings.Replace(docker, "auto", "auto, labels: {a: \"b\\nc\"}", 1), swap, "prefect.yaml, line 2: build_docker_image says what one line of a script cannot: \"a=b\\nc\""},
		{"name: a\n", InitOptions{}, "prefect.yaml: no step of build runs layerpack"},
		{"build:\n- " + docker + "\n", InitOptions{Replace: true}, "prefect.yaml, line 2: nothing is given"},
		{"a: b\n---\nc: d\n", all, "prefect.yaml, line 2: a second document begins here"},
	} {
		got, err := Init([]byte(c.text), c.o)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) || !refusal.Is(err) || got != nil {
			t.Errorf("%q: %v; want %s\n%s", c.text, err, c.want, got)
		}
	}
}

// What cannot be written as one line of a step is an error of the caller's words, not of the file.
func TestInitOptionsAreChecked(t *testing.T) {
	for _, o := range []InitOptions{
		{Command: []string{"a\nb"}},
		{Command: []string{"a\u2028b"}},
		{Command: []string{"\x00"}},
		{Command: []string{"\xff"}},
		{Command: []string{"a"}, ID: "a.b"},
		{Command: []string{"a"}, ID: " "},
		{Command: []string{"a"}, Pull: "/a\tb"},
		{Command: []string{"a"}, Pull: "rel"},
		{Command: []string{"a"}, Env: []Variable{{Name: "A", Value: Value{Text: "\r"}}}},
		{Command: []string{"a"}, Env: []Variable{{}}},
	} {
		var own *OptionError
		if got, err := Init(nil, o); !errors.As(err, &own) || refusal.Is(err) {
			t.Errorf("%+v: %q, %v", o, got, err)
		}
		if _, err := Snippet(o); err == nil {
			t.Errorf("%+v: a snippet", o)
		}
	}
	if _, err := Snippet(InitOptions{}); err == nil {
		t.Error("a snippet of nothing")
	}
	s, err := Snippet(InitOptions{Command: []string{"-t", "r/x"}, ID: "no"})
	if err != nil || s != strings.Replace("build:\n"+written, "build-image", `"no"`, 1) {
		t.Errorf("%q, %v", s, err)
	}
}

// A step that is there stays as it is when no words are given, and its id is used.
func TestInitKeepsAStep(t *testing.T) {
	text := "build:\n- prefect.deployments.steps.run_shell_script: {id: mine, script: layerpack -t r/x}\ndeployments:\n- name: a\n"
	got, err := Init([]byte(text), InitOptions{All: true})
	if want := text + "  work_pool:\n    job_variables:\n      image: \"{{ mine.stdout }}\"\n"; err != nil || string(got) != want {
		t.Errorf("%v\n%s", err, got)
	}
}

// Lines in messages are those of the file that was given, though lines went in before.
func TestInitCountsTheLinesOfTheFile(t *testing.T) {
	text := "build: null\npull: null\ndeployments:\n- name: a\n- {name: b}\n"
	_, err := Init([]byte(text), InitOptions{Command: []string{"-t", "r/x"}, All: true, Pull: "/opt/prefect/x"})
	if err == nil || !strings.HasPrefix(err.Error(), "prefect.yaml, line 5: ") {
		t.Error(err)
	}
}

// A file of a team with many deployments is edited in a moment.
func TestInitOfALargeFile(t *testing.T) {
	text := "deployments:\n" + strings.Repeat("- name: a\n  entrypoint: f.py:m\n  work_pool:\n    name: p\n", 60)
	got, err := Init([]byte(text), InitOptions{Command: []string{"-t", "r/x"}, All: true})
	if err != nil || strings.Count(string(got), "build-image.stdout") != 60 {
		t.Errorf("%v\n%s", err, got)
	}
}

// Steps around the one that goes stay where they are, with their comments.
func TestInitReplacesInPlace(t *testing.T) {
	const around = "build:\n  # first\n  - a.b: {id: first}\n\n  # image\n%s\n  # last\n  - a.b:\n      id: last\npush:\n  - a.c: {}\n%s  # end\n  - a.d: {}\ndeployments:\n  - name: a\n    work_pool: {job_variables: {image: %s}}\n  - name: b\n    work_pool: {job_variables: {image: r/b}}\n"
	text := fmt.Sprintf(around, "  - prefect_docker.deployments.steps.build_docker_image:\n      # in it\n      id: old\n      image_name: r/x\n      dockerfile: auto\n      cache_from: |\n        # text\n\n        b",
		"  - prefect_docker.deployments.steps.push_docker_image:\n      image_name: '{{ old.image_name }}'\n      tag: '{{ old.tag }}'\n", "'{{ old.image }}'")
	want := fmt.Sprintf(around, "  - prefect.deployments.steps.run_shell_script:\n      id: build-image\n      script: >-\n        layerpack -t r/x", "", `"{{ build-image.stdout }}"`)
	got, err := Init([]byte(text), InitOptions{Command: []string{"-t", "r/x"}, Replace: true})
	if err != nil || string(got) != want {
		t.Errorf("%v\n%s", err, got)
	}
}
