package prefect

import (
	"strings"
	"testing"
)

// project is a sound file; the tests replace lines of it.
const project = `name: shop
build:
- prefect.deployments.steps.run_shell_script:
    id: build-image
    script: layerpack -t r/shop
push: null
pull:
- prefect.deployments.steps.set_working_directory:
    directory: /opt/prefect/shop
deployments:
- name: daily
  entrypoint: flows.py:main
  work_pool:
    name: k8s
    job_variables:
      image: "{{ build-image.stdout }}"
      env:
        TZ: UTC
`

// broken are files with one thing wrong: lines of project and what stands in their place, and the
// finding. E is an error, W a warning.
var broken = []struct{ from, to, want string }{
	{"  entrypoint: flows.py:main\n", "", "11 W deployment \"daily\" has no entrypoint"},
	{"flows.py:main", "null", "11 W deployment \"daily\" has no entrypoint"},
	{"flows.py:main", "flows.py", "12 E deployment \"daily\" has the entrypoint \"flows.py\", which names no flow"},
	{"flows.py:main", "'flows.py:'", "12 E deployment \"daily\" has the entrypoint \"flows.py:\", which names no flow"},
	{"flows.py:main", "main", "12 E deployment \"daily\" has the entrypoint \"main\", which names no flow"},
	{"flows.py:main", "/home/me/shop/flows.py:main", "12 E deployment \"daily\" has the entrypoint \"/home/me/shop/flows.py:main\", a path of the machine"},
	{"flows.py:main", `C:\shop\flows.py:main`, "12 E deployment \"daily\" has the entrypoint \"C:\\\\shop\\\\flows.py:main\", a path of the machine"},
	{"flows.py:main", "/srv/flows.py:main", "12 E deployment \"daily\" has the entrypoint \"/srv/flows.py:main\", an absolute path to which"},
	{"flows.py:main", "../flows.py:main", "12 E deployment \"daily\" has the entrypoint \"../flows.py:main\", which lies outside"},
	{"name: shop", "prefect-version: 2.11.5", ""},
	{"    directory: /opt/prefect/shop", "    directory: /app", "9 E the working directory /app is not where the image holds the project, /opt/prefect/shop"},
	{"    directory: /opt/prefect/shop", "    directory: /opt/prefect", "9 E the working directory /opt/prefect is not where"},
	{"    directory: /opt/prefect/shop", "    directory: /opt/prefect/shop/sub", "9 W the working directory /opt/prefect/shop/sub is not where"},
	{"    directory: /opt/prefect/shop", "    directory: /opt/prefect/{{ name }}", "9 W the directory \"/opt/prefect/{{ name }}\" names no output of a step"},
	{"    directory: /opt/prefect/shop", "    directory: .", "9 W the directory \".\" is relative"},
	{"    directory: /opt/prefect/shop", "    directory:", "8 E set_working_directory has no directory"},
	{"    directory: /opt/prefect/shop", "  directory: /opt/prefect/shop", "8 E the step set_working_directory of pull has directory beside it|8 E set_working_directory has no directory"},
	{"pull:\n- prefect.deployments.steps.set_working_directory:\n    directory: /opt/prefect/shop\n", "", "8 E no pull step is written"},
	{"\n- prefect.deployments.steps.set_working_directory:\n    directory: /opt/prefect/shop\n", "\n", "7 E no pull step is written"},
	{"set_working_directory:\n    directory: /opt/prefect/shop", "git_clone:\n    repository: x", "8 W git_clone is a pull step"},
	{"deployments:\n", "- prefect.deployments.steps.pip_install_requirements: {}\ndeployments:\n", "10 W pip_install_requirements is a pull step"},
	{"TZ: UTC", "EXTRA_PIP_PACKAGES: pandas 's3fs>=1'", "18 W deployment \"daily\" sets EXTRA_PIP_PACKAGES"},
	{"TZ: UTC", "EXTRA_PIP_PACKAGES: '{{ $MORE }}'", "18 W deployment \"daily\" sets EXTRA_PIP_PACKAGES"},
	{"TZ: UTC", "EXTRA_PIP_PACKAGES: ''", ""},
	{"        TZ: UTC", "      - {name: EXTRA_PIP_PACKAGES, value: x}", "18 W deployment \"daily\" sets EXTRA_PIP_PACKAGES"},
	{"build-image.stdout", "build_image.image", "16 E deployment \"daily\" has the image \"{{ build_image.image }}\", which no step returns"},
	{"build-image.stdout", "build-image.image", "16 E deployment \"daily\" has the image \"{{ build-image.image }}\", which no step returns"},
	{"build-image.stdout", "build-image.stderr", "16 E deployment \"daily\" takes what layerpack says to people"},
	{"      image: \"{{ build-image.stdout }}\"\n", "", "11 W deployment \"daily\" names no image"},
	{"\"{{ build-image.stdout }}\"", "prefecthq/prefect:2-latest", "16 W deployment \"daily\" has the image \"prefecthq/prefect:2-latest\", which is not what the step in line 3 makes"},
	{"\"{{ build-image.stdout }}\"", "r/shop", ""},
	{"    id: build-image\n", "", "15 E deployment \"daily\" has the image \"{{ build-image.stdout }}\", which no step returns"},
	{"push: null", "- " + docker, "6 W build_docker_image stands beside the step"},
	{"push: null", "push:\n- " + pushed, "7 W push_docker_image pushes with Docker what layerpack has pushed"},
	{"layerpack -t r/shop", "layerpack -t r/shop && echo", "5 E the script uses \"&&\""},
	{"layerpack -t r/shop", "layerpack -t r/shop 2> log", "5 E the script uses \"2>\""},
	{"layerpack -t r/shop", "layerpack -t r/$NAME", "5 E the script names the variable $NAME"},
	{"layerpack -t r/shop", "layerpack -t r/${NAME}x", "5 E the script names the variable ${NAME}"},
	{"layerpack -t r/shop", "A=b layerpack -t r/shop", "5 E the script sets \"A=b\" before the command"},
	{"layerpack -t r/shop", "\"layerpack -t 'r/shop\"", "5 E a line of the script cannot be split into words"},
	{"layerpack -t r/shop", "|\n      layerpack \\\n      -t r/shop", "5 E a line of the script ends in a backslash|5 W the script that runs layerpack has 2 commands"},
	{"layerpack -t r/shop", "|\n      mkdir x\n      layerpack -t r/shop", "5 W the script that runs layerpack has 2 commands"},
	{"    script: layerpack -t r/shop", "  script: layerpack -t r/shop", "3 W the step run_shell_script of build has script beside it"},
	{"layerpack -t r/shop", "layerpack -t r/$NAME\n    expand_env_vars: true", ""},
	{"layerpack -t r/shop", "A=b layerpack -t r/$NAME && true\n    shell: true", ""},
}

