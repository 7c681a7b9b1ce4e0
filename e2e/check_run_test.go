//go:build e2e

package e2e

import (
	"encoding/json"
	"errors"
	"maps"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// judge holds how a project's run ended to what the project says of that.
func (p *checked) judge(t *testing.T, e ran) {
	t.Helper()
	switch {
	case (e.code() != 0) != p.fails():
		t.Errorf("%q ended with %d; it should fail: %v\n%s", p.run(), e.code(), p.fails(), e.Out)
	case p.fails():
		p.asTold(t, e.Out)
	}
}

// ran is how a project's run ended.
type ran struct {
	Code *int // nil: it was not run
	Out  string
}

func (e ran) code() int { return *e.Code }

// runPrepared runs the projects that differ from others only by their files. Starting Prefect takes longer than all else, so
// it is started once in each of a few containers of the base, where the trees of their images are in sight.
func (r *rig) runPrepared(t *testing.T, all []*checked, base string) map[string]ran {
	t.Helper()
	var wait sync.WaitGroup
	const containers = 2
	shares := make([]map[string]ran, containers)
	for k := range containers {
		folders := map[string]string{here(t) + "/inside": "/inside/scripts"}
		told := []map[string]string{}
		for i := k; i < len(all); i += containers {
			tree := strings.TrimSpace(command(t, r.podman().command[0], append(r.podman().command[1:], "image", "mount", all[i].image)...))
			folders[tree] = "/inside/trees/" + all[i].name
			told = append(told, map[string]string{"name": all[i].name, "run": all[i].run()})
		}
		c := r.podman().start(t, base, folders)
		wait.Go(func() { shares[k] = c.prepared(t, told) })
	}
	wait.Wait()
	ended := map[string]ran{}
	for _, s := range shares {
		maps.Copy(ended, s)
	}
	return ended
}

// prepared runs projects one after the other in the container.
func (c container) prepared(t *testing.T, told []map[string]string) (ended map[string]ran) {
	t.Helper()
	list, err := json.Marshal(told)
	if err != nil {
		t.Error(err)
		return nil
	}
	o := c.exec(t, "--env", "PYTHONPATH="+projectHome, c.id, "python", "/inside/scripts/prepared.py", "/inside/trees", string(list))
	if err := json.Unmarshal([]byte(o.stdout), &ended); err != nil {
		t.Errorf("prepared.py ended with %d: %v\n%s", o.code, err, o.stderr)
	}
	return ended
}

// attempt runs a project in a container of its image, which may be one that cannot be started.
func (e engine) attempt(t *testing.T, p *checked) ran {
	t.Helper()
	words := []string{"sh", "-c", p.run()}
	line := slices.Concat(e.command[1:], []string{"run", "--pull", "never"}, runFlags)
	if len(p.head["without-entrypoint"]) > 0 {
		list, err := json.Marshal(words)
		if err != nil {
			t.Fatal(err)
		}
		line, words = append(line, "--entrypoint", string(list)), nil
	}
	raw, err := exec.Command(e.command[0], slices.Concat(line, []string{p.image}, words)...).CombinedOutput()
	var code int
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	return ran{&code, string(raw)}
}

// reasons are the words by which a run ends for the reason that a rule gives. What they catch is in the finding too.
var reasons = map[string]*regexp.Regexp{
	"missing-entrypoint":     regexp.MustCompile(`FileNotFoundError|ModuleNotFoundError|IsADirectoryError|ScriptError`),
	"unreadable-file":        regexp.MustCompile(`PermissionError: \[Errno 13\] Permission denied: '([^']+)'`),
	"missing-name":           regexp.MustCompile(`ImportError: cannot import name '([^']+)'|MissingFlowError: .*'([^']+)'|AttributeError: .* attribute '([^']+)'`),
	"no-flow":                regexp.MustCompile(`MissingFlowError`),
	"syntax":                 regexp.MustCompile(`SyntaxError|IndentationError`),
	"missing-module":         regexp.MustCompile(`ModuleNotFoundError: No module named '(?:__prefect_loader__\.)?([^']+)'`),
	"module-elsewhere":       regexp.MustCompile(`ModuleNotFoundError: No module named '([^']+)'`),
	"relative-import":        regexp.MustCompile(`ImportError: attempted relative import`),
	"hidden-module":          regexp.MustCompile(`ImportError: cannot import name '[^']+' from (?:partially initialized module )?'([^']+)'|AttributeError: .* attribute '([^']+)'|'([^']+)' is not a package`),
	"prefect-name":           regexp.MustCompile(`ImportError: cannot import name '([^']+)'|ModuleNotFoundError: No module named '([^']+)'`),
	"python-version":         regexp.MustCompile(`requires a different Python: \S+ not in '([^']+)'`),
	"flow-file":              regexp.MustCompile(`AttributeError`),
	"unknown-user":           regexp.MustCompile(`unable to find user (\S+):`),
	"program-not-found":      regexp.MustCompile(`no such file or directory|executable file not found|[Pp]ermission denied|prefect: not found`),
	"home-not-writable":      regexp.MustCompile(`PermissionError|[Pp]ermission denied`),
	"project-reinstall":      regexp.MustCompile(`/uv run --project `),
	"working-directory":      regexp.MustCompile(`chdir|not a directory|permission denied`),
	"working-directory-size": regexp.MustCompile(`No space left on device|RecursionError: maximum recursion depth`),
}

// asTold holds a failed run to the reason that one of the wanted findings gives.
func (p *checked) asTold(t *testing.T, out string) {
	t.Helper()
	for _, f := range p.told {
		says := reasons[f.Rule]
		if says == nil || !slices.ContainsFunc(p.want, func(w string) bool { return wanted(w, f.String(), f.Subject) }) {
			continue
		}
		for _, m := range says.FindAllStringSubmatch(out, -1) {
			if strings.Contains(f.String(), strings.Join(m[1:], "")) {
				return
			}
		}
	}
	t.Errorf("it failed for another reason than %v:\n%s", p.told, out[max(0, len(out)-4000):])
}
