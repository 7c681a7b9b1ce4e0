package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// told is one lie that an index tells.
type told struct {
	lie, part string
	times     int // 0 is always
}

// lying is an index that is not what it should be, and what becomes of a build that needs it.
type lying struct {
	name    string
	words   []string   // how it answers
	release [][]string // besides app and part
	lies    []told
	away    []told // of the second index, where the first sends one
	twins   bool   // the second has files of the same names and lengths that are others
	lock    bool   // build from a lock that was made before
	code    int
	message string // that stderr has to have, a regular expression
}

const evil = "evil" // is in every byte that must not be believed

// TestLyingIndex: an index that lies is refused, or asked again. Nothing of it is kept, nothing is pushed, and as soon as
// it is honest the same machine gets what it should have got.
func TestLyingIndex(t *testing.T) {
	t.Parallel()
	const (
		app, part = "files/app-1.0-py3-none-any.whl", "files/part-1.0-py3-none-any.whl"
		notSo     = `not what its index says`
	)
	for _, l := range []lying{
		// What a page says of a file, and is not so.
		{name: "wrong hash", lies: []told{{"wrong-hash", "simple/app", 0}}, code: 4, message: `app-1\.0.*` + notSo + `.*sha256.*nothing of it is kept`},
		{name: "wrong hash, HTML", words: []string{"html"}, lies: []told{{"wrong-hash", "simple/app", 0}}, code: 4, message: `app-1\.0.*` + notSo + `.*sha256`},
		{name: "wrong hash of a large file", lies: []told{{"wrong-hash", "simple/part", 0}}, code: 4, message: `part-1\.0.*` + notSo + `.*sha256`},
		{name: "wrong size", lies: []told{{"wrong-size", "simple/app", 0}}, code: 4, message: `app-1\.0.*` + notSo + `.*size`},
		{name: "wrong size of a large file", lies: []told{{"wrong-size", "simple/part", 0}}, code: 4, message: `part-1\.0.*` + notSo + `.*size`},
		{name: "another name on the page", lies: []told{{"replaced=app-1.0-py3:evil-6.6-py3", "simple/app", 0}}, code: 4, message: `app`},
		{name: "wrong hash on a page that is fresh for long", words: []string{"fresh=3600"}, lies: []told{{"wrong-hash", "simple/app", 0}}, code: 4, message: `app-1\.0.*` + notSo + `.*sha256`},
		// What a file is.
		{name: "another's bytes", lies: []told{{"swapped", app, 0}}, code: 4, message: `app-1\.0.*` + notSo},
		{name: "another's bytes, bare", words: []string{"bare"}, lies: []told{{"swapped", app, 0}}, code: 4, message: `app-1\.0.*` + notSo},
		{name: "one bit", lies: []told{{"flipped", app, 0}}, code: 4, message: `app-1\.0.*` + notSo},
		{name: "one bit of a large file", lies: []told{{"flipped", part, 0}}, code: 4, message: `part-1\.0`},
		{name: "one bit, from a lock", lock: true, lies: []told{{"flipped", app, 0}}, code: 4, message: `app-1\.0.*` + notSo},
		{name: "another's bytes, from a lock", lock: true, lies: []told{{"swapped", part, 0}}, code: 4, message: `part-1\.0`},
		{name: "half of it", lies: []told{{"short", app, 0}}, code: 4, message: `app-1\.0.*` + notSo + `.*size`},
		{name: "half of a large file", lies: []told{{"short", part, 0}}, code: 4, message: `part-1\.0`},
		{name: "no end", lies: []told{{"endless", app, 0}}, code: 4, message: `app-1\.0`},
		{name: "another end", words: []string{"bare"}, lies: []told{{"other-end=EXTRA", part, 0}}, twins: true, code: 4, message: `part.1\.0.*` + notSo},
		{name: "a wheel of another name", release: [][]string{{"app", "1.1", "inside=evil-6.6"}}, code: 4, message: `app.*evil`},
		{name: "a wheel of another name, bare", words: []string{"bare"}, release: [][]string{{"app", "1.1", "inside=evil-6.6"}}, code: 4, message: `app.*evil`},
		{name: "no wheel", release: [][]string{{"app", "1.1", "garbage"}}, code: 4, message: `app-1\.1`},
		// Another version may be good: the one that its authors built wrongly is passed over, as pip and uv do.
		{name: "a wheel of another version", release: [][]string{{"app", "1.1", "inside=app-0.1", "file=evil.py=evil"}}},
		{name: "no wheel, bare", words: []string{"bare"}, release: [][]string{{"app", "1.1", "garbage"}}},
		// What it needs.
		{name: "one requirement more beside", lies: []told{{"requires=evil", app + ".metadata", 0}}, code: 4, message: `app-1\.0.*metadata.*` + notSo + `.*sha256`},
		{name: "one requirement more, hashed", release: [][]string{{"app", "1.1", "claims=dep"}, {"dep", "1.0"}}, code: 4, message: `app 1\.1.*` + notSo + `.*Requires-Dist.*dep`},
		{name: "metadata without end", lies: []told{{"endless", app + ".metadata", 0}}, code: 4, message: `app-1\.0.*larger than 16 MiB`},
		// Pages that are none.
		{name: "an endless page", lies: []told{{"endless", "simple/app", 0}}, code: 4, message: `simple/app/.*larger than 64 MiB`},
		{name: "a page of 500 MB", lies: []told{{"huge", "simple/app", 0}}, code: 4, message: `simple/app/.*larger than 64 MiB`},
		{name: "half a page", lies: []told{{"short", "simple/app", 0}}, code: 4, message: `simple/app/.*cannot be read`},
		{name: "a page for guests to log in", lies: []told{{"login", "simple/app", 0}}, code: 4, message: `app`},
		{name: "a wheel for guests to log in", lies: []told{{"login", app, 0}}, code: 4, message: `app-1\.0.*` + notSo},
		// Servers that are slow, busy or gone.
		{name: "slow", lies: []told{{"slow", "simple/app", 1}, {"slow", app, 1}}},
		{name: "busy for a second", lies: []told{{"status=429:1", "simple/app", 1}, {"status=429:1", part, 1}}},
		{name: "busy for an hour", lies: []told{{"status=429:3600", "simple/app", 0}}, code: 1, message: `simple/app/.*429`},
		{name: "a wheel that is busy for an hour", lies: []told{{"status=503:3600", app, 0}}, code: 1, message: `app-1\.0.*503`},
		{name: "broken once", lies: []told{{"status=500", "simple/app", 1}, {"status=502", part, 1}}},
		{name: "broken", lies: []told{{"status=501", "simple/app", 0}}, code: 1, message: `simple/app/.*501`},
		{name: "a wheel that is gone", lies: []told{{"status=404", app, 0}}, code: 1, message: `app-1\.0.*404`},
		{name: "hangs up once", lies: []told{{"hangup", "simple/app", 1}, {"hangup", app, 1}}},
		{name: "breaks off twice", lies: []told{{"breaks-off", app, 2}, {"breaks-off", part, 2}, {"breaks-off", "simple/part", 2}}},
		{name: "breaks off always", lies: []told{{"breaks-off", app, 0}}, code: 1, message: `app-1\.0.*broke off`},
		// Other places.
		{name: "redirected", lies: []told{{"redirect=EXTRA", "files/", 0}}},
		{name: "redirected to a liar", lies: []told{{"redirect=EXTRA", app, 0}}, away: []told{{"flipped", app, 0}}, code: 4, message: `app-1\.0.*` + notSo},
		{name: "redirected in a circle", lies: []told{{"redirect=INDEX", "simple/app", 0}}, code: 1, message: `redirect`},
	} {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			l.check(t)
		})
	}
}

