package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/layerpack/layerpack/internal/fakewheel"
)

// variation is one way in which two machines that build the same project may differ.
type variation struct {
	name   string
	parent string   // of the project's folder
	umask  string   // of program and checkout
	env    []string // added to the environment
	args   []string // added to the command line
	mtime  time.Time
	late   bool     // files are made in the opposite order
	before []string // words of an earlier build, in place of the first of args
}

// TestSameInputsSameDigest: nothing of the machine, the user, the time or the cache shows in the
// result. Every variation is a process of its own.
func TestSameInputsSameDigest(t *testing.T) {
	w := newWorld(t.Cleanup)
	base := w.main.host + "/prefecthq/prefect:2-python3.11"
	if err := w.publish(t.Context(), base, "index"); err != nil {
		t.Fatal(err)
	}
	other := t.TempDir()
	variations := []variation{
		{name: "as it is"},
		{name: "once more, with the cache"},
		{name: "without a cache", args: []string{"--no-cache"}},
		{name: "another cache", args: []string{"--cache-dir", filepath.Join(other, "cache")}},
		{name: "umask 077", umask: "077", args: []string{"--no-cache"}},
		{name: "umask 0", umask: "0", args: []string{"--no-cache"}},
		{name: "another parent folder", parent: filepath.Join(other, "a much longer name", "ü"), args: []string{"--no-cache"}},
		{name: "an old checkout", mtime: time.Unix(0, 0), args: []string{"--no-cache"}},
		{name: "a checkout of the future", mtime: time.Unix(5_000_000_000, 123_456_789), args: []string{"--no-cache"}},
		{name: "files made in another order", late: true, args: []string{"--no-cache"}},
		{name: "another home and user", env: []string{"HOME=" + other, "USER=somebody", "LOGNAME=somebody", "XDG_CACHE_HOME="}},
		{name: "no home", env: []string{"HOME=", "XDG_CACHE_HOME="}},
		{name: "another temporary folder", env: []string{"TMPDIR=" + other}, args: []string{"--no-cache"}},
		{name: "other ways to be told", args: []string{"--no-cache", "-v", "--progress", "json"}},
	}
	for _, tz := range []string{"Pacific/Kiritimati", "America/Los_Angeles", "<-12>12"} {
		variations = append(variations, variation{name: "TZ " + tz, env: []string{"TZ=" + tz}, args: []string{"--no-cache"}})
	}
	for _, lc := range []string{"C", "tr_TR.UTF-8", "de_DE.ISO-8859-1"} {
		variations = append(variations, variation{name: "LC_ALL " + lc, env: []string{"LC_ALL=" + lc, "LANG=" + lc}, args: []string{"--no-cache"}})
	}
	for _, n := range []int{1, 2, 8} {
		variations = append(variations, variation{name: fmt.Sprint("GOMAXPROCS ", n), env: []string{fmt.Sprint("GOMAXPROCS=", n)}, args: []string{"--no-cache"}})
	}
	sameDigest(t, w, base, variations)
}

// TestSameIndex: nor does it show in the index of several platforms, in whatever order they are named.
func TestSameIndex(t *testing.T) {
	w := newWorld(t.Cleanup)
	base := w.main.host + "/prefecthq/prefect:2-python3.11"
	if err := w.publish(t.Context(), base, "index"); err != nil {
		t.Fatal(err)
	}
	const both, turned = "--platform=linux/amd64,linux/arm64", "--platform=linux/arm64,linux/amd64"
	other := t.TempDir()
	sameDigest(t, w, base, []variation{
		{name: "as it is", args: []string{both}},
		{name: "once more, with the cache", args: []string{both}},
		{name: "in another order", args: []string{turned, "--no-cache"}},
		{name: "in another order, with the cache", args: []string{turned}},
		{name: "one by one, and one twice", args: []string{"--platform=linux/arm64", "--platform=linux/amd64", "--platform=linux/x86_64", "--no-cache"}},
		{name: "half of it cached", args: []string{both, "--cache-dir", filepath.Join(other, "half")}, before: []string{"--platform=linux/arm64"}},
		{name: "the other half of it cached", args: []string{both, "--cache-dir", filepath.Join(other, "other")}, before: []string{"--platform=linux/amd64"}},
		{name: "umask 077", umask: "077", args: []string{both, "--no-cache"}},
		{name: "umask 0", umask: "0", args: []string{turned, "--no-cache"}},
		{name: "files made in another order", late: true, args: []string{both, "--no-cache"}},
		{name: "another time and place", mtime: time.Unix(0, 0), env: []string{"TZ=Pacific/Kiritimati", "LC_ALL=tr_TR.UTF-8"}, args: []string{both, "--no-cache"}},
		{name: "GOMAXPROCS 1", env: []string{"GOMAXPROCS=1"}, args: []string{both, "--no-cache"}},
		{name: "GOMAXPROCS 8", env: []string{"GOMAXPROCS=8"}, args: []string{turned, "--no-cache"}},
	})
}

