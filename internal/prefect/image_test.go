package prefect

import (
	"fmt"
	"strings"
	"testing"
)

const (
	ours   = "prefect.deployments.steps.run_shell_script: {id: build-image, script: 'layerpack -t r/ours'}"
	docker = "prefect_docker.deployments.steps.build_docker_image: {id: build_image, image_name: r/docker, tag: a, dockerfile: auto}"
	pushed = "prefect_docker.deployments.steps.push_docker_image: {id: push_image, image_name: '{{ build_image.image_name }}', tag: '{{ build_image.tag }}'}"
	commit = "prefect.deployments.steps.run_shell_script: {id: commit, script: git rev-parse HEAD}"
)

func TestImageOfADeployment(t *testing.T) {
	for _, c := range []struct{ build, push, image, want string }{
		{"", "", "", "0"},
		{"", "", "r/x:1", "3"},
		{"", "", "{{ $IMAGE }}", "3"},
		{"", "", "{{ prefect.variables.image }}", "3"},
		{"", "", "{{ build_image.image }}", "4"},
		{ours, "", "", "1 -t r/ours"},
		{ours, "", "{{ build-image.stdout }}", "1 -t r/ours"},
		{ours, "", "{{build-image.stdout}}", "1 -t r/ours"},
		{ours, "", "{{ stdout }}", "1 -t r/ours"},
		{ours, "", "r/ours", "1 -t r/ours"},
		{ours, "", "r/other", "3"},
		{ours, "", "{{ build-image.image }}", "4"},
		{ours, "", "{{ image }}", "4"},
		{ours, "", "{{ build_image.image }}", "4"},
		{docker, "", "{{ build_image.image }}", "2 -t r/docker:a"},
		{docker, "", "{{ image }}", "2 -t r/docker:a"},
		{docker, "", "{{ build_image.image_name }}:{{ build_image.tag }}", "2 -t r/docker:a"},
		{docker, pushed, "{{ push_image.image }}", "2 -t r/docker:a"},
		{docker, pushed, "{{ build_image.stdout }}", "4"},
		{docker, "", "r/docker:a", "2 -t r/docker:a"},
		{commit, "", "r/x:{{ commit.stdout }}", "3"},
		{commit, "", "{{ commit.stdout }}", "3"},
		{commit + "\n- " + strings.Replace(ours, "r/ours", "r/x:{{ commit.stdout }}", 1), "", "r/x:{{commit.stdout}}", "1 -t r/x:{{ commit.stdout }}"},
		{"mine.build: {id: mine}", "", "{{ mine.image }}", "3"},
	} {
		text := "deployments:\n- work_pool: {job_variables: {image: '" + c.image + "'}}\n"
		if c.build != "" {
			text += "build:\n- " + c.build + "\n"
		}
		if c.push != "" {
			text += "push:\n- " + c.push + "\n"
		}
		images := read(t, text).Images()
		if got := strings.TrimSpace(fmt.Sprint(int(images[0].Origin), " ", strings.Join(images[0].Args, " "))); got != c.want || len(images) != 1 {
			t.Errorf("%s: %s, want %s", text, got, c.want)
		}
	}
}

func TestImagesAreGrouped(t *testing.T) {
	f := read(t, `
build:
- `+ours+`
deployments:
- {name: a, work_pool: {job_variables: {image: "{{ build-image.stdout }}"}}}
- name: b
  work_pool: {job_variables: {image: "{{ mine.stdout }}"}}
  build:
  - prefect.deployments.steps.run_shell_script: {id: mine, script: "layerpack   build -t 'r/ours'"}
- name: c
  work_pool: {job_variables: {image: "{{ mine.stdout }}"}}
  build:
  - prefect.deployments.steps.run_shell_script: {id: mine, script: "layerpack -t r/ours", directory: sub}
- name: d
  work_pool: {job_variables: {image: "{{ mine.stdout }}"}}
  build:
  - prefect.deployments.steps.run_shell_script: {id: mine, script: "layerpack -t r/ours", env: {LAYERPACK_BASE: x}}
- {name: e, work_pool: {job_variables: {image: r/fixed}}}
- {name: f, work_pool: {job_variables: {image: r/fixed}}}
- {name: g, build: null, work_pool: {job_variables: {image: "{{ build-image.stdout }}"}}}
- {name: h, build: null}
- {name: i}
`)
	var got []string
	for _, i := range f.Images() {
		var names string
		for _, k := range i.Deployments {
			names += f.Deployments[k].Name.Text
		}
		got = append(got, i.Origin.String()+":"+names)
	}
	if want := "layerpack:abi layerpack:c layerpack:d name:ef unfilled:g none:h"; strings.Join(got, " ") != want {
		t.Errorf("%s, want %s", got, want)
	}
}