// machine is one on which layerpack runs.
type machine struct {
	world *world
	host  string // of the registry that it pushes to
	base  string
	dir   string
	cache string
	env   []string // added to the environment
}

// check builds while the index lies, and again once it is honest.
func (l *lying) check(t *testing.T) {
	m := newMachine(t)
	w := m.world
	m.publish(t, w.index, nil, false)
	args := []string{"--pip", "app"}
	if l.lock {
		args = []string{"-r", "pylock.toml"}
		m.run(t, m.other("reference"), "lock", "--base", m.base, "--pip", "app", "-o", "pylock.toml")
	}
	want, stderr, code := m.build(t, m.other("reference"), "ref:1", args...)
	if code != 0 {
		t.Fatalf("an honest index is not believed: %s", stderr)
	}
	m.publish(t, w.extra, nil, l.twins)
	for _, words := range append(l.release, []string{"evil", "6.6"}) {
		if err := w.index.release(words[0], words[1], words[2:]...); err != nil {
			t.Fatal(err)
		}
	}
	for _, word := range l.words {
		if err := w.index.become(word); err != nil {
			t.Fatal(err)
		}
	}
	l.tell(t, w)
	registry := w.main.take
	registry()
	got, stderr, code := m.build(t, m.cache, "lied:1", args...)
	switch {
	case code != l.code:
		t.Fatalf("exit code %d, want %d\n%s", code, l.code, stderr)
	case code == 0:
		if got != want {
			t.Errorf("the image is %s, want %s", got, want)
		}
		return
	}
	if strings.Count(stderr, "layerpack: error: ") != 1 || !regexp.MustCompile(`(?s)`+l.message).MatchString(stderr) {
		t.Errorf("the message is not about %s\n%s", l.message, stderr)
	}
	if said := strings.Count(stderr, "not what its index says"); said > 1 || said > 0 && strings.Contains(stderr, "damaged") {
		t.Errorf("the message gives two causes\n%s", stderr)
	}
	if w.main.wrote() {
		t.Error("a manifest was written")
	}
	m.absent(t, "lied:1")
	for _, lies := range []*packageIndex{w.index, w.extra} {
		_ = lies.lie("none", "", 0)
	}
	m.publish(t, w.index, l.release, false)
	if got, stderr, code = m.build(t, m.cache, "honest:1", args...); code != 0 || got != want {
		t.Errorf("from the honest index: %d, %s, want %s\n%s", code, got, want, stderr)
	}
	m.clean(t)
}

