//go:build oracle

package lockfile

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
	"github.com/layerpack/layerpack/pkg/pipwheel/requirement"
	"github.com/layerpack/layerpack/pkg/pipwheel/tag"
)

// tools are the newest uv, pip and packaging of the configured index.
type tools struct {
	python, uv string
	judge      *judge
}

// judge is a running lock_oracle.py.
type judge struct {
	in  io.Writer
	out *bufio.Scanner
}

func newTools(t *testing.T) *tools {
	t.Helper()
	name := os.Getenv("PYTHON3")
	if name == "" {
		name = "python3"
	}
	venv := filepath.Join(t.TempDir(), "venv")
	tl := &tools{python: filepath.Join(venv, "bin", "python"), uv: filepath.Join(venv, "bin", "uv")}
	run(t, ".", name, "-m", "venv", venv)
	run(t, ".", tl.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade", "pip", "uv", "packaging")
	t.Logf("%s, %s", bytes.TrimSpace(run(t, ".", tl.uv, "--version")), strings.Fields(string(run(t, ".", tl.python, "-m", "pip", "--version")))[1])
	cmd := exec.Command(tl.python, "-B", "lock_oracle.py")
	in, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	cmd.Stderr = os.Stderr
	must(t, cmd.Start())
	t.Cleanup(func() { must(t, in.Close()); must(t, cmd.Wait()) })
	tl.judge = &judge{in, bufio.NewScanner(out)}
	tl.judge.out.Buffer(nil, 16<<20)
	return tl
}

// files asks packaging for the files of a pylock.
func (j *judge) files(t *testing.T, lock string, target Target, extras, groups []string) ([]string, string) {
	t.Helper()
	e := target.Environment
	question := map[string]any{
		"lock": lock, "extras": nonNil(extras), "groups": nonNil(groups), "tags": []string{},
		"environment": map[string]string{
			"os_name": e.OSName, "sys_platform": e.SysPlatform, "platform_machine": e.PlatformMachine, "platform_python_implementation": e.PlatformPythonImplementation,
			"platform_release": e.PlatformRelease, "platform_system": e.PlatformSystem, "platform_version": e.PlatformVersion, "python_version": e.PythonVersion,
			"python_full_version": e.PythonFullVersion, "implementation_name": e.ImplementationName, "implementation_version": e.ImplementationVersion,
		},
	}
	var tags []string
	for _, tg := range tag.Supported(target.Interpreter) {
		tags = append(tags, tg.String())
	}
	question["tags"] = tags
	must(t, json.NewEncoder(j.in).Encode(question))
	if !j.out.Scan() {
		t.Fatalf("%s: packaging gives no answer", lock)
	}
	var answer struct {
		Files []string
		Error string
	}
	must(t, json.Unmarshal(j.out.Bytes(), &answer))
	return answer.Files, answer.Error
}

func nonNil(list []string) []string { return append([]string{}, list...) }

// linux is CPython in an image with glibc 2.36.
func linux(machine, full string) Target {
	minor := 11
	if strings.HasPrefix(full, "3.12") {
		minor = 12
	}
	return Target{
		Environment: marker.Linux(machine, full, "cpython"),
		Interpreter: tag.Interpreter{Implementation: "cpython", Major: 3, Minor: minor, Machine: machine, LibcKind: "glibc", LibcMajor: 2, LibcMinor: 36},
	}
}

func targets() []Target {
	return []Target{linux("x86_64", "3.11.9"), linux("x86_64", "3.12.4"), linux("aarch64", "3.11.9"), linux("aarch64", "3.12.4")}
}

// TestExportAgrees compares our selection from an uv.lock with what uv exports from it, as requirements
// (their set and hashes) and as pylock.toml (the very files).
func TestExportAgrees(t *testing.T) {
	tl := newTools(t)
	dir := filepath.Join(t.TempDir(), "project")
	must(t, os.CopyFS(dir, os.DirFS("testdata/project")))
	run(t, dir, tl.uv, "lock", "--quiet", "--no-build")
	data, err := os.ReadFile(filepath.Join(dir, "uv.lock"))
	must(t, err)
	lock, err := ParseUV(filepath.Join(dir, "uv.lock"), data)
	must(t, err)
	choices := []Choice{
		{},
		{Extras: []string{"aws"}},
		{Extras: []string{"docs"}, Groups: []string{"dev"}},
		{Extras: []string{"old"}},
		{Extras: []string{"flow"}, Groups: []string{"dev"}},
		{Extras: []string{"new", "aws"}, Groups: []string{"lint"}},
		{Groups: []string{"dev"}, OnlyGroups: true},
		{Groups: []string{"oldlint"}},
		{Members: []string{"part"}},
	}
	compared := 0
	for i, c := range choices {
		args := exportArgs(c)
		text := filepath.Join(dir, "export.txt")
		must(t, os.WriteFile(text, run(t, dir, tl.uv, append(args, "--format", "requirements-txt")...), 0o644))
		pylock := filepath.Join(dir, "pylock.toml")
		must(t, os.WriteFile(pylock, run(t, dir, tl.uv, append(args, "--format", "pylock.toml")...), 0o644))
		for _, target := range targets() {
			got, err := lock.Select(target, c)
			if err != nil {
				t.Errorf("choice %d: %v", i, err)
				continue
			}
			compared += len(got.Packages)
			sameRequirements(t, text, target, got)
			samePylock(t, tl, pylock, target, got)
		}
	}
	t.Logf("%d packages in the lock; %d compared in %d selections", len(lock.wire.Packages), compared, 4*len(choices))
	if len(lock.wire.Packages) < 100 || compared < 500 {
		t.Error("too few to mean anything")
	}
	if _, err := lock.Select(targets()[0], Choice{Extras: []string{"old", "new"}}); err == nil || !strings.Contains(err.Error(), "incompatible") {
		t.Errorf("conflicting extras: %v", err)
	}
}

func exportArgs(c Choice) []string {
	args := []string{"export", "--quiet", "--frozen", "--no-default-groups", "--no-header", "--no-annotate", "--no-emit-workspace"}
	for _, e := range c.Extras {
		args = append(args, "--extra", e)
	}
	for _, g := range c.Groups {
		if c.OnlyGroups {
			args = append(args, "--only-group", g)
		} else {
			args = append(args, "--group", g)
		}
	}
	for _, m := range c.Members {
		args = append(args, "--package", m)
	}
	return args
}

// sameRequirements compares with hashed requirements.
func sameRequirements(t *testing.T, file string, target Target, got *Selection) {
	t.Helper()
	set, err := requirement.Reader{Open: os.ReadFile}.Files([]string{file}, nil)
	must(t, err)
	want, err := Hashed(set, target)
	if err != nil {
		t.Errorf("%s: %v", file, err)
		return
	}
	if diff := cmp.Diff(versions(want), versions(got)); diff != "" {
		t.Errorf("%s %s: uv export -, ours +\n%s", target.Environment.PlatformMachine, target.Environment.PythonVersion, diff)
		return
	}
	for i, p := range got.Packages {
		for algorithm, digests := range p.Hashes {
			if !slices.Contains(want.Packages[i].Hashes[algorithm], digests[0]) {
				t.Errorf("%s: its hash is not exported", p.File)
			}
		}
	}
}

// samePylock compares with packaging's selection from a pylock.toml, and ours from the same.
func samePylock(t *testing.T, tl *tools, file string, target Target, got *Selection) {
	t.Helper()
	data, err := os.ReadFile(file)
	must(t, err)
	lock, err := ParsePylock(file, data)
	must(t, err)
	ours, err := lock.Select(target, Choice{})
	must(t, err)
	want, problem := tl.judge.files(t, file, target, nil, nil)
	if problem != "" {
		t.Errorf("%s: %s", file, problem)
	}
	if diff := cmp.Diff(want, files(ours)); diff != "" {
		t.Errorf("%s: packaging -, ours +\n%s", file, diff)
	}
	if got == nil {
		return
	}
	if diff := cmp.Diff(want, files(got)); diff != "" {
		t.Errorf("%s: packaging from pylock.toml -, ours from uv.lock +\n%s", file, diff)
	}
}

func versions(s *Selection) []string {
	var out []string
	for _, p := range s.Packages {
		out = append(out, p.Name+" "+p.Version)
	}
	return out
}

func files(s *Selection) []string {
	out := []string{}
	for _, p := range s.Packages {
		digest := ""
		for _, algorithm := range []string{"sha256", "sha512"} {
			if d := p.Hashes[algorithm]; len(d) > 0 && digest == "" {
				digest = d[0]
			}
		}
		out = append(out, p.Name+" "+p.File+" "+digest)
	}
	slices.Sort(out)
	return out
}

func run(t *testing.T, dir, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s%s", cmd, err, out.Bytes(), errs.Bytes())
	}
	return out.Bytes()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
