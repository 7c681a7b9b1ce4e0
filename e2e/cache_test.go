//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// changed makes the project another by one line of its flow.
func changed(t *testing.T, project string) {
	t.Helper()
	path := filepath.Join(project, "flows.py")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	checkout{}.write(t, path, append(text, fmt.Sprintf("\n# %s\n", t.Name())...))
}

// fresh is a call on a machine that was born a second ago.
func fresh(t *testing.T, c call) call {
	t.Helper()
	c.env = append(slices.Clip(c.env), "XDG_CACHE_HOME="+t.TempDir())
	return c
}

// counted runs a build and answers its document, the requests it made, and how long it took.
func (r *rig) counted(t *testing.T, c call) (document, []*exchange, time.Duration) {
	t.Helper()
	mark, start := r.traffic.mark(), time.Now()
	d := r.json(t, c)
	took := time.Since(start)
	all := r.traffic.since(mark)
	t.Logf("%d requests, %d bytes of blobs sent, %s", len(all), uploaded(all), took.Round(time.Millisecond))
	return d, all, took
}

// finished lists the blobs whose upload was finished.
func finished(all []*exchange) (digests []string) {
	for _, e := range all {
		q, err := url.ParseQuery(e.query)
		if err == nil && e.method != http.MethodGet && q.Get("digest") != "" && e.status.Load() == http.StatusCreated {
			digests = append(digests, q.Get("digest"))
		}
	}
	return digests
}

// requests is what went past, a line each, for messages.
func requests(all []*exchange) string {
	var b strings.Builder
	for _, e := range all {
		fmt.Fprintf(&b, "  %s %s?%s %d\n", e.method, e.path, e.query, e.status.Load())
	}
	return b.String()
}

// few checks a bound on requests.
func few(t *testing.T, all []*exchange, most int) {
	t.Helper()
	if len(all) > most {
		t.Errorf("%d requests, at most %d wanted:\n%s", len(all), most, requests(all))
	}
}

// testCache: the registry is the cache, counted in requests and bytes.
func testCache(t *testing.T, r *rig) {
	project := checkout{}.project(t)
	usual := r.demo(project, r.host+"/cached/flows:1")
	first, _, _ := r.counted(t, usual)

	t.Run("Unchanged", func(t *testing.T) {
		for name, c := range map[string]call{"warm": usual, "fresh": fresh(t, usual)} {
			again, all, _ := r.counted(t, c)
			few(t, all, map[string]int{"warm": 3, "fresh": 6}[name])
			if again.Digest != first.Digest || uploaded(all) != 0 || downloaded(all, r.layers) != 0 {
				t.Errorf("%s: digest %s, want %s; %d bytes up, %d of the base down", name, again.Digest, first.Digest, uploaded(all), downloaded(all, r.layers))
			}
		}
	})
	t.Run("FlowChanged", func(t *testing.T) { testFlowChanged(t, r, usual) })
	t.Run("FreshRunner", func(t *testing.T) { testFreshRunner(t, r, project) })
	t.Run("OneWheel", func(t *testing.T) { testOneWheel(t, r) })
	t.Run("AtOnce", func(t *testing.T) { testAtOnce(t, r) })
	t.Run("TwentyFlows", func(t *testing.T) { testTwentyFlows(t, r) })
	t.Run("Engines", func(t *testing.T) { testThroughEngines(t, r, project, first) })
}

func testFlowChanged(t *testing.T, r *rig, usual call) {
	changed(t, usual.dir)
	d, all, _ := r.counted(t, usual)
	few(t, all, 10)
	config := r.image(t, d.Reference).manifest.Config.Digest
	want := []string{d.Layers[len(d.Layers)-1].Digest, config}
	got := finished(all)
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("uploaded %q, want source and configuration %q:\n%s", got, want, requests(all))
	}
}

