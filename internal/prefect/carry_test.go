package prefect

import (
	"os"
	"strings"
	"testing"
)

// carriedBy is the script that Init makes of a build_docker_image step's inputs.
func carriedBy(t *testing.T, inputs string, o InitOptions) string {
	t.Helper()
	o.Replace = true
	got, err := Init([]byte("build:\n- prefect_docker.deployments.steps.build_docker_image: {dockerfile: auto, "+inputs+"}\n"), o)
	if err != nil {
		t.Fatalf("%s: %v", inputs, err)
	}
	c, ok := read(t, string(got)).Build.Steps[0].Layerpack()
	if !ok {
		t.Fatalf("%s", got)
	}
	again, err := Init(got, o)
	if err != nil || string(again) != string(got) {
		t.Errorf("%s, again: %v\n%s", inputs, err, again)
	}
	return strings.Join(c.Args, " ")
}

// What the step of Docker says goes over to layerpack's, unless the words that are given say otherwise.
func TestInitCarriesOver(t *testing.T) {
	const name = "image_name: r/old, tag: a"
	for _, c := range []struct{ inputs, given, want string }{
		{name, "-t r/new", ""},
		{name, "--base b", "-t r/old:a"},
		{name, "-t r/old:a", ""},
		{"image_name: 'r/{{ $N }}', tag: '{{ $T }}'", "--base b", "-t r/{{ $N }}:{{ $T }}"},
		{name + ", additional_tags: [b, c]", "-t r/old:a", "-t r/old:b -t r/old:c"},
		{name + ", additional_tags: [b, c]", "--tag r:5000/new:x", "--tag r:5000/new:b --tag r:5000/new:c"},
		{name + ", additional_tags: [b, c]", "-t r/old -t r/old:b", "-t r/old:c"},
		{name + ", additional_tags: b", "-t {{ $IMAGE }}", "-t r/old:b"},
		{name + ", additional_tags: b", "-t {{ $REPO }}:main", "-t {{ $REPO }}:b"},
		{name + ", platform: linux/arm64", "-t r/new", "--platform linux/arm64"},
		{name + ", platform: arm64", "-t r/new", "--platform linux/arm64"},
		{name + ", platform: arm64", "-t r/new --platform linux/amd64", ""},
		{name + ", platform: '{{ $P }}'", "-t r/new", "--platform {{ $P }}"},
		{name + ", labels: {a: b, c: d}", "-t r/new --label=c=e", "--label a=b"},
		{name + ", path: '.', pull: false, target: null", "-t r/new", ""},
	} {
		given := strings.Split(strings.ReplaceAll(strings.ReplaceAll(c.given, "{{ ", "{{"), " }}", "}}"), " ")
		want := strings.TrimSpace(strings.Join(given, " ") + " " + c.want)
		if got := carriedBy(t, c.inputs, InitOptions{Command: given}); spaceless(got) != spaceless(want) {
			t.Errorf("%s with %s: %s, want %s", c.inputs, c.given, got, want)
		}
	}
}

func TestInitNotes(t *testing.T) {
	text, err := os.ReadFile("testdata/init/carried.yaml")
	if err != nil {
		t.Fatal(err)
	}
	o := goldens["carried"]
	var notes []string
	o.Note = func(text string) { notes = append(notes, text) }
	got, err := Init(text, o)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"the step pushes to registry.example.com/new/shop:{{ commit.stdout }}; registry.example.com/old/shop:{{ commit.stdout }}, which build_docker_image made, stays what it is",
		"taken over from build_docker_image: --tag registry.example.com/new/shop:latest --tag registry.example.com/new/shop:{{ $RELEASE }} --platform linux/arm64 --label 'maintainer=a \"b\" c'",
		"left out, since the image is the same without: ignore_cache, buildargs",
		"push_docker_image logged in with its credentials: where the machine is not logged in, give the step LAYERPACK_USERNAME and LAYERPACK_PASSWORD with --env",
	}
	if strings.Join(notes, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s", strings.Join(notes, "\n"))
	}
	notes = nil
	if _, err := Init(got, o); err != nil || notes != nil {
		t.Errorf("again: %v, %q", err, notes)
	}
	o.Env = []Variable{{Name: "LAYERPACK_PASSWORD", Value: Value{Text: "{{ prefect.blocks.secret.x }}"}}}
	if _, err := Init(text, o); err != nil || len(notes) != 3 {
		t.Errorf("with a password: %v, %q", err, notes)
	}
	notes = nil
	if _, err := Init([]byte("build: {}\nx: ["), o); err == nil || notes != nil {
		t.Errorf("refused: %v, %q", err, notes)
	}
}

// A word that somebody added is another step, not what was carried over.
func TestInitDoesNotTakeOtherWordsForCarried(t *testing.T) {
	text := "build:\n- prefect.deployments.steps.run_shell_script: {id: build-image, script: layerpack -t r/x --pip y}\n"
	if _, err := Init([]byte(text), InitOptions{Command: []string{"-t", "r/x"}, Replace: true}); err == nil || !strings.Contains(err.Error(), "with other words") {
		t.Error(err)
	}
	text = strings.Replace(text, "--pip y", "--label a=b", 1)
	if _, err := Init([]byte(text), InitOptions{Command: []string{"-t", "r/x"}}); err == nil || !strings.Contains(err.Error(), "with other words") {
		t.Error(err)
	}
}

// The order between flags makes no other image, that among the values of one may.
func TestImagesWithFlagsInAnotherOrderAreOne(t *testing.T) {
	step := func(id, script string) string {
		return "- name: " + id + "\n  work_pool: {job_variables: {image: '{{ " + id + ".stdout }}'}}\n  build:\n  - prefect.deployments.steps.run_shell_script: {id: " + id + ", script: '" + script + "'}\n"
	}
	text := "deployments:\n" + step("a", "layerpack --base b -t r/x --pip p --json") + step("b", "layerpack --json --pip=p --tag r/x --base b") +
		step("c", "layerpack --base b -t r/x -t r/y --pip p --json") + step("d", "layerpack --base b -t r/y -t r/x --pip p --json")
	if images := read(t, text).Images(); len(images) != 3 || len(images[0].Deployments) != 2 {
		t.Errorf("%+v", images)
	}
}
