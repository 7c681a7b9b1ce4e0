//go:build e2e

package e2e

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// notHere lists what the pages' files say to platforms that are not on this machine. All else in them is obeyed: what
// is neither known nor listed fails the test, and so does a row about something that no page says.
var notHere = []struct{ page, what, path, why string }{
	{"github-actions.md", "workflow", "name", "a word for people"},
	{"github-actions.md", "workflow", "on", "GitHub starts the job; here the test does"},
	{"github-actions.md", "workflow", "jobs.deploy.runs-on", "the machine around the container is this one"},
	{"github-actions.md", "workflow", "jobs.deploy.steps.0", "actions/checkout is GitHub's: the folder is there already"},
	{"gitlab-ci.md", "job", "deploy.rules", "GitLab starts the job; here the test does"},
	{"kubernetes.md", "Job", "metadata", "nothing else refers to its name"},
	{"kubernetes.md", "Job", "spec.backoffLimit", "what fails fails the test"},
	{"kubernetes.md", "Job", "spec.template.spec.restartPolicy", "what fails fails the test"},
	{"kubernetes.md", "Job", "spec.template.spec.automountServiceAccountToken", "no API server, no token"},
	{"kubernetes.md", "Job", "spec.template.spec.containers.0.resources.requests", "no scheduler; the limits are held"},
	{"kubernetes.md", "Task", "metadata", "nothing else refers to its name"},
	{"kubernetes.md", "WorkflowTemplate", "metadata", "nothing else refers to its name"},
}

// decode reads a file of a page, strictly, but for what is not here.
func (p *journeyPage) decode(t *testing.T, what, text string, into any) {
	t.Helper()
	p.decoded = append(p.decoded, what)
	var doc any
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatalf("%s: the %s: %v", p.name, what, err)
	}
	for _, row := range notHere {
		if row.page == p.name && row.what == what && !remove(doc, strings.Split(row.path, ".")) {
			t.Errorf("%s: the %s has no %s: nothing is left out", p.name, what, row.path)
		}
	}
	raw, err := yaml.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil {
		t.Fatalf("%s: the %s: %v", p.name, what, err)
	}
}

// remove takes a key away, or empties an item of a list, and reports whether it was there.
func remove(doc any, path []string) bool {
	switch at := doc.(type) {
	case map[string]any:
		next, ok := at[path[0]]
		if ok && len(path) == 1 {
			delete(at, path[0])
			return true
		}
		return ok && remove(next, path[1:])
	case []any:
		i, err := strconv.Atoi(path[0])
		if err != nil || i >= len(at) {
			return false
		}
		if len(path) == 1 {
			at[i] = map[string]any{}
			return true
		}
		return remove(at[i], path[1:])
	}
	return false
}
