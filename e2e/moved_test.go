//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"testing"
)

// testSecondRun: the same command again gives the same image, and sends nothing.
func testSecondRun(t *testing.T, r *rig) {
	tag := r.host + "/team/second:1"
	// A machine of its own, and no cache manifest: elsewhere the wheels are known, and mounted.
	c := fresh(t, r.demo(checkout{}.project(t), tag))
	c.args = append(c.args, "--cache-repo", "none")
	mark := r.traffic.mark()
	first := r.json(t, c)
	if n := uploaded(r.traffic.since(mark)); n < 10<<20 {
		t.Errorf("the first run uploaded %d bytes, want those of the wheels", n)
	}
	mark = r.traffic.mark()
	second := r.json(t, c)
	all := r.traffic.since(mark)
	if first.Digest != second.Digest || first.Reference != second.Reference {
		t.Errorf("first run %s %s, second run %s %s", first.Reference, first.Digest, second.Reference, second.Digest)
	}
	if got := r.image(t, tag).digest; got != first.Digest {
		t.Errorf("the tag holds %s, layerpack said %s", got, first.Digest)
	}
	if n := uploaded(all); n != 0 {
		t.Errorf("the second run uploaded %d bytes of blobs", n)
	}
	if n := downloaded(all, r.layers); n != 0 {
		t.Errorf("the second run downloaded %d bytes of the base's layers", n)
	}
}

// testBaseNotMoved: with the base's profile known, another flow in another repository of the same
// registry moves no byte of the base, in either direction.
func testBaseNotMoved(t *testing.T, r *rig) {
	r.ok(t, r.demo(checkout{}.project(t), r.host+"/team/known:1"))
	other := checkout{}.project(t)
	checkout{}.write(t, filepath.Join(other, "more.py"), []byte("answer = 42\n"))
	mark := r.traffic.mark()
	r.ok(t, call{dir: other, args: []string{
		"--base", r.base, "--wheels", r.wheels, "--source", ".", "--source", "../modules:/opt/modules",
		"--pythonpath", "/opt/modules", "-t", r.host + "/another/team:1",
	}})
	all := r.traffic.since(mark)
	if n := downloaded(all, r.layers); n != 0 {
		t.Errorf("%d bytes of the base's layers were downloaded", n)
	}
	if n := mounted(all, r.layers); n != len(r.layers) {
		t.Errorf("%d of the base's %d layers were mounted", n, len(r.layers))
	}
	if sent := uploadsOf(r.traffic.since(r.ready), r.layers); len(sent) > 0 {
		t.Errorf("layers of the base were uploaded: %q", sent)
	}
}

// testParents: what stands above a file of ours stays what it was.
func testParents(t *testing.T, r *rig) {
	tag := r.host + "/team/parents:1"
	x, y := file(t, "x", "in tmp\n"), file(t, "y", "in lib\n")
	if err := os.Chmod(filepath.Dir(x), 0o700); err != nil {
		t.Fatal(err)
	}
	r.ok(t, call{args: []string{"--base", r.base, "--no-source", "--file", x + ":/tmp/x", "--file", y + ":/lib/y", "-t", tag}})
	for _, e := range r.engines {
		t.Run(e.name, func(t *testing.T) {
			const look = "stat -c '%n %a %u:%g %F' /tmp /lib /usr/lib /tmp/x /usr/lib/y; readlink /lib; cat /tmp/x /lib/y; pwd"
			const want = `/tmp 1777 0:0 directory
/lib 777 0:0 symbolic link
/usr/lib 755 0:0 directory
/tmp/x 644 0:0 regular file
/usr/lib/y 644 0:0 regular file
usr/lib
in tmp
in lib
/opt/prefect`
			if got := e.sh(t, tag, look); got != want {
				t.Errorf("in the container:\n%s\nwant\n%s", got, want)
			}
		})
	}
}
