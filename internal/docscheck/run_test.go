package docscheck

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

const usage = 2 // exit code of a command line that layerpack cannot understand

// TestCommandLines gives every command line of the pages to the program.
func TestCommandLines(t *testing.T) {
	p := build(t)
	t.Run("Takes", func(t *testing.T) { testTakes(t, p) })
	t.Run("Pages", func(t *testing.T) { testPages(t, p) })
}

func testPages(t *testing.T, p program) {
	var jobs sync.WaitGroup
	slots := make(chan struct{}, 4)
	checked := 0
	check := func(where string, args []string) {
		checked++
		jobs.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if err := p.takes(args); err != nil {
				t.Errorf("%s: layerpack %s: %v", where, strings.Join(args, " "), err)
			}
		})
	}
	for _, page := range pages(t) {
		for _, b := range page.blocks {
			found, err := commands(b)
			if err != nil {
				t.Errorf("%s:%d: %v", b.page, b.line, err)
			}
			for _, args := range found {
				check(fmt.Sprintf("%s:%d", b.page, b.line), args)
			}
		}
		found, err := spans(page)
		if err != nil {
			t.Errorf("%s: %v", page.path, err)
		}
		for _, args := range found {
			check(page.path, args)
		}
	}
	jobs.Wait()
	if checked < 50 {
		t.Errorf("%d command lines were found: the pages have more", checked)
	}
}

// testTakes checks that what is wrong in a page would be found.
func testTakes(t *testing.T, p program) {
	for _, line := range []string{
		"--base x -t registry.example/a --nonsense",
		"nonsense",
		"--base x -t registry.example/UPPER/case",
		"--base x --source a:relative",
		"plan --base x --platform all,linux/arm64",
		"lock --base x -o FILE --tag y",
		"login registry.example --password secret",
		"cache prune --everything",
		"init --base x",
		"init --base x -t registry.example/a -- --nonsense",
		"-t registry.example/a",
	} {
		if err := p.takes(strings.Fields(line)); err == nil {
			t.Errorf("layerpack %s passed", line)
		}
	}
	for _, line := range []string{
		"--base python:3.11 -t registry.example/a --digest-file /no/such/folder/digest",
		"init --base x -t filled -- --env A=b",
		"login registry.example -u me --password-stdin",
		"version",
	} {
		if err := p.takes(strings.Fields(line)); err != nil {
			t.Errorf("layerpack %s: %v", line, err)
		}
	}
}

// program is layerpack, to be run in folders of its own.
type program struct {
	file string
	dirs string
}

func build(t *testing.T) program {
	t.Helper()
	p := program{dirs: t.TempDir()}
	p.file = filepath.Join(p.dirs, "layerpack")
	cmd := exec.Command("go", "build", "-o", p.file, "./cmd/layerpack")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	return p
}

// takes reports why layerpack does not understand a command line. It is asked twice: for help at the end, which reads every
// flag and does nothing, and in earnest, which also looks at the values.
func (p program) takes(args []string) error {
	asked := len(args)
	if i := slices.Index(args, "--"); i >= 0 {
		asked = i
	}
	if code, said := p.run(slices.Insert(slices.Clone(args), asked, "--help")); code != 0 {
		return fmt.Errorf("with --help, exit code %d: %s", code, said)
	}
	if len(args) > 0 && (args[0] == "login" || args[0] == "logout") {
		return nil // would ask the registry
	}
	if code, said := p.run(harmless(args)); code == usage {
		return errors.New(said)
	}
	return nil
}

// harmless replaces the base by one that is not there, and paths of results by some that can be written.
func harmless(args []string) []string {
	out := slices.Clone(args)
	for i := range out {
		name, value, joined := strings.Cut(out[i], "=")
		var to string
		switch {
		case name != "--base" && name != "--digest-file" && name != "--metadata-file":
			continue
		case !joined && i+1 == len(out):
			continue
		case !joined:
			value = out[i+1]
		}
		if to = path.Base(value); name == "--base" {
			to = "oci:missing"
		}
		if joined {
			out[i] = name + "=" + to
		} else {
			out[i+1] = to
		}
	}
	return out
}

// run runs layerpack in an empty project, without a network, and returns exit code and the error that it told.
func (p program) run(args []string) (code int, said string) {
	dir, err := os.MkdirTemp(p.dirs, "project")
	if err != nil {
		return -1, err.Error()
	}
	if err := os.WriteFile(filepath.Join(dir, "prefect.yaml"), []byte("name: shop\n"), 0o644); err != nil {
		return -1, err.Error()
	}
	cmd := exec.Command(p.file, args...)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	const nowhere = "http://127.0.0.1:9"
	cmd.Env = []string{"HOME=" + dir, "TMPDIR=" + dir, "HTTPS_PROXY=" + nowhere, "HTTP_PROXY=" + nowhere, "PIP_CONFIG_FILE=" + os.DevNull}
	err = cmd.Run()
	if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		return -1, err.Error()
	}
	return cmd.ProcessState.ExitCode(), strings.TrimSpace(stderr.String())
}
