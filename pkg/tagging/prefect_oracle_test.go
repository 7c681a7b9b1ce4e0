//go:build oracle

package tagging

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// prefects are the releases that judge us: the last of Prefect 1, the last line of Prefect 2, the
// newest Prefect 3 that the interpreter can have.
func prefects() map[int]string {
	return map[int]string{1: "==1.4.1", 2: "==2.20.*", 3: "==3.*"}
}

// newPrefect returns the interpreter of an environment with a Prefect of the configured index. It is made with the
// interpreter that the environment variable PYTHON3 names, else with python3, and kept in the user's cache folder.
func newPrefect(t *testing.T, major int) string {
	t.Helper()
	name := os.Getenv("PYTHON3")
	if name == "" {
		name = "python3"
	}
	system, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("the oracle needs Python 3: %v (install it, or name it in PYTHON3)", err)
	}
	cache, err := os.UserCacheDir()
	must(t, err)
	minor := strings.TrimSpace(string(command(t, nil, system, "-c", "import sys; print('%d.%d' % sys.version_info[:2])")))
	dir := filepath.Join(cache, "layerpack-e2e", "prefect-oracle", fmt.Sprintf("prefect%d-python%s", major, minor))
	complete := filepath.Join(dir, "complete")
	python := filepath.Join(dir, "bin", "python")
	if _, err := os.Stat(complete); errors.Is(err, os.ErrNotExist) {
		command(t, nil, system, "-m", "venv", "--clear", dir)
		command(t, nil, python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "prefect"+prefects()[major])
		must(t, os.WriteFile(complete, nil, 0o600))
	}
	return python
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// command returns what a command wrote to its standard output.
func command(t *testing.T, in []byte, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	home := filepath.Join(t.TempDir(), "home")
	cmd.Env = append(os.Environ(), "HOME="+home, "PREFECT_HOME="+home, "PYTHONDONTWRITEBYTECODE=1", "PREFECT__USER_CONFIG_PATH="+home)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s%s", cmd, err, out.Bytes(), errs.Bytes())
	}
	return out.Bytes()
}

// question is one for Prefect, with our answer.
type question struct {
	ask []any // the function of prefect_oracle.py and its arguments
	got any
	err error
	ref bool // the answer is a reference, which may be refused if it is none
}

type answer struct {
	Is     any
	Raises *string
	Valid  bool // as a reference
}

// ask puts questions to one Prefect.
func ask(t *testing.T, python string, questions []question) []answer {
	t.Helper()
	var in bytes.Buffer
	enc := json.NewEncoder(&in)
	for _, q := range questions {
		must(t, enc.Encode(q.ask))
	}
	out := bufio.NewScanner(bytes.NewReader(command(t, in.Bytes(), python, filepath.Join("testdata", "prefect_oracle.py"))))
	out.Buffer(nil, 64<<20)
	var answers []answer
	for out.Scan() {
		var a answer
		must(t, json.Unmarshal(out.Bytes(), &a))
		answers = append(answers, a)
	}
	must(t, out.Err())
	if len(answers) != len(questions) {
		t.Fatalf("%d answers to %d questions", len(answers), len(questions))
	}
	return answers
}

// TestPrefectAgrees gives our answers to generated questions that Prefect itself answers too: equal, or refused where
// Prefect fails or makes what is no reference.
func TestPrefectAgrees(t *testing.T) {
	const n = 10_000
	for major := range prefects() {
		t.Run(fmt.Sprintf("Prefect %d", major), func(t *testing.T) {
			t.Parallel()
			python := newPrefect(t, major)
			questions := []question{{ask: []any{"versions"}}}
			d := newDrawer()
			for range n {
				questions = append(questions, d.slugs()...)
			}
			for range n {
				switch major {
				case 1:
					questions = append(questions, d.storage()...)
				default:
					questions = append(questions, d.imageName(major), d.deploy(major))
				}
			}
			answers := ask(t, python, questions)
			t.Log(answers[0].Is)
			judge(t, questions[1:], answers[1:])
		})
	}
}

// judge compares our answers with Prefect's.
func judge(t *testing.T, questions []question, answers []answer) {
	t.Helper()
	count := map[string]int{}
	wrong := 0
	for i, q := range questions {
		a, kind := answers[i], fmt.Sprint(q.ask[0])
		outcome := "differ"
		switch {
		case a.Raises != nil && q.err != nil:
			outcome = "refused, as Prefect fails"
		case a.Raises == nil && q.err == nil && fmt.Sprint(q.got) == fmt.Sprint(a.Is):
			outcome = "equal"
		case a.Raises == nil && q.err != nil && q.ref && !a.Valid:
			outcome = "refused, as Prefect makes no valid reference"
		default:
			if wrong++; wrong <= 40 {
				raised := ""
				if a.Raises != nil {
					raised = *a.Raises
				}
				t.Errorf("%q: %q, %v; Prefect: %q %s", q.ask, q.got, q.err, a.Is, raised)
			}
		}
		if q.err == nil && q.ref && !a.Valid {
			t.Errorf("%q: %q, which is no reference", q.ask, q.got)
		}
		count[kind+": "+outcome]++
		count[kind]++
	}
	for _, k := range slices.Sorted(keys(count)) {
		t.Logf("%6d %s", count[k], k)
		if !strings.Contains(k, ":") && (count[k] < 10_000 || count[k+": equal"] < count[k]/4) {
			t.Errorf("%s: the generator has become one-sided", k)
		}
	}
	if wrong > 0 {
		t.Errorf("%d differences", wrong)
	}
}

func keys(m map[string]int) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}