// testFreshRunner: a runner without any cache changes a line and pushes a tag that does not exist yet.
func testFreshRunner(t *testing.T, r *rig, project string) {
	changed(t, project)
	c := fresh(t, r.demo(project, r.host+"/cached/flows"))
	d, all, took := r.counted(t, c)
	want := []string{r.image(t, d.Reference).manifest.Config.Digest}
	for _, l := range d.Layers {
		if l.Role == "files" || l.Role == "source" { // no tag told of the files, and the cache manifest is about wheels
			want = append(want, l.Digest)
		}
	}
	got := finished(all)
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) || downloaded(all, r.layers) != 0 {
		t.Errorf("uploaded %q, want source, files and configuration %q; %d bytes of the base came:\n%s", got, want, downloaded(all, r.layers), requests(all))
	}
	warm := call{dir: c.dir, args: c.args}
	changed(t, project)
	_, all, again := r.counted(t, warm)
	few(t, all, 10)
	t.Log(requests(all))
	t.Logf("a fresh machine took %s, a warm one %s", took, again)
	changed(t, project)
	// Nothing of the cache is needed: without it the same digest comes.
	with := r.json(t, fresh(t, c))
	without := r.json(t, fresh(t, call{dir: c.dir, args: append(slices.Clip(c.args), "--no-cache")}))
	if with.Digest != without.Digest {
		t.Errorf("with the cache %s, without %s", with.Digest, without.Digest)
	}
}

// sixty makes a folder of sixty of the small wheels of the set "many".
func sixty(t *testing.T, r *rig) string {
	t.Helper()
	entries, err := os.ReadDir(r.set("many"))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "sixty")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() > 1<<20 || n == 60 {
			continue
		}
		n++
		if err := os.Link(filepath.Join(r.set("many"), e.Name()), filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	if n != 60 {
		t.Fatalf("%d small wheels, want 60", n)
	}
	return dir
}

// testOneWheel: of sixty wheels one is another version; only the layer that holds it is built and sent.
func testOneWheel(t *testing.T, r *rig) {
	dir := sixty(t, r)
	old := wheel(t, "changing", "py3-none-any")
	newer := wheel(t, "changing", "py3-none-any", [2]string{"changing_more.py", "more = True\n"})
	build := func(more string) call {
		return call{args: []string{"--base", r.base, "--no-source", "--no-deps", "--wheels", dir, "--wheels", more, "-t", r.host + "/cached/sixty:1"}}
	}
	before, _, _ := r.counted(t, build(old))
	after, all, _ := r.counted(t, build(newer))
	var fresh []string
	for _, l := range after.Layers {
		if !slices.ContainsFunc(before.Layers, func(o documentLayer) bool { return o.Digest == l.Digest }) {
			fresh = append(fresh, l.Digest)
			if l.Reused {
				t.Errorf("layer %s is new and was not built", l.Digest)
			}
		} else if !l.Reused {
			t.Errorf("layer %s was there and was built", l.Digest)
		}
	}
	if len(fresh) != 1 {
		t.Fatalf("%d layers are new, want 1", len(fresh))
	}
	for _, l := range before.Layers {
		if slices.Contains(finished(all), l.Digest) {
			t.Errorf("layer %s was uploaded again", l.Digest)
		}
	}
}

// testAtOnce: builds that write the cache manifest at the same time make nothing wrong.
func testAtOnce(t *testing.T, r *rig) {
	dir := sixty(t, r)
	build := func(n int) call {
		more := wheel(t, "changing", "py3-none-any", [2]string{fmt.Sprintf("changing_%d.py", n), "more = True\n"})
		return fresh(t, call{args: []string{"--base", r.base, "--no-source", "--no-deps", "--wheels", dir, "--wheels", more, "-t", fmt.Sprintf("%s/cached/atonce:%d", r.host, n)}})
	}
	calls := []call{build(0), build(1), build(2), build(3)}
	digests := make([]string, len(calls))
	t.Run("group", func(t *testing.T) {
		for n, c := range calls {
			t.Run(fmt.Sprint(n), func(t *testing.T) {
				t.Parallel()
				digests[n] = r.json(t, c).Digest
			})
		}
	})
	for n, c := range calls {
		if again := r.json(t, fresh(t, c)).Digest; again != digests[n] {
			t.Errorf("build %d made %s, and %s with what the others left", n, digests[n], again)
		}
		command(t, "crane", "validate", "--remote", fmt.Sprintf("%s/cached/atonce:%d", r.host, n))
	}
}