func TestFindings(t *testing.T) {
	if found := read(t, project).Findings(usualLayout); len(found) > 0 {
		t.Fatal(found)
	}
	for _, c := range broken {
		text := strings.Replace(project, c.from, c.to, 1)
		if text == project {
			t.Fatalf("nothing replaced: %q", c.from)
		}
		f, err := Read([]byte(text))
		if err != nil {
			t.Errorf("%q: %v", c.to, err)
			continue
		}
		var want []string
		if c.want != "" {
			want = strings.Split(c.want, "|")
		}
		found := f.Findings(usualLayout)
		if len(found) != len(want) {
			t.Errorf("%q: %q, want %q", c.to, found, want)
			continue
		}
		for _, w := range want {
			ok := false
			for _, g := range found {
				level := " E "
				if g.Warning {
					level = " W "
				}
				ok = ok || strings.HasPrefix(strings.Replace(g.String(), ": ", level, 1), "prefect.yaml, line "+w)
				if g.Why == "" || g.Fix == "" || g.Line == 0 {
					t.Errorf("%q: %+v", c.to, g)
				}
			}
			if !ok {
				t.Errorf("%q: %q, want %q", c.to, found, w)
			}
		}
	}
}

// A deployment that runs in another image than ours gives warnings only, and what the file says
// once is told once.
func TestFindingsOfOthers(t *testing.T) {
	for _, c := range broken {
		text := strings.Replace(project, c.from, c.to, 1)
		text = strings.ReplaceAll(text, "layerpack", "buildah")
		for _, g := range read(t, text).Findings(usualLayout) {
			if !g.Warning {
				t.Errorf("%q: %s", c.to, g)
			}
		}
	}
	text := strings.Replace(project, "directory: /opt/prefect/shop", "directory: /app", 1)
	text += "- {name: other, entrypoint: 'flows.py:a', work_pool: {job_variables: {image: r/else}}}\n- {name: third, entrypoint: 'g.py:a', work_pool: {job_variables: {image: 'r/shop'}}}\n"
	found := read(t, text).Findings(usualLayout)
	if len(found) != 2 || found[0].Warning || found[0].Line != 9 {
		t.Errorf("%q", found)
	}
}

// Without the project's source in the image, where the flow comes from is not ours to judge.
func TestFindingsWithoutSource(t *testing.T) {
	text := strings.Replace(project, "set_working_directory:\n    directory: /opt/prefect/shop", "git_clone:\n    repository: x", 1)
	if found := read(t, text).Findings(Layout{Workdir: "/opt/prefect"}); len(found) > 0 {
		t.Errorf("%q", found)
	}
}

func TestFixes(t *testing.T) {
	text := strings.Replace(project, "TZ: UTC", "EXTRA_PIP_PACKAGES: pandas 's3fs>=1'", 1)
	found := read(t, text).Findings(usualLayout)
	if len(found) != 1 || found[0].Fix != "remove it and write --pip pandas --pip 's3fs>=1'" {
		t.Errorf("%q", found)
	}
	text = "prefect-version: 2.11.5\n" + strings.Replace(project, "flows.py:main", "pkg.flows.main", 1)
	if found := read(t, text).Findings(usualLayout); len(found) != 1 || found[0].Fix != "write the path of the file, a colon and the function" {
		t.Errorf("%q", found)
	}
	// A second source beside the project is a place for flows too.
	text = strings.Replace(project, "flows.py:main", "../../lib/flows/a.py:main", 1)
	if found := read(t, text).Findings(usualLayout); len(found) > 0 {
		t.Errorf("%q", found)
	}
	text = strings.Replace(project, "flows.py:main", "/etc/flow.py:main", 1)
	if found := read(t, text).Findings(usualLayout); len(found) > 0 {
		t.Errorf("%q", found)
	}
}
