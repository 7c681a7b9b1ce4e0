package prefect

import (
	"strings"
	"testing"
)

func TestWords(t *testing.T) {
	for line, want := range map[string]string{
		"":                           "",
		"  a  b\tc ":                 "a|b|c",
		`a\ b "c d" 'e "f' "g'h"`:    `a b|c d|e "f|g'h`,
		`"a\"b\\c\d$" 'x\y'`:         `a"b\c\d$|x\y`,
		`'' ""`:                      "|",
		"-t {{ $IMAGE }} x":          "-t|{{ $IMAGE }}|x",
		"-t r/{{ $A }}:'{{ b.c }}'x": "-t|r/{{ $A }}:{{ b.c }}x",
		"{{ a b }}":                  "{{|a|b|}}",
		"a#b # c":                    "a#b|#|c",
		"a; b && c > d":              "a;|b|&&|c|>|d",
		"größe 東京":                   "größe|東京",
	} {
		got, err := words(line)
		if err != nil || strings.Join(got, "|") != want {
			t.Errorf("%q: %q, %v; want %q", line, got, err, want)
		}
	}
	for _, line := range []string{`a \`, `'a`, `a "b`, `"a\`} {
		if got, err := words(line); err == nil {
			t.Errorf("%q: %q", line, got)
		}
	}
}

// What is quoted for the script comes back as it was.
func TestShellWord(t *testing.T) {
	for _, w := range []string{"", "a", "a b", "it's", `"`, `\`, "$X", "pandas>=2", "a;b", "*", "{{ $IMAGE }}", "r/x:{{ $TAG }}", "a {{ $TAG }} b", "-", "größe", "#"} {
		got, err := words(shellWord(w))
		if err != nil || len(got) != 1 || got[0] != w {
			t.Errorf("%q: %q, %q, %v", w, shellWord(w), got, err)
		}
	}
}

func step(t *testing.T, text string) Step {
	t.Helper()
	f := read(t, "build:\n- "+strings.ReplaceAll(text, "\n", "\n  "))
	return f.Build.Steps[0]
}

func TestLayerpack(t *testing.T) {
	for script, want := range map[string]string{
		`layerpack`:                            "",
		`layerpack --base a -t b`:              "--base|a|-t|b",
		`layerpack build -t {{ $IMAGE }}`:      "-t|{{ $IMAGE }}",
		`/usr/local/bin/layerpack -t b`:        "-t|b",
		`C:/bin/layerpack.exe -t b`:            "-t|b",
		`env A=b layerpack -t b`:               "-t|b",
		`A=b C=d layerpack -t b`:               "-t|b",
		"mkdir -p x\\nlayerpack -t b\\n":       "-t|b",
		"layerpack -t b\\nlayerpack -t c":      "-t|b",
		`layerpack -t 'b`:                      "-t|'b",
		`layerpack plan -t b`:                  "no",
		`layerpack init`:                       "no",
		`echo layerpack -t b`:                  "no",
		`docker build -t layerpack .`:          "no",
		`{{ $A }}=x layerpack -t b`:            "no",
		`/opt/layerpack/bin/build -t layerpck`: "no",
		``:                                     "no",
	} {
		s := step(t, "prefect.deployments.steps.run_shell_script:\n    script: \""+script+"\"\n")
		c, ok := s.Layerpack()
		if got := strings.Join(c.Args, "|"); ok != (want != "no") || ok && got != want {
			t.Errorf("%q: %q %t", script, got, ok)
		}
	}
	if _, ok := step(t, "other.run_shell_script: {script: layerpack}").Layerpack(); ok {
		t.Error("a function of somebody else's is taken for Prefect's")
	}
	c, _ := step(t, "prefect.projects.steps.run_shell_script: {script: \"a\\n\\nlayerpack -t x --tag y --tag=z\\nb\"}").Layerpack()
	if c.Lines != 3 || strings.Join(c.Tags(), " ") != "x y z" || c.Line != 2 {
		t.Errorf("%+v %v", c, c.Tags())
	}
}

func TestDocker(t *testing.T) {
	const fn = "prefect_docker.deployments.steps.build_docker_image: "
	for in, want := range map[string]string{
		"{image_name: r/x, tag: '1', dockerfile: auto}": "layerpack -t r/x:1",
		"{image_name: r/x, dockerfile: auto}":           "layerpack -t r/x",
		"{dockerfile: auto}":                            "layerpack",
		"{image_name: 'r/{{ $N }}', tag: '{{ $T }}', dockerfile: auto, additional_tags: [a, b]}":             "layerpack -t r/{{ $N }}:{{ $T }} -t r/{{ $N }}:a -t r/{{ $N }}:b",
		"{image_name: x, dockerfile: auto, additional_tags: latest}":                                         "layerpack -t x -t x:latest",
		"{image_name: x, dockerfile: auto, platform: linux/arm64, labels: {a: 'b c'}}":                       "layerpack -t x --platform linux/arm64 --label 'a=b c'",
		"{image_name: x, dockerfile: auto, platform: aarch64, path: .}":                                      "layerpack -t x --platform linux/arm64",
		"{image_name: x, dockerfile: auto, platform: '{{ $ARCH }}'}":                                         "layerpack -t x --platform {{ $ARCH }}",
		"{image_name: x, dockerfile: auto, platforms: [linux/amd64, linux/arm64], build_backend: buildx}":    "layerpack -t x --platform linux/amd64 --platform linux/arm64",
		"{image_name: x, dockerfile: auto, path: src}":                                                       "layerpack -t x; --source src:/opt/prefect/NAME",
		"{image_name: x, dockerfile: auto, path: ..}":                                                        "layerpack -t x; --source ..:/opt/prefect/NAME",
		"{image_name: x, dockerfile: auto, path: null, target: null, labels: null}":                          "layerpack -t x",
		"{image_name: x, dockerfile: auto, labels: [a=b], target: slim, annotations: {a: b}}":                "layerpack -t x; labels is no mapping; target names a stage; annotations of the Docker build is not known",
		"{image_name: x, path: src, buildargs: {A: b}}":                                                      "layerpack -t x; src/Dockerfile; buildargs is for lines",
		"{image_name: x, dockerfile: auto, path: ./., nocache: true, id: a, requires: b, ignore_cache: yes}": "layerpack -t x",
		"{image_name: x}": "layerpack -t x; Dockerfile",
		"{image_name: x, dockerfile: docker/Dockerfile}":                           "layerpack -t x; docker/Dockerfile",
		"{image_name: x, dockerfile: auto, buildargs: {A: b}, network_mode: host}": "layerpack -t x",
	} {
		d, ok := step(t, fn+in).Docker()
		if !ok {
			t.Fatal(in)
		}
		args, cannot := d.Layerpack()
		parts := strings.Split(want, "; ")
		if got := CommandLine(args); got != parts[0] || len(cannot) != len(parts)-1 {
			t.Errorf("%s: %s %q", in, got, cannot)
			continue
		}
		for i, c := range cannot {
			if !strings.Contains(c, parts[i+1]) {
				t.Errorf("%s: %q", in, c)
			}
		}
	}
	d, _ := step(t, fn+"{image_name: x, dockerfile: auto, cache_from: [y], buildargs: {A: b}, nocache: null, network_mode: host}").Docker()
	if got := strings.Join(d.Left(), " "); got != "cache_from buildargs network_mode" {
		t.Errorf("left out: %s", got)
	}
	if _, ok := step(t, "mine.build_docker_image: {}").Docker(); ok {
		t.Error("a function of somebody else's is taken for prefect_docker's")
	}
}
