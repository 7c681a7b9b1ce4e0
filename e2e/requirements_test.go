//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// runWithPandas uses what the requirements brought, beside Prefect.
const runWithPandas = `
import pandas, sklearn, prefect_aws
from flows import docker_flow
state = docker_flow(return_state=True)
print("state:", state.type.value)
`

// nowhere is an index that cannot be asked: whoever tries fails.
const nowhere = "http://127.0.0.1:9/simple/"

// testRequirements is the way from what a person writes to an image that runs: loose requirements, then a lock.
func testRequirements(t *testing.T, r *rig) {
	project := checkout{}.project(t)
	wanted := file(t, "wanted.txt", "prefect\npandas\nscikit-learn\nprefect-aws<0.5\n")
	cache := t.TempDir()
	on := func(cache string, words ...string) call {
		return call{dir: project, env: []string{"XDG_CACHE_HOME=" + cache}, args: append([]string{
			"--base", r.base, "--file", "../modules/seasons.py:/opt/modules/seasons.py", "--pythonpath", "/opt/modules",
		}, words...)}
	}

	t.Run("Loose", func(t *testing.T) {
		tag := r.host + "/required/loose:1"
		r.ok(t, on(cache, "-r", wanted, "-t", tag))
		for _, e := range r.engines {
			o := e.run(t, tag, "python", "-c", runWithPandas)
			if o.code != 0 || !strings.Contains(o.stdout, "state: COMPLETED") {
				t.Errorf("%s: the flow did not complete (exit code %d)\n%s%s", e.name, o.code, o.stdout, o.stderr)
			}
			want := e.run(t, r.base, "pip", "check").stdout
			if got := e.run(t, tag, "pip", "check"); got.stdout != want || got.code != 0 {
				t.Errorf("%s: pip check ended with %d and says\n%s\nin the base\n%s", e.name, got.code, got.stdout, want)
			}
		}
	})

	t.Run("FreshMachineWithLock", func(t *testing.T) {
		lock := filepath.Join(project, "pylock.toml")
		c := on(cache, "-r", wanted)
		c.args = []string{"lock", "--base", r.base, "-r", wanted, "-o", lock}
		if out := r.ok(t, c); out != "" {
			t.Errorf("standard output is %q", out)
		}
		first := r.json(t, on(cache, "-r", "pylock.toml", "-t", r.host+"/required/locked:1"))
		changed(t, project)
		// A machine that was born a second ago, from which no index can be reached.
		c = on(t.TempDir(), "-r", "pylock.toml", "-t", r.host+"/required/locked", "--index-url", nowhere)
		c.env = append(c.env, "HTTPS_PROXY="+nowhere, "HTTP_PROXY="+nowhere, "NO_PROXY=127.0.0.1")
		again, all, took := r.counted(t, c)
		if downloaded(all, r.layers) != 0 {
			t.Errorf("%d bytes of the base came", downloaded(all, r.layers))
		}
		var sources []string
		for i, l := range again.Layers {
			switch l.Role {
			case "files", "source":
				sources = append(sources, l.Digest)
			default:
				if l.Digest != first.Layers[i].Digest {
					t.Errorf("layer %d is %s, and was %s", i, l.Digest, first.Layers[i].Digest)
				}
			}
		}
		for _, sent := range finished(all) {
			if sent != r.image(t, again.Reference).manifest.Config.Digest && !slices.Contains(sources, sent) {
				t.Errorf("%s was uploaded:\n%s", sent, requests(all))
			}
		}
		few(t, all, 12)
		t.Logf("the fresh machine took %s", took.Round(time.Millisecond))
	})

	t.Run("SameAsWheels", func(t *testing.T) {
		// The wheels that a lock names, given as files, make the same layers: where bytes come from does not show.
		dir := t.TempDir()
		text, err := os.ReadFile(filepath.Join(project, "pylock.toml"))
		if err != nil {
			t.Fatal(err)
		}
		command(t, "python3", "-c", fetchLocked, string(text), dir)
		with := r.json(t, on(cache, "-r", "pylock.toml", "-t", r.host+"/required/same:1"))
		from := r.json(t, on(t.TempDir(), "--wheels", dir, "-t", r.host+"/required/same:2"))
		if with.Digest != from.Digest {
			t.Errorf("by the lock %s, by its wheels %s", with.Digest, from.Digest)
		}
	})
}

// fetchLocked downloads the wheels of a lock by other means.
const fetchLocked = `
import sys, os, tomllib, urllib.request
for p in tomllib.loads(sys.argv[1])["packages"]:
    url = p["wheels"][0]["url"]
    with urllib.request.urlopen(url) as r, open(os.path.join(sys.argv[2], url.rsplit("/", 1)[1]), "wb") as f:
        f.write(r.read())
`
