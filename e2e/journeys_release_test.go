//go:build e2e

package e2e

import (
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// release runs what the first page says: this checkout, as it is now, becomes a commit elsewhere, and that a release.
func (j *journeys) release(t *testing.T) {
	t.Helper()
	p := j.page(t, releasePage)
	dir := t.TempDir()
	for _, name := range strings.Split(strings.TrimSuffix(command(t, "git", "-C", "..", "ls-files", "-z", "--cached", "--others", "--exclude-standard"), "\x00"), "\x00") {
		from := filepath.Join("..", name)
		info, err := os.Stat(from)
		if err != nil {
			continue // removed, and not committed yet
		}
		to := filepath.Join(dir, name)
		checkout{}.write(t, to, []byte(read(t, from)))
		if err := os.Chmod(to, info.Mode().Perm()); err != nil {
			t.Fatal(err)
		}
	}
	j.commit(t, dir)
	build := exec.Command("bash", "-e", "-c", p.take(t, "sh", "make build"))
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", p.name, err, out)
	}
	if v := command(t, filepath.Join(dir, "bin/layerpack"), "version"); strings.TrimSpace(v) == "" {
		t.Error("the program tells no version")
	}
	j.dist = filepath.Join(dir, "dist")
	sums := exec.Command("sha256sum", "--check", "--quiet", "SHA256SUMS")
	sums.Dir = j.dist
	if out, err := sums.CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", sums, err, out)
	}
	p.shell(t, dir, p.take(t, "sh", "skopeo copy"))
	p.rest(t)
}

// checksum answers what SHA256SUMS says of a file of the release.
func (j *journeys) checksum(t *testing.T, name string) string {
	t.Helper()
	for line := range strings.Lines(read(t, filepath.Join(j.dist, "SHA256SUMS"))) {
		if f := strings.Fields(line); len(f) == 2 && f[1] == name {
			return f[0]
		}
	}
	t.Fatalf("SHA256SUMS has no %s", name)
	return ""
}

// commit makes a folder a repository of git with one commit.
func (j *journeys) commit(t *testing.T, dir string) {
	t.Helper()
	for _, line := range [][]string{
		{"init", "--quiet", "--initial-branch=main"},
		{"add", "--all"},
		{"-c", "user.name=e2e", "-c", "user.email=e2e@example.org", "commit", "--quiet", "--message=all"},
	} {
		command(t, "git", slices.Concat([]string{"-C", dir}, line)...)
	}
}

// serveGit serves a project as DIR/team/shop.git, and makes an image that can clone it, of this machine's git.
func (p *journeyPage) serveGit(t *testing.T, project string) (host string) {
	t.Helper()
	root := t.TempDir()
	p.commit(t, project)
	command(t, "git", "clone", "--quiet", "--bare", project, filepath.Join(root, "team/shop.git"))
	core := strings.TrimSpace(command(t, "git", "--exec-path"))
	server := httptest.NewServer(&cgi.Handler{
		Path: filepath.Join(core, "git-http-backend"),
		Env:  []string{"GIT_PROJECT_ROOT=" + root, "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*"},
	})
	t.Cleanup(server.Close)

	files := []string{"/usr/bin/git", filepath.Join(core, "git-remote-http"), "/lib64/ld-linux-x86-64.so.2"}
	for _, program := range files[:2] {
		for _, word := range strings.Fields(command(t, "ldd", program)) {
			if filepath.IsAbs(word) && !slices.Contains(files, word) {
				files = append(files, word)
			}
		}
	}
	archive := filepath.Join(t.TempDir(), "git.tar")
	command(t, "tar", slices.Concat([]string{"--create", "--dereference", "--hard-dereference", "--absolute-names", "--transform=s,^/,,", "--file", archive}, files)...)
	e := p.podman()
	command(t, e.command[0], slices.Concat(e.command[1:], []string{"import", "--quiet", "--change", `ENTRYPOINT ["/usr/bin/git"]`, archive, p.git})...)
	return server.Listener.Addr().String()
}
