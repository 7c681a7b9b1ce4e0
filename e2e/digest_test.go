//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// testSameDigest: the same inputs give the same manifest digest, whatever else is different.
func testSameDigest(t *testing.T, r *rig) {
	n := 0
	build := func(t *testing.T, how checkout, change func(*call)) string {
		t.Helper()
		n++
		// Each time another repository: the registry must not be a cache here.
		c := r.demo(how.project(t), fmt.Sprintf("%s/same/digest-%d:1", r.host, n))
		if change != nil {
			change(&c)
		}
		return r.json(t, c).Digest
	}
	env := func(vars ...string) func(*call) { return func(c *call) { c.env = vars } }
	want := build(t, checkout{}, nil)
	deep := filepath.Join(t.TempDir(), "some where", "deep", "ünder")
	for _, v := range []struct {
		name   string
		how    checkout
		change func(*call)
	}{
		{"another umask", checkout{private: true}, func(c *call) { c.umask = "077" }},
		{"another checkout mtime", checkout{mtime: time.Date(2001, 2, 3, 4, 5, 6, 789, time.UTC)}, nil},
		{"another file creation order", checkout{reverse: true}, nil},
		{"another parent folder", checkout{parent: deep}, nil},
		{"another time zone", checkout{}, env("TZ=Pacific/Chatham")},
		{"another locale", checkout{}, env("LC_ALL=tr_TR.UTF-8", "LANG=tr_TR.UTF-8")},
		{"one core", checkout{}, env("GOMAXPROCS=1")},
		{"another temporary folder", checkout{}, env("TMPDIR="+mountableDir(t), "HOME="+mountableDir(t))},
		{"an empty cache", checkout{}, env("XDG_CACHE_HOME="+t.TempDir(), "GOMAXPROCS=3")},
		{"an empty cache given by flag", checkout{}, func(c *call) { c.args = append(c.args, "--cache-dir", t.TempDir()) }},
		{"no cache", checkout{}, func(c *call) { c.args = append(c.args, "--no-cache") }},
	} {
		t.Run(v.name, func(t *testing.T) {
			if got := build(t, v.how, v.change); got != want {
				t.Errorf("digest %s, want %s", got, want)
			}
		})
	}
	t.Run("another user, who is not root", func(t *testing.T) {
		const nobody = 65534
		dir := mountableDir(t)
		place := func(name string) string { return filepath.Join(dir, name) }
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		// Roots may keep their cache where nobody looks: what is read is brought to where one may.
		checkout{}.copyTree(t, r.wheels, place("wheels"))
		checkout{}.copyTree(t, filepath.Dir(r.binary), place("bin"))
		moved := *r
		moved.binary, moved.wheels = place("bin/layerpack"), place("wheels")
		for _, name := range []string{"home", "tmp"} {
			if err := os.Mkdir(place(name), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.Chown(place(name), nobody, nobody); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chmod(moved.binary, 0o755); err != nil {
			t.Fatal(err)
		}
		c := moved.demo(checkout{parent: place("src")}.project(t), r.host+"/same/nobody:1")
		c.as = strconv.Itoa(nobody)
		c.env = []string{"HOME=" + place("home"), "XDG_CACHE_HOME=" + place("home/.cache"), "TMPDIR=" + place("tmp")}
		if got := moved.json(t, c).Digest; got != want {
			t.Errorf("digest %s, want %s", got, want)
		}
	})
}
