//go:build oracle

package prefect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// readAll is how Prefect reads the file and a step: PyYAML's safe loader, its regular expression for placeholders, and shlex.
const readAll = `
import json, re, shlex, sys, yaml
placeholder = re.compile(r"({{\s*([\w\.\-\[\]$]+)\s*}})")
for line in sys.stdin:
    kind, text = json.loads(line)
    try:
        if kind == "yaml":
            got = yaml.safe_load(text)
            json.dumps(got)
        elif kind == "words":
            got = shlex.split(text)
        elif kind == "lines":
            got = [l for l in text.splitlines() if l]
        else:
            got = [name for _, name in placeholder.findall(text)]
    except Exception as e:
        got = {"failed": str(e)}
    print(json.dumps(got, default=str))
`

// python makes a virtual environment with PyYAML from the configured index, with the interpreter that
// PYTHON3 names, else python3.
func python(t *testing.T) string {
	t.Helper()
	python := os.Getenv("PYTHON3")
	if python == "" {
		python = "python3"
	}
	dir := filepath.Join(t.TempDir(), "venv")
	venv := filepath.Join(dir, "bin", "python")
	for _, args := range [][]string{{python, "-m", "venv", dir}, {venv, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "pyyaml"}} {
		if out, err := exec.CommandContext(t.Context(), args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	return venv
}

// ask lets Python read texts, each of a kind.
func ask(t *testing.T, python string, questions [][2]string) []any {
	t.Helper()
	var in, out, errs bytes.Buffer
	enc := json.NewEncoder(&in)
	for _, q := range questions {
		if err := enc.Encode(q); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), python, "-c", readAll)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = &in, &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, errs.Bytes())
	}
	answers := make([]any, len(questions))
	dec := json.NewDecoder(&out)
	for i := range answers {
		if err := dec.Decode(&answers[i]); err != nil {
			t.Fatal(err)
		}
	}
	return answers
}

func failed(answer any) bool {
	m, ok := answer.(map[string]any)
	return ok && len(m) == 1 && m["failed"] != nil
}