func (l *lying) tell(t *testing.T, w *world) {
	t.Helper()
	for i, list := range [][]told{l.lies, l.away} {
		for _, l := range list {
			if l.times == 0 {
				l.times = -1
			}
			name := strings.NewReplacer("EXTRA", w.extra.host, "INDEX", w.index.host).Replace(l.lie)
			if err := []*packageIndex{w.index, w.extra}[i].lie(name, l.part, l.times); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{world: newWorld(t.Cleanup), dir: t.TempDir()}
	m.host = m.world.main.host
	m.base, m.cache = m.world.main.host+"/python:3.11", m.other("cache")
	if err := m.world.publish(t.Context(), m.base, "single"); err != nil {
		t.Fatal(err)
	}
	return m
}

// other is another cache of the same machine.
func (m *machine) other(name string) string { return filepath.Join(m.dir, ".caches", name) }

// publish has an index offer what is honest, in place of what is not; or files of the same names and lengths that are not.
func (m *machine) publish(t *testing.T, i *packageIndex, instead [][]string, falsely bool) {
	t.Helper()
	needs := "part"
	if i == m.world.extra && falsely {
		needs = evil
	}
	for _, r := range instead {
		i.withdraw(r[0])
	}
	for _, words := range [][]string{{"app", "1.0", "requires=part"}, {"part", "1.0", "fill=1500000", "requires=six; extra == '" + needs + "'"}} {
		if err := i.release(words[0], words[1], words[2:]...); err != nil {
			t.Fatal(err)
		}
	}
}

// build builds and pushes, and returns the digest.
func (m *machine) build(t *testing.T, cache, tag string, args ...string) (digest, stderr string, code int) {
	t.Helper()
	args = append([]string{"--base", m.base, "--no-source", "-t", m.host + "/team/" + tag, "--cache-repo", "none", "--print", "digest"}, args...)
	out, stderr, code := m.run(t, cache, args...)
	_, digest, _ = strings.Cut(strings.TrimSpace(out), "@")
	return digest, stderr, code
}

func (m *machine) run(t *testing.T, cache string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.Command("layerpack", append(args, "--cache-dir", cache)...)
	var out, errs bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = m.dir, &out, &errs
	cmd.Env = m.environ()
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		code = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	return out.String(), errs.String(), code
}

// environ is the environment without what this machine has set for package indexes.
func (m *machine) environ() []string {
	env := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "PIP_") })
	env = append(env, "HOME="+m.dir, "XDG_CONFIG_HOME=", "XDG_CONFIG_DIRS=", "DOCKER_CONFIG=")
	m.world.indexEnv(func(key, value string) { env = append(env, key+"="+value) })
	return append(env, m.env...)
}

// absent checks that a repository has no image.
func (m *machine) absent(t *testing.T, tag string) {
	t.Helper()
	ref, err := name.NewTag(m.world.main.host + "/team/" + tag)
	if err != nil {
		t.Fatal(err)
	}
	if list, err := remote.List(ref.Context()); err == nil && len(list) > 0 {
		t.Errorf("%s has %q", ref.Context(), list)
	}
}

// clean checks that nothing false is in the cache.
func (m *machine) clean(t *testing.T) {
	t.Helper()
	n := 0
	err := filepath.WalkDir(m.cache, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		raw, err := os.ReadFile(path)
		if n++; bytes.Contains(raw, []byte(evil)) {
			t.Errorf("%s has kept what is false", path)
		}
		return err
	})
	if err != nil || n == 0 {
		t.Errorf("%d files in the cache: %v", n, err)
	}
}
