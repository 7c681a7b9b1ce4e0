//go:build e2e

package e2e

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// target is what a lock is read for.
type target struct {
	arch, python string // of the image, "amd64" and "3.11.9"
	platform     string // as uv calls it
}

var targets = []target{
	{"amd64", "3.11.9", "x86_64-manylinux_2_36"},
	{"arm64", "3.11.9", "aarch64-manylinux_2_36"},
	{"amd64", "3.12.4", "x86_64-manylinux_2_36"},
	{"arm64", "3.12.4", "aarch64-manylinux_2_36"},
}

// testUVLock: of an uv.lock of some 220 distributions every choice of extras and groups, on two machines and two Pythons,
// gives the distributions and files that uv installs.
func testUVLock(t *testing.T, r *resolver) {
	project := filepath.Join(r.answers, "project")
	lock := filepath.Join(project, "uv.lock")
	text := read(t, lock)
	if n := strings.Count(text, "\n[[package]]"); n < 100 {
		t.Fatalf("%d packages in the lock", n)
	}
	compared := 0
	distinct := map[string]bool{}
	for _, choice := range []string{
		"",
		"--extra aws",
		"--extra bundles --extra sqlalchemy",
		"--extra azure --extra gcp --extra kubernetes",
		"--extra otel --extra ray --extra dask --extra redis",
		"--extra markdown-old",
		"--extra markdown-new --group lint",
		"--group dev --group markdown-tests",
		"--extra aws --group test",
	} {
		t.Run(or(choice, "nothing"), func(t *testing.T) {
			words := strings.Fields(choice)
			export := r.export(t, project, words)
			for _, to := range targets {
				theirs := r.wouldInstall(t, to, "-r", export)
				mark := r.index.record.mark()
				ours := r.lock(t, r.plain[to.python], slices.Concat([]string{"-r", lock, "--platform", "linux/" + to.arch}, words)...)
				if n := r.index.asked(mark); n != 0 {
					t.Errorf("the index was asked %d times, although the lock names the files", n)
				}
				for _, l := range unequal(theirs, ours.versions(t)) {
					t.Errorf("%s, Python %s: %s", to.arch, to.python, l)
				}
				for file, hash := range ours.files(t) {
					if !strings.Contains(text, "/"+strings.ReplaceAll(file, "+", "%2B")+`", hash = "sha256:`+hash+`"`) {
						t.Errorf("%s, Python %s: %s with hash %s is not in the lock", to.arch, to.python, file, hash)
					}
				}
				compared += len(theirs)
				var names []string
				for n, v := range theirs {
					names = append(names, n+" "+v)
				}
				slices.Sort(names)
				distinct[strings.Join(names, ",")] = true
			}
		})
	}
	t.Logf("%d distributions compared, %d different answers", compared, len(distinct))
	if compared < 2000 || len(distinct) < 20 {
		t.Error("too little to mean anything")
	}

	t.Run("conflict", func(t *testing.T) {
		got := r.run(t, r.locking(r.plain["3.11.9"], "-r", lock, "--extra", "markdown-old", "--extra", "markdown-new"))
		if got.code != 4 || !strings.Contains(got.stderr, "markdown-old") || !strings.Contains(got.stderr, "markdown-new") {
			t.Errorf("ended with %d:\n%s", got.code, got.stderr)
		}
	})
	t.Run("unknown", func(t *testing.T) {
		for _, words := range [][]string{{"--extra", "awss"}, {"--group", "deve"}} {
			got := r.run(t, r.locking(r.plain["3.11.9"], append(words, "-r", lock)...))
			if got.code != 4 || !strings.Contains(got.stderr, words[1]) {
				t.Errorf("%q ended with %d:\n%s", words, got.code, got.stderr)
			}
		}
	})
	t.Run("sync", func(t *testing.T) { testUVSync(t, r, project, lock) })
}

// export lets uv write what a choice needs as a pylock.toml.
func (r *resolver) export(t *testing.T, project string, words []string) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "pylock.toml")
	command(t, r.uv[0], slices.Concat(r.uv[1:], []string{
		"export", "--quiet", "--project", project, "--frozen", "--no-default-groups", "--no-emit-workspace", "--format", "pylock.toml", "--output-file", file,
	}, words)...)
	return file
}

// wouldInstall asks uv what it would install into an empty folder.
func (r *resolver) wouldInstall(t *testing.T, to target, words ...string) map[string]string {
	t.Helper()
	args := slices.Concat(r.uv[1:], []string{
		"pip", "install", "--dry-run", "--offline", "--no-build", "--target", filepath.Join(t.TempDir(), "empty"),
		"--python-platform", to.platform, "--python-version", to.python,
	}, words)
	return wouldAdd(commandErr(t, r.uv[0], args...))
}

// testUVSync: the same as uv sync would, of the Python that runs here.
func testUVSync(t *testing.T, r *resolver, project, lock string) {
	for _, words := range [][]string{nil, {"--extra", "aws", "--group", "dev"}} {
		theirs := wouldAdd(commandErr(t, r.uv[0], slices.Concat(r.uv[1:], []string{
			"sync", "--dry-run", "--project", project, "--frozen", "--no-default-groups", "--no-install-workspace", "--python", "3.11",
			"--python-platform", targets[0].platform,
		}, words)...))
		ours := r.lock(t, r.plain["3.11.9"], append(slices.Clone(words), "-r", lock)...)
		for _, l := range unequal(theirs, ours.versions(t)) {
			t.Errorf("%q: %s", words, l)
		}
	}
}

// wouldAdd reads what uv says it would add.
func wouldAdd(text string) map[string]string {
	var lines []string
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "+ "); ok {
			lines = append(lines, rest)
		}
	}
	return pinned(strings.Join(lines, "\n"))
}
