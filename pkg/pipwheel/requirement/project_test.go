package requirement

import (
	"fmt"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/refusal"
)

const pyproject = `
[project]
name = "My.Proj"
requires-python = ">=3.9"
dependencies = ["pandas>=2", "x @ https://u:pass@h/x-1-py3-none-any.whl", "g @ git+https://h/g"]

[project.optional-dependencies]
AWS = ["boto3; os_name == 'posix'"]
all = ["my-proj[aws, more]; python_version > '3'", "my_proj[all]", "z"]
more = ["m"]
x = ["my-proj[y]; os_name == 'a'", "in-x"]
y = ["my-proj[x]; os_name == 'b'", "in-y"]

[dependency-groups]
dev = ["pytest", {include-group = "Lint"}, {include-group = "lint"}]
lint = ["ruff>1"]
loop = [{include-group = "loop2"}]
loop2 = [{include-group = "loop"}]
lost = [{include-group = "nowhere"}]
bad1 = ["a b"]
bad2 = [{include-group = 1}]
bad3 = [{include-group = "lint", x = 1}]
bad4 = [1]
`

func TestProject(t *testing.T) {
	p, err := ParseProject("pyproject.toml", []byte(pyproject))
	if err != nil {
		t.Fatal(err)
	}
	if p.Name != "My.Proj" || p.RequiresPython.String() != ">=3.9" {
		t.Errorf("%+v", p)
	}
	own := `pyproject.toml: [project] dependencies pandas>=2
pyproject.toml: [project] dependencies x @ https://u:pass@h/x-1-py3-none-any.whl <https://u:pass@h/x-1-py3-none-any.whl 1 >
pyproject.toml: [project] dependencies g @ git+https://h/g {a checkout from version control}`
	extra := "pyproject.toml: [project] optional-dependencies "
	for _, c := range []struct {
		extras []string
		want   string
	}{
		{nil, own},
		{[]string{"aws", "aws"}, own + "\n" + extra + `aws boto3; os_name == "posix"`},
		{[]string{"x"}, own + "\n" + extra + `y in-y; os_name == "a"` + "\n" + extra + "x in-x"},
		{[]string{"All"}, own + "\n" + extra + `aws boto3; python_version > "3" and os_name == "posix"` + "\n" + extra + `more m; python_version > "3"` + "\n" + extra + "all z"},
	} {
		list, err := p.Dependencies(c.extras...)
		if got := strings.ReplaceAll(strings.ReplaceAll(show(list), "(", ""), ")", ""); err != nil || got != c.want {
			t.Errorf("%v: %v\n%s", c.extras, err, got)
		}
	}
	list, err := p.Groups("DEV", "lint")
	want := strings.ReplaceAll("dev pytest\nlint ruff>1\nlint ruff>1\nlint ruff>1", "\n", "\npyproject.toml: [dependency-groups] ")
	if err != nil || show(list) != "pyproject.toml: [dependency-groups] "+want {
		t.Errorf("%v\n%s", err, show(list))
	}
	for name, want := range map[string]string{
		"loop": "includes itself: loop, loop2, loop", "lost": "lost includes nowhere", "none": "it has the dependency groups bad1, ", "bad1": `"a b"`,
		"bad2": "nothing else", "bad3": "nothing else", "bad4": "neither",
	} {
		if _, err := p.Groups(name); !refusal.Is(err) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := p.Dependencies("gone"); !refusal.Is(err) || !strings.Contains(err.Error(), "it has the extras all, aws, more, x, y") {
		t.Errorf("%v", err)
	}
}

func TestProjectRefused(t *testing.T) {
	for text, want := range map[string]string{
		"[project":                                                     "line 1",
		"project = 1":                                                  "not a pyproject.toml",
		"[project]\ndependencies = [1]":                                "not a pyproject.toml",
		"[project]\ndependencies = ['=']":                              "[project] dependencies",
		"[project]\nrequires-python = 'x'":                             "requires-python",
		"[project.optional-dependencies]\na = []\nA = []":              "two extras have the normalised name a",
		"[project.optional-dependencies]\na = ['?']":                   "optional-dependencies a",
		"[dependency-groups]\na-b = []\nA_B = []":                      "A_B and a-b have the same name",
		"[project]\ndependencies = ['https://u:pass@h/a-1-py3-n.whl']": "https://****@h",
	} {
		_, err := ParseProject("pyproject.toml", []byte(text))
		if !refusal.Is(err) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "pass@") {
			t.Errorf("%s: %v", text, err)
		}
	}
	for text, want := range map[string]string{
		"": "no [project] table", "[project]\nname = 'a'\ndynamic = ['dependencies']": "only a build tells them",
	} {
		p, err := ParseProject("pyproject.toml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Dependencies(); !refusal.Is(err) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestManyGroups makes sure that groups that include each other end.
func TestManyGroups(t *testing.T) {
	text := "[dependency-groups]\n"
	for i := range 30 {
		text += fmt.Sprintf("g%d = ['a', {include-group = 'g%d'}, {include-group = 'g%d'}]\n", i, i+1, i+1)
	}
	p, err := ParseProject("pyproject.toml", []byte(text+"g30 = []"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Groups("g0"); !refusal.Is(err) || !strings.Contains(err.Error(), "too often") {
		t.Errorf("%v", err)
	}
}
