//go:build e2e

package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// reported is what the tests read of a report of pip's.
type reported struct {
	Install []struct {
		DownloadInfo struct {
			URL     string                             `json:"url"`
			Archive struct{ Hashes map[string]string } `json:"archive_info"`
		} `json:"download_info"`
	}
	Environment struct {
		PythonVersion string `json:"python_version"`
	}
}

// files are the names of the wheels that pip would install, with their hashes.
func (p *reported) files(t *testing.T) map[string]string {
	t.Helper()
	if p.Environment.PythonVersion != "3.11" {
		t.Fatalf("pip ran with Python %q; these tests need python3 to be 3.11, as on Debian 12", p.Environment.PythonVersion)
	}
	out := map[string]string{}
	for _, i := range p.Install {
		url := i.DownloadInfo.URL
		out[strings.ReplaceAll(url[strings.LastIndexByte(url, '/')+1:], "%2B", "+")] = i.DownloadInfo.Archive.Hashes["sha256"]
	}
	return out
}

// testPylock: of a pylock.toml that uv, pip and pdm wrote we take the files that pip takes.
func testPylock(t *testing.T, r *resolver) {
	for _, tool := range []string{"uv", "pip", "pdm"} {
		t.Run(tool, func(t *testing.T) {
			var report reported
			if err := json.Unmarshal([]byte(read(t, filepath.Join(r.answers, "pylock", tool+".json"))), &report); err != nil {
				t.Fatal(err)
			}
			mark := r.index.record.mark()
			c := r.locking(r.plain["3.11.9"], "-r", filepath.Join(r.answers, "pylock", "pylock."+tool+".toml"))
			cache := t.TempDir()
			c.env = append(c.env, "XDG_CACHE_HOME="+cache)
			lock := parsePylock(t, r.ok(t, c))
			if n := r.index.asked(mark); n != 0 {
				t.Errorf("the index was asked %d times, although the lock names the files", n)
			}
			if wheels, err := filepath.Glob(filepath.Join(cache, "layerpack", "wheelfiles", "*")); err != nil || len(wheels) > 0 {
				t.Errorf("%d wheels were downloaded, although the lock has their hashes (%v)", len(wheels), err)
			}
			theirs := report.files(t)
			for _, l := range unequal(theirs, lock.files(t)) {
				t.Error(l)
			}
			if len(theirs) < 12 {
				t.Errorf("%d files: too few to mean anything", len(theirs))
			}
		})
	}
	// pdm keeps extras and groups in its lock; uv and pip have left them out.
	t.Run("pdm's extras", func(t *testing.T) {
		file := filepath.Join(r.answers, "pylock", "pylock.pdm.toml")
		less := r.lock(t, r.plain["3.11.9"], "-r", file)
		more := r.lock(t, r.plain["3.11.9"], "-r", file, "--extra", "models", "--group", "test")
		for _, name := range []string{"pydantic", "pytest"} {
			if less.versions(t)[name] != "" || more.versions(t)[name] == "" {
				t.Errorf("%s: %q without asking, %q with it", name, less.versions(t)[name], more.versions(t)[name])
			}
		}
	})
}

