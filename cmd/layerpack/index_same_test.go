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
)

// way is how one machine comes to the same wheels.
type way struct {
	name  string
	umask string
	env   []string
	args  []string // in place of -r requirements.txt
	keep  bool     // the cache of the run before, where that kept one
	words []string // how the index answers
	late  bool     // the index lists its files in another order, and requirements.txt its lines
}

// TestSameWheelsSameDigest: by whatever way the same wheels are found, by whatever machine, the image is the same.
func TestSameWheelsSameDigest(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.project(t)
	tmp := t.TempDir()
	named := func(args ...string) []string { return append([]string{"--no-cache"}, args...) }
	ways := []way{
		{name: "as it is"},
		{name: "warm", keep: true},
		{name: "offline", keep: true, args: []string{"-r", "requirements.txt", "--offline"}},
		{name: "without a cache", args: named("-r", "requirements.txt")},
		{name: "umask 077", umask: "077"},
		{name: "umask 0", umask: "0"},
		{name: "another time zone", env: []string{"TZ=Pacific/Kiritimati"}},
		{name: "another language", env: []string{"LC_ALL=tr_TR.UTF-8", "LANG=tr_TR.UTF-8"}},
		{name: "one core", env: []string{"GOMAXPROCS=1"}},
		{name: "eight cores", env: []string{"GOMAXPROCS=8"}},
		{name: "another temporary folder", env: []string{"TMPDIR=" + tmp}},
		{name: "another user", env: []string{"HOME=" + tmp, "USER=somebody"}},
		{name: "files in another order", late: true},
		{name: "HTML", words: []string{"html"}},
		{name: "by words", args: named("--pip", "tool", "--pip", "app part>=1", "--no-index", "--find-links", "wheels")},
		{name: "by a lock", args: named("-r", "pylock.toml")},
		{name: "by a lock, cold", args: []string{"-r", "pylock.toml"}},
		{name: "by a lock, warm", args: []string{"-r", "pylock.toml"}, keep: true},
		{name: "by uv's lock", args: named("-r", "uv.lock")},
		{name: "by hashes", args: named("-r", "hashed.txt")},
		{name: "by a project", args: named("-r", "pyproject.toml")},
		{name: "by a folder of links", args: named("-r", "requirements.txt", "--no-index", "--find-links", "wheels")},
		{name: "by a page of links", args: named("-r", "requirements.txt", "--no-index", "--find-links", "http://"+m.world.index.host+"/links.html")},
		{name: "by --wheels", args: named("--wheels", "wheels")},
		{name: "by --wheels and names", args: named("--wheels", "wheels", "-r", "requirements.txt", "--no-index")},
		{name: "no hashes", words: []string{"vague"}},
		{name: "no metadata", words: []string{"bare"}},
		{name: "no ranges", words: []string{"whole"}},
	}
	want := ""
	for i, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			got := w.build(t, m, i)
			if want == "" {
				want = got
			}
			if got != want || !strings.HasPrefix(got, "sha256:") {
				t.Errorf("digest %s, want %s", got, want)
			}
		})
	}
}

// project publishes wheels and writes every file that leads to them.
func (m *machine) project(t *testing.T) {
	t.Helper()
	i := m.world.index
	for _, words := range [][]string{
		{"app", "1.0", "requires=part", "requires=six", `requires=gone; sys_platform == "win32"`},
		{"app", "0.9"},
		{"part", "1.0", "tag=cp311-cp311-manylinux_2_17_x86_64", "file=part/core.so=ELF", "fill=1500000"},
		{"part", "1.0", "tag=cp311-cp311-manylinux_2_17_aarch64"},
		{"tool", "2.0", "python=>=3.8"},
	} {
		if err := i.release(words[0], words[1], words[2:]...); err != nil {
			t.Fatal(err)
		}
	}
	hash := func(file string) string {
		r, ok := i.find(file)
		if !ok {
			t.Fatalf("no %s", file)
		}
		return hexSum(r.raw)
	}
	const app, part, tool = "app-1.0-py3-none-any.whl", "part-1.0-cp311-cp311-manylinux_2_17_x86_64.whl", "tool-2.0-py3-none-any.whl"
	hashed := fmt.Sprintf("tool==2.0 --hash=sha256:%s\npart==1.0 --hash=sha256:%s\napp==1.0 --hash=sha256:%s\n", hash(tool), hash(part), hash(app))
	uv := "version = 1\nrequires-python = '>=3.11'\n[[package]]\nname = 'shop'\nversion = '1'\nsource = { virtual = '.' }\ndependencies = [{ name = 'app' }, { name = 'part' }, { name = 'tool' }]\n"
	for _, file := range []string{tool, app, part} {
		name, rest, _ := strings.Cut(file, "-")
		version, _, _ := strings.Cut(rest, "-")
		uv += fmt.Sprintf("[[package]]\nname = '%s'\nversion = '%s'\nsource = { registry = 'http://%s/simple' }\nwheels = [{ url = 'http://%[3]s/files/%s', hash = 'sha256:%s' }]\n",
			name, version, i.host, file, hash(file))
	}
	for file, text := range map[string]string{
		"requirements.txt": "app\npart >= 1\ntool\n",
		"hashed.txt":       hashed, "uv.lock": uv,
		"pyproject.toml": "[project]\nname = 'shop'\nversion = '1'\ndependencies = ['tool', 'part', 'app']\n",
	} {
		m.write(t, file, text)
	}
	for _, file := range []string{app, part, tool} {
		r, _ := i.find(file)
		m.write(t, "wheels/"+file, string(r.raw))
	}
	if _, stderr, code := m.run(t, m.other("lock"), "lock", "--base", m.base, "-r", "requirements.txt", "-o", "pylock.toml"); code != 0 {
		t.Fatal(stderr)
	}
}

func (m *machine) write(t *testing.T, file, text string) {
	t.Helper()
	path := filepath.Join(m.dir, file)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// build builds by one way and returns the digest.
func (w *way) build(t *testing.T, m *machine, n int) string {
	t.Helper()
	i := m.world.index
	for _, word := range w.words {
		if err := i.become(word); err != nil {
			t.Fatal(err)
		}
	}
	lines := "app\npart >= 1\ntool\n"
	if w.late {
		lines = "tool\n\npart >= 1\napp\n"
		i.mu.Lock()
		slices.Reverse(i.files)
		i.mu.Unlock()
	}
	m.write(t, "requirements.txt", lines)
	if !w.keep {
		m.cache = m.other(fmt.Sprint(n))
	}
	if w.args == nil {
		w.args = []string{"-r", "requirements.txt"}
	}
	if !slices.Contains(w.args, "--no-cache") {
		w.args = append(slices.Clone(w.args), "--cache-dir", m.cache)
	}
	umask := w.umask
	if umask == "" {
		umask = "022"
	}
	args := append([]string{
		"-c", `umask "$0"; exec layerpack "$@"`, umask, "--base", m.base, "--no-source", "--print", "digest",
		"-t", fmt.Sprintf("%s/team/shop:%d", m.world.main.host, n), "--cache-repo", "none",
	}, w.args...)
	cmd := exec.Command("sh", args...)
	var stdout, stderr bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.Env = m.dir, &stdout, &stderr, append(m.environ(), w.env...)
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	_, digest, _ := strings.Cut(strings.TrimSpace(stdout.String()), "@")
	return digest
}
