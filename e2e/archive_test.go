//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// testArchives: what layerpack writes, engines and other tools load; what engines save, layerpack builds on.
func testArchives(t *testing.T, r *rig) {
	project := checkout{}.project(t)
	dir := t.TempDir()
	usual := r.demo(project, "").args
	usual = usual[:len(usual)-2]

	docker := filepath.Join(dir, "docker.tar")
	name := "reg.example/team/app:v1"
	written := r.json(t, call{dir: project, args: append(usual[:len(usual):len(usual)], "-o", "docker-archive:"+docker+":"+name)})
	command(t, "skopeo", "inspect", "docker-archive:"+docker+":"+name)
	digests := map[string]string{}
	for _, e := range r.engines {
		t.Run(e.name, func(t *testing.T) {
			command(t, e.command[0], append(e.command[1:len(e.command):len(e.command)], "load", "-i", docker)...)
			if got := e.sh(t, name, "python -c 'import pandas, seasons; print(pandas.__name__)'"); got != "pandas" {
				t.Errorf("the loaded image printed %q", got)
			}
			saved := filepath.Join(dir, e.name+".tar")
			command(t, e.command[0], append(e.command[1:len(e.command):len(e.command)], "save", "-o", saved, name)...)
			build := func(base string, env []string, from string) string {
				c := call{env: env, args: []string{"--base", base, "--no-source", "--env", "MORE=1", "-o", "oci:" + filepath.Join(t.TempDir(), "out")}, stdin: from}
				return r.json(t, c).Digest
			}
			env := []string{"XDG_CACHE_HOME=" + t.TempDir()}
			file := build("docker-archive:"+saved, env, "")
			again := build("docker-archive:"+saved, env, "")
			piped := build("docker-archive:-", []string{"XDG_CACHE_HOME=" + t.TempDir()}, saved)
			if file != again || file != piped {
				t.Errorf("from a file %s, again %s, from standard input %s", file, again, piped)
			}
			digests[e.name] = file
			os.Remove(saved)
		})
	}
	t.Logf("images on what the engines saved: %v", digests)

	t.Run("oci-archive", func(t *testing.T) {
		oci := filepath.Join(dir, "oci.tar")
		reference := r.ok(t, call{dir: project, args: append(usual[:len(usual):len(usual)], "-o", "oci-archive:"+oci+":v1", "--print", "digest")})
		if !strings.HasSuffix(reference, written.Digest) {
			t.Errorf("%s, want the image %s", reference, written.Digest)
		}
		copied := r.host + "/team/archive:1"
		command(t, "skopeo", "copy", "--quiet", "--dest-tls-verify=false", "oci-archive:"+oci+":v1", "docker://"+copied)
		if got := r.image(t, copied).digest; got != written.Digest {
			t.Errorf("skopeo copied %s, layerpack said %s", got, written.Digest)
		}
		based := r.json(t, call{args: []string{"--base", "oci-archive:" + oci, "--no-source", "--env", "MORE=1", "-o", "oci:" + filepath.Join(t.TempDir(), "out")}})
		if based.Base.Digest != written.Digest {
			t.Errorf("based on %s, want %s", based.Base.Digest, written.Digest)
		}
	})
}
