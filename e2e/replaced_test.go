//go:build e2e

package e2e

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// testReplaced: another version of what the base has takes its place without a trace, as with pip;
// one that Prefect's own pins forbid is refused.
func testReplaced(t *testing.T, r *rig) {
	tag := r.host + "/team/replaced:1"
	r.ok(t, call{args: []string{"--base", r.base, "--no-source", "--wheels", r.set("replaced"), "-t", tag}})

	theirs := r.podman().start(t, r.base, r.inside(t, r.set("replaced")))
	theirs.pip(t, "/inside/wheels", requirements(t, r.set("replaced"))...)
	files := tree(t, theirs.root)
	t.Run("as pip does it", func(t *testing.T) {
		ours := r.podman().start(t, tag, r.inside(t, r.set("replaced")))
		c := &comparison{}
		c.trees(t, files, tree(t, ours.root), pipDifference)
		c.report(t, []string{otherInstaller, carriageReturn})
	})
	var want []string
	for name := range files {
		if strings.HasPrefix(name, sitePackages+"/") || directlyIn(name, scriptsDir) {
			want = append(want, "/"+name)
		}
	}
	slices.Sort(want)
	for _, e := range r.engines {
		t.Run(e.name, func(t *testing.T) {
			out := e.sh(t, tag, "find /"+sitePackages+" /"+scriptsDir+" -mindepth 1 | LC_ALL=C sort")
			if have := strings.Split(out, "\n"); !slices.Equal(have, want) {
				t.Errorf("files in the container but not in pip's: %q\nand the other way: %q", without(have, want), without(want, have))
			}
			versions := map[string]string{"anyio": "4.4.0", "pydantic": "2.11.10", "pydantic_core": "2.33.2"}
			seen := e.sh(t, tag, "python -B -m pip list --format=freeze --disable-pip-version-check; cd /"+sitePackages+"; ls -d *.dist-info; "+
				"python -B -c 'import anyio, pydantic, pydantic_core as c; print(pydantic.VERSION, c.__version__, prefect := __import__(\"prefect\").__version__)'; python -B -m pip check")
			for name, version := range versions {
				found := regexp.MustCompile("(?mi)^"+name+"(==|-).*$").FindAllString(seen, -1)
				if wanted := []string{name + "==" + version, name + "-" + version + ".dist-info"}; !slices.Equal(found, wanted) {
					t.Errorf("%s is listed as %q, want %q", name, found, wanted)
				}
			}
			if !strings.Contains(seen, "\n2.11.10 2.33.2 2.20.") || !strings.HasSuffix(seen, "No broken requirements found.") {
				t.Errorf("in the container:\n%s", seen)
			}
		})
	}
	t.Run("against Prefect's pins", func(t *testing.T) {
		tag := r.host + "/team/unwanted:1"
		args := []string{"--base", r.base, "--no-source", "--wheels", r.set("unwanted"), "-t", tag}
		r.refused(t, call{args: args}, 4, "prefect 2.20.", "anyio<4.14,>=4.4.0", "3.7.1", "pydantic", "<2.13", "pydantic-core==", "--no-deps")
		r.ok(t, call{args: append(args, "--no-deps")})
		// An upgrade of pydantic, which Prefect's pins allow only unchecked, is the same tree as pip's too.
		theirs := r.podman().start(t, r.base, r.inside(t, r.set("unwanted")))
		theirs.pip(t, "/inside/wheels", requirements(t, r.set("unwanted"))...)
		ours := r.podman().start(t, tag, r.inside(t, r.set("unwanted")))
		c := &comparison{}
		c.trees(t, tree(t, theirs.root), tree(t, ours.root), pipDifference)
		c.report(t, []string{otherInstaller, carriageReturn})
		for _, e := range r.engines {
			seen := e.sh(t, tag, "python -B -m pip list --format=freeze --disable-pip-version-check | grep -E '^(anyio|pydantic)=='; cd /"+sitePackages+"; ls -d pydantic-*.dist-info anyio-*.dist-info")
			if !regexp.MustCompile(`^anyio==3\.7\.1\npydantic==2\.1[3-9][^\n]*\nanyio-3\.7\.1\.dist-info\npydantic-2\.1[3-9][^\n]*\.dist-info$`).MatchString(seen) {
				t.Errorf("%s: %q", e.name, seen)
			}
		}
		o := r.podman().run(t, tag, "pip", "check")
		for _, want := range []string{"prefect 2.20.26 has requirement anyio<4.14,>=4.4.0, but you have anyio 3.7.1", "but you have pydantic 2."} {
			if !strings.Contains(o.stdout, want) || o.code != 1 {
				t.Errorf("let through, pip check says (%d)\n%swant %q", o.code, o.stdout, want)
			}
		}
	})
}

// without lists what is in a but not in b.
func without(a, b []string) []string {
	rest := map[string]bool{}
	for _, s := range a {
		rest[s] = true
	}
	for _, s := range b {
		delete(rest, s)
	}
	return slices.Sorted(maps.Keys(rest))
}