// testWritten: uv and pip read from our lock what we put into it, for two machines in one file.
func testWritten(t *testing.T, r *resolver) {
	dir := t.TempDir()
	file := filepath.Join(dir, "pylock.toml")
	set, err := filepath.Abs(filepath.Join("sets", "pylock", "requirements.txt"))
	if err != nil {
		t.Fatal(err)
	}
	both := []string{"-r", set, "--pip", "pandas 'torch>=2.4,<2.8'", "--platform", "linux/amd64,linux/arm64"}
	text := r.ok(t, r.locking(r.plain["3.11.9"], both...)) + "\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}

	for _, to := range targets[:2] {
		t.Run("uv "+to.arch, func(t *testing.T) {
			alone := r.lock(t, r.plain["3.11.9"], "-r", set, "--pip", "pandas 'torch>=2.4,<2.8'", "--platform", "linux/"+to.arch)
			ours := alone.versions(t)
			for _, l := range unequal(r.wouldInstall(t, to, "-r", file), ours) {
				t.Errorf("uv pip install: %s", l)
			}
			again := r.lock(t, r.plain["3.11.9"], "-r", file, "--platform", "linux/"+to.arch)
			for _, l := range unequal(alone.files(t), again.files(t)) {
				t.Errorf("read by layerpack: %s", l)
			}
			synced := wouldAdd(commandErr(t, r.uv[0], slices.Concat(r.uv[1:], []string{
				"pip", "sync", "--dry-run", "--offline", "--target", filepath.Join(t.TempDir(), "empty"),
				"--python-platform", to.platform, "--python-version", to.python, file,
			})...))
			for _, l := range unequal(synced, ours) {
				t.Errorf("uv pip sync: %s", l)
			}
		})
	}

	t.Run("pip", func(t *testing.T) {
		small := filepath.Join(dir, "pylock.small.toml")
		args := []string{"-r", set, "--platform", "linux/amd64,linux/arm64"}
		r.ok(t, r.locking(r.plain["3.11.9"], append(args, "-o", small)...))
		out := command(t, r.pip[0], append(slices.Clone(r.pip[1:]), "install", "--quiet", "--disable-pip-version-check", "--dry-run", "--ignore-installed", "--report", "-", "-r", small)...)
		var report reported
		if err := json.Unmarshal([]byte(out), &report); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		alone := r.lock(t, r.plain["3.11.9"], "-r", set)
		for _, l := range unequal(report.files(t), alone.files(t)) {
			t.Error(l)
		}
	})

	t.Run("twice", func(t *testing.T) {
		for name, env := range map[string][]string{
			"one core": {"GOMAXPROCS=1"}, "eight": {"GOMAXPROCS=8"}, "elsewhere": {"TZ=Asia/Tokyo", "LC_ALL=C", "XDG_CACHE_HOME=" + t.TempDir()},
		} {
			c := r.locking(r.plain["3.11.9"], both...)
			c.env = append(c.env, env...)
			if again := r.ok(t, c) + "\n"; again != text {
				t.Errorf("%s: another lock:\n%s", name, again)
			}
		}
		// The order of platforms and requirements is nobody's business.
		turned := r.ok(t, r.locking(r.plain["3.11.9"], "--pip", "'torch>=2.4,<2.8' pandas", "-r", set, "--platform", "linux/arm64", "--platform", "linux/amd64"))
		if turned+"\n" != text {
			t.Errorf("with platforms turned round another lock:\n%s", turned)
		}
	})

	// A lock that is there is what the next one keeps to.
	t.Run("kept", func(t *testing.T) {
		old := filepath.Join(dir, "pylock.old.toml")
		earlier := r.locking(r.plain["3.11.9"], "-r", set, "-o", old)
		earlier.args[slices.Index(earlier.args, day)] = "2026-03-01T00:00:00Z"
		r.ok(t, earlier)
		first := read(t, old)
		r.ok(t, r.locking(r.plain["3.11.9"], "-r", set, "-o", old))
		if again := read(t, old); again != first {
			t.Errorf("locked again over what is there, other versions were taken:\n%s", again)
		}
		r.ok(t, r.locking(r.plain["3.11.9"], "-r", set, "-o", old, "--upgrade"))
		if again := read(t, old); again == first {
			t.Error("--upgrade changed nothing in a lock that is half a year old")
		}
	})
}

// testNoIndex: a plan of a lock asks no index, on a machine that knows nothing.
func testNoIndex(t *testing.T, r *resolver) {
	file := filepath.Join(t.TempDir(), "pylock.toml")
	r.ok(t, r.locking(r.plain["3.11.9"], "--pip", "requests rich", "-o", file))
	mark := r.index.record.mark()
	c := call{env: append(r.index.env(), "XDG_CACHE_HOME="+t.TempDir()), args: []string{
		"plan", "--json", "--base", r.plain["3.11.9"], "--no-source", "-r", file, "--index-url", r.index.simple(),
	}}
	out := r.ok(t, c)
	if n := r.index.asked(mark); n != 0 {
		t.Errorf("the index was asked %d times", n)
	}
	for _, name := range []string{"requests-", "rich-", "urllib3-"} {
		if !strings.Contains(out, name) {
			t.Errorf("no wheel of %s in the plan:\n%s", name, out)
		}
	}
}
