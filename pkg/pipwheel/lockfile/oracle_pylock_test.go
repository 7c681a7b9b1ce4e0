//go:build oracle

package lockfile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
	"github.com/layerpack/layerpack/pkg/pipwheel/tag"
)

// host is the interpreter of the tests, which pip locks and installs for.
func (tl *tools) host(t *testing.T) Target {
	t.Helper()
	var h struct {
		Version string
		Minor   int
		Glibc   string
	}
	must(t, json.Unmarshal(run(t, ".", tl.python, "-c", `import json, os, platform, sys
print(json.dumps({"version": platform.python_version(), "minor": sys.version_info[1], "glibc": os.confstr("CS_GNU_LIBC_VERSION").split()[1]}))`), &h))
	i := tag.Interpreter{Implementation: "cpython", Major: 3, Minor: h.Minor, Machine: marker.Machine(runtime.GOARCH, ""), LibcKind: "glibc"}
	if _, err := fmt.Sscanf(h.Glibc, "%d.%d", &i.LibcMajor, &i.LibcMinor); err != nil {
		t.Fatal(err)
	}
	return Target{Environment: marker.Linux(i.Machine, h.Version, "cpython"), Interpreter: i}
}

// TestPipLockAgrees selects from what `pip lock` wrote, and lets pip and uv read what we write of it.
func TestPipLockAgrees(t *testing.T) {
	tl := newTools(t)
	target := tl.host(t)
	dir := t.TempDir()
	requirements := []string{
		"httpx", "pyyaml>=6", "markupsafe", "packaging @ https://files.pythonhosted.org/packages/88/ef/eb23f262cca3c0c4eb7ab1933c3b1f03d021f2c48f54763065b6f0e321be/packaging-24.2-py3-none-any.whl",
	}
	must(t, os.WriteFile(filepath.Join(dir, "in.txt"), []byte(strings.Join(requirements, "\n")), 0o644))
	lock := filepath.Join(dir, "pylock.toml")
	run(t, dir, tl.python, "-m", "pip", "lock", "--quiet", "--disable-pip-version-check", "-r", "in.txt", "-o", lock)
	samePylock(t, tl, lock, target, nil)

	data, err := os.ReadFile(lock)
	must(t, err)
	parsed, err := ParsePylock(lock, data)
	must(t, err)
	selection, err := parsed.Select(target, Choice{})
	must(t, err)
	if len(selection.Packages) < 7 {
		t.Errorf("%d packages", len(selection.Packages))
	}
	written := filepath.Join(dir, "pylock.ours.toml")
	write(t, written, merged(t, map[*Selection]Target{selection: target}))
	var report struct {
		Install []struct {
			Metadata     struct{ Name, Version string }
			DownloadInfo struct {
				URL     string                             `json:"url"`
				Archive struct{ Hashes map[string]string } `json:"archive_info"`
			} `json:"download_info"`
		}
	}
	out := run(t, dir, tl.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--dry-run", "--ignore-installed", "--report", "-", "-r", written)
	must(t, json.Unmarshal(out[bytes.IndexByte(out, '{'):], &report))
	var pip []string
	for _, i := range report.Install {
		pip = append(pip, distname.Normalize(i.Metadata.Name)+" "+urlFile(i.DownloadInfo.URL)+" "+i.DownloadInfo.Archive.Hashes["sha256"])
	}
	slices.Sort(pip)
	if diff := cmp.Diff(pip, files(selection)); diff != "" {
		t.Errorf("pip install from our pylock -, ours +\n%s", diff)
	}
}

// TestPDMLockAgrees selects extras and groups from what pdm wrote (testdata/pdm: pdm 2.25 of a project with numpy, one extra
// and one group), which unlike uv keeps them apart in one file.
func TestPDMLockAgrees(t *testing.T) {
	tl := newTools(t)
	const file = "testdata/pdm/pylock.toml"
	data, err := os.ReadFile(file)
	must(t, err)
	lock, err := ParsePylock(file, data)
	must(t, err)
	sizes := map[int]bool{}
	for _, target := range targets() {
		for _, c := range []struct {
			choice Choice
			groups []string
		}{
			{Choice{}, []string{"default"}},
			{Choice{Extras: []string{"aws"}}, []string{"default"}},
			{Choice{Extras: []string{"aws"}, Groups: []string{"dev"}}, []string{"default", "dev"}},
			{Choice{Groups: []string{"dev"}, NoDefaultGroups: true}, []string{"dev"}},
		} {
			got, err := lock.Select(target, c.choice)
			must(t, err)
			want, problem := tl.judge.files(t, file, target, c.choice.Extras, c.groups)
			if diff := cmp.Diff(want, files(got)); diff != "" || problem != "" {
				t.Errorf("%+v: %s: packaging -, ours +\n%s", c, problem, diff)
			}
			sizes[len(want)] = true
		}
	}
	if len(sizes) < 4 {
		t.Errorf("all selections are alike: %v", sizes)
	}
}

// TestWrittenLock writes one lock for four environments: packaging selects from it the files that went
// in, and so does uv.
func TestWrittenLock(t *testing.T) {
	tl := newTools(t)
	dir := filepath.Join(t.TempDir(), "project")
	must(t, os.CopyFS(dir, os.DirFS("testdata/project")))
	run(t, dir, tl.uv, "lock", "--quiet", "--no-build")
	data, err := os.ReadFile(filepath.Join(dir, "uv.lock"))
	must(t, err)
	lock, err := ParseUV(filepath.Join(dir, "uv.lock"), data)
	must(t, err)
	selections := map[*Selection]Target{}
	for _, target := range targets() {
		s, err := lock.Select(target, Choice{Extras: []string{"docs"}, Groups: []string{"dev"}})
		must(t, err)
		selections[s] = target
	}
	written := filepath.Join(dir, "pylock.four.toml")
	write(t, written, merged(t, selections))
	for s, target := range selections {
		samePylock(t, tl, written, target, s)
		platform := map[string]string{"x86_64": "x86_64-manylinux_2_36", "aarch64": "aarch64-manylinux_2_36"}[target.Environment.PlatformMachine]
		cmd := exec.Command(tl.uv, "pip", "install", "--dry-run", "--no-build", "--target", filepath.Join(dir, "empty"), "--python-platform", platform,
			"--python-version", target.Environment.PythonVersion, "-r", written)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", cmd, err, out)
			continue
		}
		var uv []string
		for line := range strings.Lines(string(out)) {
			if p, ok := strings.CutPrefix(strings.TrimSpace(line), "+ "); ok {
				uv = append(uv, strings.Replace(p, "==", " ", 1))
			}
		}
		slices.Sort(uv)
		want := versions(s)
		slices.Sort(want)
		if diff := cmp.Diff(uv, want); diff != "" {
			t.Errorf("%s %s: uv pip install from our pylock -, ours +\n%s", platform, target.Environment.PythonVersion, diff)
		}
	}
}

func merged(t *testing.T, selections map[*Selection]Target) *Pylock {
	t.Helper()
	var all []Resolution
	for s, target := range selections {
		r := Resolution{Environment: target.Environment}
		for i := range s.Packages {
			p, err := s.Packages[i].Package()
			must(t, err)
			r.Packages = append(r.Packages, p)
		}
		all = append(all, r)
	}
	p, err := Merge(all)
	must(t, err)
	return p
}

// write writes a lock and reads it again: the same bytes must come of it.
func write(t *testing.T, file string, p *Pylock) {
	t.Helper()
	var first, second bytes.Buffer
	must(t, Write(&first, p))
	again, err := ParsePylock(file, first.Bytes())
	must(t, err)
	must(t, Write(&second, again))
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Errorf("written twice, the lock differs:\n%s", cmp.Diff(first.String(), second.String()))
	}
	must(t, os.WriteFile(file, first.Bytes(), 0o644))
}