// draw makes a prefect.yaml of pieces as people write them.
func draw(r *rand.Rand) string {
	pick := func(s ...string) string { return s[r.IntN(len(s))] }
	var b strings.Builder
	b.WriteString(pick("", "", "---\n", "# top\n\n", "\ufeff"))
	sections := []string{
		pick("name: shop\n", "name: \"shop\"   # it\n", "name: >-\n  two\n  words\n"),
		pick("", "x: &x\n  name: p\n  job_variables:\n    env: {A: b}\n", "x: &x {name: p, job_variables: {image: r/y}}\n"),
		pick("", "build:\n", "build: null\n", "build: []  \n", "build:\n- a.b:\n    id: c\n    x: |\n      one\n\n      # two\n\n", "build:\n  - a.b:\n      id: c\n  # end\n", "build: [{a.b: {}}]\n"),
		pick("", "push: null\n", "# push\n# here\npush:\n", "push: ~\n\n\n"),
		pick("", "pull:\n", "pull: []\n", "pull:\n- a.c: {directory: /x}\n\n", "pull:\n    -   a.c:\n            directory: |-\n                /x\n"),
	}
	r.Shuffle(len(sections), func(i, j int) { sections[i], sections[j] = sections[j], sections[i] })
	deployments := "deployments:" + pick("\n", " # all\n")
	pad := pick("", "  ", "    ")
	for i := range 1 + r.IntN(3) {
		deployments += pad + fmt.Sprintf("-%s name: d%d\n", pick("", "  "), i)
		deployments = strings.ReplaceAll(deployments, "-   name", "-   name")
		in := pad + strings.Repeat(" ", len(deployments)-strings.LastIndex(deployments, "-")-len(fmt.Sprintf("name: d%d\n", i)))
		deployments += in + pick("entrypoint: f.py:m\n", "# none\n", "tags: [a,\n"+in+" b]\n", "description: |\n"+in+"  long\n\n"+in+"  # text\n")
		deployments += pick("", in+"work_pool:\n", in+"work_pool: {}\n", in+"work_pool:\n"+in+"  name: p\n", in+"work_pool:\n"+in+"    job_variables:\n"+in+"      image: 'r/x' # old\n"+in+"    name: p\n",
			in+"work_pool:\n"+in+"  job_variables: {}\n", in+"work_pool:\n"+in+"  job_variables:\n"+in+"    # c\n"+in+"    env:\n"+in+"      A: \"b\n\n"+in+"        c\"\n\n", in+"work_pool: *x\n")
		deployments += pick("", "\n", in+"# end\n")
	}
	text := b.String() + strings.Join(sections, pick("", "\n")) + deployments
	if strings.Contains(text, "*x") && (!strings.Contains(text, "&x") || strings.Index(text, "&x") > strings.Index(text, "*x")) {
		text = strings.ReplaceAll(text, "*x", "{name: p}")
	}
	if r.IntN(4) == 0 {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	if r.IntN(4) == 0 {
		text = strings.TrimRight(text, "\r\n")
	}
	return text
}

// TestPythonReadsWhatInitWrites draws files and wants of PyYAML that it reads, from what Init makes of
// each, the old document with the step and the images.
func TestPythonReadsWhatInitWrites(t *testing.T) {
	const n = 1500
	venv := python(t)
	r := rand.New(rand.NewPCG(8, 8))
	o := InitOptions{Command: append([]string{"--label", "it's=größe"}, usual...), All: true, Pull: "/opt/prefect/shop", Env: []Variable{{"PW", Value{Text: `"a\b`}}}}
	var questions [][2]string
	edited, refused := 0, map[string]int{}
	for range n {
		text := draw(r)
		got, err := Init([]byte(text), o)
		if err != nil {
			_, why, _ := strings.Cut(err.Error(), ": ")
			refused[why]++
			continue
		}
		edited++
		questions = append(questions, [2]string{"yaml", text}, [2]string{"yaml", string(got)})
	}
	answers := ask(t, venv, questions)
	step := map[string]any{StepFunction: map[string]any{
		"id": "build-image", "script": CommandLine(o.Command), "env": map[string]any{"PW": `"a\b`},
	}}
	for i := 0; i < len(answers); i += 2 {
		if failed(answers[i]) {
			t.Errorf("PyYAML cannot read what was drawn: %v\n%s", answers[i], questions[i][1])
			continue
		}
		before, _ := answers[i].(map[string]any)
		build, _ := before["build"].([]any)
		before["build"] = append(append([]any{}, build...), step)
		if pull, _ := before["pull"].([]any); len(pull) == 0 {
			before["pull"] = []any{map[string]any{"prefect.deployments.steps.set_working_directory": map[string]any{"directory": o.Pull}}}
		}
		for _, d := range before["deployments"].([]any) {
			d := d.(map[string]any)
			pool, _ := d["work_pool"].(map[string]any)
			vars, _ := pool["job_variables"].(map[string]any)
			d["work_pool"] = with(pool, "job_variables", with(vars, "image", o.reference()))
		}
		if x, ok := before["x"]; ok && !reflect.DeepEqual(x, answers[i+1].(map[string]any)["x"]) {
			delete(before, "x") // the pool that all share by an alias has the image too
			delete(answers[i+1].(map[string]any), "x")
		}
		if !reflect.DeepEqual(before, answers[i+1]) {
			t.Errorf("%s\nbecomes\n%s\n%v\n%v", questions[i][1], questions[i+1][1], before, answers[i+1])
		}
	}
	t.Logf("%d files, %d edited, refused: %v", n, edited, refused)
	if edited < n/2 {
		t.Errorf("only %d of %d files were edited", edited, n)
	}
}

// with is a mapping with one more key.
func with(m map[string]any, key string, value any) map[string]any {
	out := map[string]any{key: value}
	for k, v := range m {
		if k != key {
			out[k] = v
		}
	}
	return out
}

// TestPythonReadsWhatWeRead puts tabs and tags into drawn files: PyYAML takes what Read takes, and refuses what Read says that it refuses.
func TestPythonReadsWhatWeRead(t *testing.T) {
	venv := python(t)
	r := rand.New(rand.NewPCG(10, 10))
	var questions [][2]string
	var refused []bool
	for range 2000 {
		text := draw(r)
		for range 1 + r.IntN(2) {
			i := r.IntN(len(text) + 1)
			text = text[:i] + []string{"\t", "\t", " \t", "\t# c", "!x ", "!!str ", "! ", "'\t'", "\"\t\" "}[r.IntN(9)] + text[i:]
		}
		_, err := Read([]byte(text))
		torn := strings.Contains(strings.ReplaceAll(text, "\r\n", ""), "\r")
		if torn || err != nil && !strings.Contains(err.Error(), "Prefect's reader") {
			continue // refused before, or for what no reader of YAML minds
		}
		questions, refused = append(questions, [2]string{"yaml", text}), append(refused, err != nil)
	}
	wrong, no := 0, 0
	for i, answer := range ask(t, venv, questions) {
		if refused[i] {
			no++
		}
		if failed(answer) != refused[i] && wrong < 10 {
			wrong++
			t.Errorf("refused %t: %v\n%q", refused[i], answer, questions[i][1])
		}
	}
	t.Logf("%d read, %d refused", len(questions)-no, no)
}

// TestPythonSplitsTheSame compares words, lines and placeholders with Python's own over drawn texts.
func TestPythonSplitsTheSame(t *testing.T) {
	venv := python(t)
	r := rand.New(rand.NewPCG(9, 9))
	pieces := []string{"a", " ", "\t", "\\", "'", `"`, "$X", "{{", "}}", " x.y ", "$E", "-", "#", "é", "東", "\n", "\r", "\v", "\u2028", "\x1c", "=", ";", "[0]", "|", "\u00a0"}
	kinds := []string{"words", "lines", "placeholders"}
	var questions [][2]string
	for i := range 12_000 {
		var b strings.Builder
		for range 1 + r.IntN(10) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		questions = append(questions, [2]string{kinds[i%3], b.String()})
	}
	for i, answer := range ask(t, venv, questions) {
		kind, text := questions[i][0], questions[i][1]
		got := []any{}
		switch kind {
		case "words":
			if (Value{Text: text}).IsTemplate() {
				continue // Prefect has filled it in before
			}
			split, err := words(text)
			if (err != nil) != failed(answer) {
				t.Errorf("%q: %v, Python %v", text, err, answer)
			}
			if err != nil {
				continue
			}
			for _, w := range split {
				got = append(got, w)
			}
		case "lines":
			for _, l := range scriptLines(text) {
				got = append(got, l)
			}
		default:
			for _, p := range (Value{Text: text}).Placeholders() {
				name := p.Name
				if p.Kind == EnvironmentOf {
					name = strings.Trim(p.Text, "{} \t\n\r\v\x1c\u2028\u00a0")
				}
				got = append(got, name)
			}
		}
		if !reflect.DeepEqual(got, answer) {
			t.Errorf("%s of %q: %q, Python %q", kind, text, got, answer)
		}
	}
}
