//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// testCheck takes the projects that flowcheck's own test has, with findings about a made-up image, and holds both sides to a
// real one: layerpack refuses the broken ones before it writes a tag, the sound ones get no error, and in a container of its
// image each project fails or does not as it says, for the reason that was found.
func testCheck(t *testing.T, r *rig) {
	all := readProjects(t)
	bases := r.projectBases(t, all)
	since := time.Now()
	t.Run("Findings", func(t *testing.T) {
		for _, p := range all {
			t.Run(p.name, func(t *testing.T) {
				t.Parallel()
				r.checkFinds(t, p, bases[p.base()])
				p.image = r.buildJudges(t, p, bases[p.base()])
				r.podman().pull(t, p.image)
			})
		}
	})
	t.Logf("findings and images: %.1f s", time.Since(since).Seconds())
	t.Run("Containers", func(t *testing.T) { r.containersJudge(t, all, bases[""]) })
	if tags := r.tags(t, "check/refused"); len(tags) > 0 {
		t.Errorf("refused projects have tags: %q", tags)
	}
}

// containersJudge runs the images of all projects that have one.
func (r *rig) containersJudge(t *testing.T, all []*checked, base string) {
	since := time.Now()
	var plain []*checked
	for _, p := range all {
		if p.image != "" && p.plain() {
			plain = append(plain, p)
		}
	}
	ended := r.runPrepared(t, plain, base)
	t.Logf("%d in prepared containers: %.1f s", len(plain), time.Since(since).Seconds())
	since = time.Now()
	var failed, passed, own atomic.Int32
	t.Run("Images", func(t *testing.T) {
		for _, p := range all {
			t.Run(p.name, func(t *testing.T) {
				t.Parallel()
				e := ended[p.name]
				if e.Code == nil {
					own.Add(1)
					e = r.podman().attempt(t, p)
				}
				if p.judge(t, e); e.code() != 0 {
					failed.Add(1)
				} else {
					passed.Add(1)
				}
			})
		}
	})
	t.Logf("%d in containers of their own: %.1f s", own.Load(), time.Since(since).Seconds())
	t.Logf("%d projects failed in the container and %d did not", failed.Load(), passed.Load())
}

// finding is what `layerpack check --json` prints.
type finding struct{ Rule, Severity, Subject, Cause, Fix string }

func (f finding) String() string {
	return fmt.Sprintf("%s %s %s: %s; %s", f.Severity, f.Rule, f.Subject, f.Cause, f.Fix)
}

// checkFinds holds the findings about a project to those that it wants: no other error, and none is missing.
func (r *rig) checkFinds(t *testing.T, p *checked, base string) {
	t.Helper()
	got := r.run(t, call{dir: p.folder(), args: slices.Concat([]string{"check", "--json"}, p.words(base))})
	code := 0
	if p.refused() {
		code = 4
	}
	var found []finding
	if err := json.Unmarshal([]byte(got.stdout), &found); err != nil || got.code != code {
		t.Fatalf("check ended with %d, want %d (%v)\n%s%s", got.code, code, err, got.stdout, got.stderr)
	}
	p.told = found
	left := slices.Clone(p.want)
	for _, f := range found {
		k := slices.IndexFunc(left, func(w string) bool { return wanted(w, f.String(), f.Subject) })
		switch {
		case k >= 0:
			left = slices.Delete(left, k, k+1)
		case f.Severity == "error" && !p.both(f):
			t.Errorf("a false error: %s", f)
		case f.Rule != prefectFileRule && (more[p.name] == "" || !strings.Contains(f.Cause, more[p.name])):
			t.Errorf("not wanted: %s", f)
		}
	}
	for _, w := range left {
		t.Errorf("not found: %s\n%s", w, got.stdout)
	}
}

// prefectFileRule is the rule of what is wrong with a prefect.yaml by itself: the projects have none, the test writes it.
const prefectFileRule = "prefect-yaml"

// more are words of a warning that a project gets on the rig's base beside what it wants.
var more = map[string]string{
	"broken/pickled-on-prefect-2": "it was saved with cloudpickle", // the base has a newer one than the made-up image
}

// both reports that a finding says of prefect.yaml what another says of its entrypoint.
func (p *checked) both(f finding) bool { return p.refused() && f.Rule == prefectFileRule }

// wanted reports whether a line of a project asks for the finding: severity, rule, and words of which a first one that begins
// with a slash begins the subject.
func wanted(line, text, subject string) bool {
	words := strings.Fields(line)
	if !strings.HasPrefix(text, words[0]+" "+words[1]+" ") {
		return false
	}
	for k, w := range words[2:] {
		if k == 0 && strings.HasPrefix(w, "/") && strings.HasPrefix(subject, "/") && !strings.HasPrefix(subject, w) || !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// buildJudges has layerpack build and push a project: the same errors, and where there is one, nothing is pushed. It answers
// the image, which for a refused project is made against the advice.
func (r *rig) buildJudges(t *testing.T, p *checked, base string) string {
	t.Helper()
	repository := "check/passed"
	if p.refused() {
		repository = "check/refused"
	}
	tag := r.host + "/" + repository + ":" + p.kind() + "-" + p.label()
	got := r.run(t, call{dir: p.folder(), args: append(p.words(base), "-t", tag)})
	if !p.refused() {
		if got.code != 0 || strings.TrimSpace(got.stdout) != tag {
			t.Errorf("the build ended with %d\n%s%s", got.code, got.stdout, got.stderr)
		}
	} else if got.code != 4 || got.stdout != "" || !strings.Contains(got.stderr, "--ignore-healthchecks") {
		t.Errorf("the build ended with %d, want 4 and what lets it through\n%s%s", got.code, got.stdout, got.stderr)
	}
	for _, w := range p.want {
		// A prefect.yaml that cannot work is refused before anything is looked at.
		if words := strings.Fields(w); !p.early(got.stderr) && !containsAll(got.stderr, words[2:]) {
			t.Errorf("the message lacks %q:\n%s", words[2:], got.stderr)
		}
	}
	if p.refused() {
		tag = r.host + "/check/forced:" + p.label()
		r.ok(t, call{dir: p.folder(), args: append(p.words(base), "--ignore-healthchecks", "-t", tag)})
	}
	return tag
}

// early reports that the build ended with what is wrong in prefect.yaml.
func (p *checked) early(stderr string) bool {
	return p.refused() && strings.Contains(stderr, "prefect.yaml: runs of its deployments would fail")
}

func containsAll(text string, words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
}

// tags lists the tags of a repository of the rig's registry.
func (r *rig) tags(t *testing.T, repository string) []string {
	t.Helper()
	answer, err := http.Get("http://" + r.host + "/v2/" + repository + "/tags/list")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusNotFound {
		return nil
	}
	var list struct{ Tags []string }
	if err := json.NewDecoder(answer.Body).Decode(&list); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("tags of %s: %s, %v", repository, answer.Status, err)
	}
	return list.Tags
}
