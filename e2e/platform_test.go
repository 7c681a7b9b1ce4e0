//go:build e2e

package e2e

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// testPlatform: for a base of another machine, which is only read and never run, the wheels are
// chosen that pip chooses for it, from a folder with those of several machines.
func testPlatform(t *testing.T, r *rig) {
	debian := "oci:" + filepath.Join(r.parts, "arm64") + ":python"
	for _, test := range []struct {
		name, machine, library string
		args, had              []string // had: in the base in this version
		layers                 int      // of the base
	}{
		{
			"linux/arm64", "aarch64", "usr/local/lib/python3.11/dist-packages",
			[]string{"--base", debian, "--platform", "linux/arm64", "--break-system-packages"},
			nil, 1,
		},
		{
			"linux/amd64", "x86_64", sitePackages,
			[]string{"--base", r.base},
			[]string{"cryptography", "markupsafe", "orjson", "pyyaml", "six"},
			len(r.layers),
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "image")
			args := slices.Concat(test.args, []string{"--no-source", "--no-deps", "--wheels", r.set("mixed"), "-o", "oci:" + out})
			r.ok(t, call{args: args})
			have := layerFiles(t, out, test.layers)
			chosen, files := pipChooses(t, r, test.machine), 0
			for _, wheel := range chosen {
				name, _, _ := strings.Cut(filepath.Base(wheel), "-")
				if slices.Contains(test.had, name) {
					continue
				}
				files += sameAsWheel(t, wheel, test.library, have)
			}
			t.Logf("%d wheels of pip's choice, %d files of them compared", len(chosen)-len(test.had), files)
			infos := 0
			for name := range have {
				if strings.HasSuffix(name, ".dist-info/WHEEL") {
					infos++
				}
			}
			if want := len(chosen) - len(test.had); infos != want || want < 8 {
				t.Errorf("%d distributions are installed, pip chooses %d", infos, want)
			}
		})
	}
	t.Run("no wheel for it", func(t *testing.T) {
		c := call{args: []string{"--base", debian, "--platform", "linux/arm64", "--break-system-packages", "--no-source", "--no-deps", "--wheels", r.set("pyodbc"), "-t", r.host + "/arm/none:1"}}
		r.refused(t, c, 4, "pyodbc", "x86_64", "aarch64")
	})
	t.Run("not the base's platform", func(t *testing.T) {
		c := call{args: []string{"--base", debian, "--no-source", "-t", r.host + "/arm/none:1"}}
		r.refused(t, c, 4, "linux/arm64", "linux/amd64")
	})
	t.Run("managed by its distribution", func(t *testing.T) {
		c := call{args: []string{"--base", debian, "--platform", "linux/arm64", "--no-source", "--wheels", r.set("mixed"), "-t", r.host + "/arm/none:1"}}
		r.refused(t, c, 4, "PEP 668", "--break-system-packages")
	})
}

// pipChooses answers the wheels that the newest pip takes of the mixed folder for a machine with
// bookworm's Python and glibc.
func pipChooses(t *testing.T, r *rig, machine string) (files []string) {
	t.Helper()
	args := []string{
		filepath.Join(r.set("pip"), "pip"), "--isolated", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index",
		"--find-links", r.set("mixed"), "--implementation", "cp", "--python-version", "3.11", "--abi", "cp311", "--abi", "abi3", "--abi", "none",
	}
	for minor := 36; minor >= 17; minor-- {
		args = append(args, "--platform", fmt.Sprintf("manylinux_2_%d_%s", minor, machine))
	}
	dest := t.TempDir()
	args = append(args, "--platform", "manylinux2014_"+machine, "--platform", "any", "--dest", dest)
	wanted := requirements(t, r.set("mixed"))
	slices.Sort(wanted)
	command(t, "python3", append(args, slices.Compact(wanted)...)...)
	for _, name := range list(t, dest) {
		files = append(files, filepath.Join(dest, name))
	}
	return files
}
