package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// TestSpoiltCache: whatever has become of what this machine keeps, the result is the same, and the wheels are fetched
// again where they have to be.
func TestSpoiltCache(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.project(t)
	want, stderr, code := m.build(t, m.cache, "whole:1", "-r", "requirements.txt")
	if code != 0 {
		t.Fatal(stderr)
	}
	for name, spoil := range map[string]func(path string, raw []byte) []byte{
		"garbage":   func(string, []byte) []byte { return []byte("garbage\n") },
		"empty":     func(string, []byte) []byte { return nil },
		"cut":       func(_ string, raw []byte) []byte { return raw[:len(raw)/2] },
		"one bit":   func(_ string, raw []byte) []byte { return flipBit(raw, len(raw)/2) },
		"last bit":  func(_ string, raw []byte) []byte { return flipBit(raw, len(raw)-1) },
		"too much":  func(_ string, raw []byte) []byte { return append(bytes.Clone(raw), "more"...) },
		"wheels":    only("wheelfiles", func(raw []byte) []byte { return flipBit(raw, len(raw)/2) }),
		"no wheels": only("wheelfiles", func([]byte) []byte { return []byte("PK") }),
		"pages":     only("index-pages", func(raw []byte) []byte { return flipBit(raw, len(raw)/3) }),
		"metadata":  only("index-metadata", func(raw []byte) []byte { return flipBit(raw, len(raw)/3) }),
	} {
		t.Run(name, func(t *testing.T) {
			cache := m.other(name)
			if err := os.CopyFS(cache, os.DirFS(m.cache)); err != nil {
				t.Fatal(err)
			}
			if n := spoilt(t, cache, spoil); n == 0 {
				t.Fatal("nothing was spoilt")
			}
			// Where nothing is, layers have to be built, of wheels.
			m.host = newServer(t.Cleanup, func(next http.Handler) http.Handler { return next }).host
			tag := "spoilt-" + strings.ReplaceAll(name, " ", "-") + ":1"
			if got, stderr, code := m.build(t, cache, tag, "-r", "requirements.txt"); code != 0 || got != want {
				t.Errorf("exit code %d, digest %s, want %s\n%s", code, got, want, stderr)
			}
		})
	}
}

func flipBit(raw []byte, at int) []byte {
	if len(raw) == 0 {
		return []byte{1}
	}
	raw = bytes.Clone(raw)
	raw[at] ^= 4
	return raw
}

// only spoils what lies in one folder of the cache.
func only(folder string, spoil func([]byte) []byte) func(string, []byte) []byte {
	return func(path string, raw []byte) []byte {
		if strings.Contains(path, "/"+folder+"/") {
			return spoil(raw)
		}
		return raw
	}
}

// spoilt changes the files of a cache and says how many are others now.
func spoilt(t *testing.T, cache string, spoil func(string, []byte) []byte) (n int) {
	t.Helper()
	err := filepath.WalkDir(cache, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || d.Name() == "CACHEDIR.TAG" {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		after := spoil(path, raw)
		if bytes.Equal(raw, after) {
			return nil
		}
		n++
		return os.WriteFile(path, after, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestManyAtOnce: runs that share a cache, from the first byte on, do not disturb each other.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.project(t)
	const runs = 6
	digests := make([]string, runs)
	var all sync.WaitGroup
	for i := range runs {
		all.Go(func() {
			got, stderr, code := m.build(t, m.cache, fmt.Sprintf("at-once-%d:1", i), "-r", "requirements.txt")
			if code != 0 {
				t.Errorf("run %d: exit code %d\n%s", i, code, stderr)
			}
			digests[i] = got
		})
	}
	all.Wait()
	if slices.Sort(digests); digests[0] == "" || digests[0] != digests[runs-1] {
		t.Errorf("digests %q", digests)
	}
	if got, stderr, code := m.build(t, m.cache, "after:1", "-r", "requirements.txt", "--offline"); code != 0 || got != digests[0] {
		t.Errorf("afterwards: exit code %d, digest %s, want %s\n%s", code, got, digests[0], stderr)
	}
}

// TestManyWheels: far more wheels than are fetched, read or built at a time, on one core and on many.
func TestManyWheels(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	var words []string
	for n := range 70 {
		name := fmt.Sprintf("w%02d", n)
		release := []string{"fill=40000"}
		if n%5 == 0 {
			release = []string{"tag=cp311-cp311-manylinux_2_17_x86_64", "file=" + name + "/core.so=ELF", "fill=1200000"}
		}
		if n > 0 {
			release = append(release, fmt.Sprintf("requires=w%02d", n-1))
		}
		if err := m.world.index.release(name, "1.0", release...); err != nil {
			t.Fatal(err)
		}
		words = append(words, name)
	}
	want := ""
	for _, cores := range []string{"1", "8"} {
		m.env = []string{"GOMAXPROCS=" + cores}
		// A last one that needs all of them finds them one by one.
		for i, args := range [][]string{{"--pip", "w69"}, {"--pip", strings.Join(words, " "), "--no-deps"}} {
			got, stderr, code := m.build(t, m.other(fmt.Sprint(cores, i)), fmt.Sprintf("many-%s-%d:1", cores, i), args...)
			if code != 0 || got == "" {
				t.Fatalf("%s cores, %q: exit code %d\n%s", cores, args[0], code, stderr)
			}
			if i == 0 && want == "" {
				want = got
			}
			if i == 0 && got != want {
				t.Errorf("%s cores: digest %s, want %s", cores, got, want)
			}
		}
	}
}