// testTwentyFlows: twenty flows, an image each, with the same wheels: these are sent once.
func testTwentyFlows(t *testing.T, r *rig) {
	cache := "XDG_CACHE_HOME=" + t.TempDir()
	mark := r.traffic.mark()
	var wheels []string
	for n := range 20 {
		project := checkout{}.project(t)
		checkout{}.write(t, filepath.Join(project, "flows.py"), fmt.Appendf(nil, "number = %d\n", n))
		c := r.demo(project, fmt.Sprintf("%s/flow%d/image", r.host, n))
		c.env = []string{cache}
		d := r.json(t, c)
		wheels = wheels[:0]
		for _, l := range d.Layers {
			if strings.HasSuffix(l.Role, "wheels") {
				wheels = append(wheels, l.Digest)
			}
		}
	}
	sent := finished(r.traffic.since(mark))
	for _, w := range wheels {
		n := 0
		for _, d := range sent {
			if d == w {
				n++
			}
		}
		if n > 1 {
			t.Errorf("wheel layer %s was uploaded %d times", w, n)
		}
	}
	if len(wheels) < 5 {
		t.Errorf("%d layers of wheels, want more", len(wheels))
	}
}

// testThroughEngines: what Docker and podman pulled and pushed again serves as --cache-from.
func testThroughEngines(t *testing.T, r *rig, project string, first document) {
	for _, e := range r.engines {
		t.Run(e.name, func(t *testing.T) {
			copied := r.host + "/through/" + e.name + ":1"
			e.copyImage(t, first.Reference, copied)
			c := fresh(t, r.demo(project, r.host+"/from/"+e.name+":1"))
			c.args = append(slices.Clip(c.args), "--cache-from", copied)
			with, _, _ := r.counted(t, c)
			without := r.json(t, call{dir: project, env: []string{"XDG_CACHE_HOME=" + t.TempDir()}, args: append(slices.Clip(r.demo(project, r.host+"/from/"+e.name+"-alone:1").args), "--no-cache")})
			if with.Digest != without.Digest {
				t.Errorf("with --cache-from %s, without %s", with.Digest, without.Digest)
			}
			same := map[string]bool{}
			for _, l := range r.image(t, copied).manifest.Layers {
				same[l.Digest] = true
			}
			found := 0
			for _, l := range with.Layers {
				if l.Role != "base" && l.Reused != same[l.Digest] && !strings.HasPrefix(l.Role, "source") {
					t.Errorf("layer %s (%s): reused %t; %s has these bytes: %t", l.Digest, l.Role, l.Reused, copied, same[l.Digest])
				}
				if l.Role != "base" && l.Reused {
					found++
				}
			}
			t.Logf("%d layers were found in %s", found, copied)
		})
	}
}

// testNotTwice: on no kind of registry is a byte of the base or of a wheel sent twice.
func testNotTwice(t *testing.T, r *rig) {
	for name, start := range map[string]func(*testing.T) string{
		"docker-registry": startRegistry, "go-containerregistry": startSimpleRegistry, "distribution v3": startDistribution,
	} {
		t.Run(name, func(t *testing.T) {
			log := &traffic{}
			other := *r
			other.traffic = log
			other.host = startProxy(t, start(t), log)
			other.cache = t.TempDir()
			project := checkout{}.project(t)
			var all []string
			for n, repo := range []string{"one/image:1", "one/image:2", "two/image:1"} {
				changed(t, project)
				c := other.demo(project, other.host+"/"+repo)
				if n == 1 {
					c = fresh(t, c)
				}
				d := other.json(t, c)
				all = all[:0]
				for _, l := range d.Layers {
					if l.Role != "source" && l.Role != "files" {
						all = append(all, l.Digest)
					}
				}
			}
			sent := finished(log.since(0))
			for _, digest := range all {
				n := 0
				for _, s := range sent {
					if s == digest {
						n++
					}
				}
				if n > 1 {
					t.Errorf("blob %s was uploaded %d times", digest, n)
				}
			}
		})
	}
}