// sameDigest builds the project in every variation and wants one digest of all.
func sameDigest(t *testing.T, w *world, base string, variations []variation) {
	t.Helper()
	home := t.TempDir()
	want := ""
	for i, v := range variations {
		t.Run(v.name, func(t *testing.T) {
			if v.parent == "" {
				v.parent = filepath.Join(t.TempDir(), "p")
			}
			if v.mtime.IsZero() {
				v.mtime = time.Unix(1_600_000_000, 0).Add(time.Duration(i) * time.Hour)
			}
			if len(v.before) > 0 {
				earlier := v
				earlier.parent = t.TempDir()
				earlier.args = append(slices.Clone(v.args[1:]), v.before...)
				earlier.build(t, base, w.main.host+"/team/shop:before", home)
			}
			got := v.build(t, base, w.main.host+"/team/shop:"+fmt.Sprint(i), home)
			_, digest, ok := strings.Cut(got, "@")
			if want == "" && ok {
				want = digest
			}
			if digest != want || !ok {
				t.Errorf("%s has digest %s, want %s", v.name, digest, want)
			}
		})
	}
}

// build makes the project as the variation has it and returns what layerpack prints.
func (v variation) build(t *testing.T, base, tag, home string) string {
	t.Helper()
	project := filepath.Join(v.parent, "shop")
	v.checkout(t, project)
	umask := v.umask
	if umask == "" {
		umask = "022"
	}
	args := append([]string{
		"-c", `umask "$0"; exec layerpack "$@"`, umask, "--base", base, "-t", tag, "--print", "digest",
		"--wheels", "wheels", "--file", "conf:/etc/shop", "--env-file", "vars",
	}, v.args...)
	cmd := exec.Command("sh", args...)
	var stdout, stderr bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = project, &stdout, &stderr
	cmd.Env = append(append(os.Environ(), "HOME="+home, "XDG_CACHE_HOME="+filepath.Join(home, "cache")), v.env...)
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	return strings.TrimSpace(stdout.String())
}

// checkout writes the project's files.
func (v variation) checkout(t *testing.T, dir string) {
	t.Helper()
	mode, folder := os.FileMode(0o644), os.FileMode(0o755)
	if v.umask == "077" {
		mode, folder = 0o600, 0o700
	}
	type file struct {
		path, text string
		mode       os.FileMode
	}
	files := []file{
		{"flows.py", "print('hello')\n", mode},
		{"run.sh", "#!/bin/sh\n", mode | 0o100},
		{"vars", "A=1\n", mode},
		{"steps/load.py", strings.Repeat("load()\n", 5000), mode},
		{"steps/__init__.py", "", mode},
		{"steps-old/x.py", "", mode},
		{"STEPS/y.py", "", mode},
		{"data/größe.csv", "1,2\n", mode},
		{"data/I.csv", "", mode},
		{"data/ı.csv", "", mode},
		{"conf/app.ini", "[app]\n", mode},
		{"conf/b/c.ini", "", mode},
	}
	for _, w := range []fakewheel.Wheel{
		{Name: "fast", Version: "1.0", Tag: "cp311-cp311-manylinux_2_17_x86_64", Files: map[string]string{"fast/core.so": "ELF"}},
		{Name: "fast", Version: "1.0", Tag: "cp311-cp311-manylinux_2_17_aarch64", Files: map[string]string{"fast/core.so": "ELF for arm"}},
		{Name: "greeting", Version: "1.0", Files: map[string]string{"greeting.py": ""}, Scripts: map[string]string{"greet": "greeting:main"}},
		{Name: "farewell", Version: "1.0", Files: map[string]string{"farewell.py": ""}},
	} {
		raw, err := w.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file{"wheels/" + w.Filename(), string(raw), mode})
	}
	if v.late {
		slices.Reverse(files)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range files {
		path := filepath.Join(dir, f.path)
		must(os.MkdirAll(filepath.Dir(path), folder))
		must(os.WriteFile(path, []byte(f.text), f.mode))
		must(os.Chmod(path, f.mode)) // whatever this process's umask is
		must(os.Chtimes(path, v.mtime, v.mtime))
	}
	must(os.Symlink("steps/load.py", filepath.Join(dir, "latest")))
	must(os.Chtimes(dir, v.mtime, v.mtime))
}
