//go:build oracle

package pipwheel_test

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/pipwheel"
)

// directWheels serves one wheel under every path that ends in its name, below /private/ only to
// those who have a password.
type directWheels struct {
	file, sum string // path of the host, SHA-256
	address   string // HOST:PORT
}

func serveDirect(t *testing.T) directWheels {
	t.Helper()
	data := forge(t, demo,
		member{name: "demo.py", body: "def main(): pass\n"},
		member{name: "demo-1.0.data/scripts/tool", body: "#!python\nprint(1)\n", executable: true},
		member{name: "{info}/entry_points.txt", body: "[console_scripts]\ndemo = demo:main\n"},
	)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		switch {
		case strings.HasPrefix(r.URL.Path, "/private/") && (user != "me" || password != "p@w"):
			w.Header().Set("WWW-Authenticate", `Basic realm="wheels"`)
			w.WriteHeader(http.StatusUnauthorized)
		case path.Base(r.URL.Path) != demo:
			w.WriteHeader(http.StatusNotFound)
		default:
			_, _ = w.Write(data) // pip says what is missing
		}
	}))
	t.Cleanup(server.Close)
	sum := sha256.Sum256(data)
	d := directWheels{filepath.Join(t.TempDir(), demo), hex.EncodeToString(sum[:]), strings.TrimPrefix(server.URL, "http://")}
	must(t, os.WriteFile(d.file, data, 0o600))
	return d
}

// directCase is a way to tell pip a URL, of which %s is HOST:PORT. ask returns pip's arguments.
type directCase struct {
	url string
	ask func(t *testing.T, d directWheels, url string) []string
}

func asWord(_ *testing.T, _ directWheels, url string) []string { return []string{url} }

func asRequirement(_ *testing.T, _ directWheels, url string) []string {
	return []string{"demo @ " + url}
}

// asLine writes a requirement file, with the hash if the URL has none.
func asLine(t *testing.T, d directWheels, url string) []string {
	t.Helper()
	return []string{"-r", written(t, "requirements.txt", fmt.Sprintf("demo @ %s --hash=sha256:%s\n", url, d.sum))}
}

func asLock(t *testing.T, d directWheels, url string) []string {
	t.Helper()
	return []string{"-r", written(t, "pylock.toml", fmt.Sprintf(
		"lock-version = \"1.0\"\ncreated-by = \"demo\"\n[[packages]]\nname = \"demo\"\narchive = {url = %q, hashes = {sha256 = %q}}\n", url, d.sum))}
}

func written(t *testing.T, name, text string) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	must(t, os.WriteFile(name, []byte(text), 0o600))
	return name
}

// TestPipRecordsURLs lets pip install a wheel by URLs, and compares every file.
func TestPipRecordsURLs(t *testing.T) {
	pip, d := newPip(t), serveDirect(t)
	c := &comparison{differs: map[string]int{}}
	sum := "#sha256=" + d.sum
	for name, one := range map[string]directCase{
		"a word":              {"http://%s/" + demo, asWord},
		"a requirement":       {"http://%s/deep/" + demo, asRequirement},
		"a line":              {"http://%s/" + demo, asLine},
		"a lock":              {"http://%s/" + demo, asLock},
		"a lock, private":     {"http://me:p%%40w@%s/private/" + demo, asLock},
		"a password":          {"http://me:p%%40w@%s/private/" + demo, asWord},
		"a password with @":   {"http://me:p@w@%s/private/" + demo + "?a=b@c", asRequirement},
		"a password and hash": {"http://me:p%%40w@%s/private/" + demo + sum, asLine},
		"a hash":              {"http://%s/" + demo + sum, asWord},
		"an egg":              {"http://%s/" + demo + "?#egg=demo", asWord},
		"a query":             {"http://%s/" + demo + "?a=%%20&b=<\"'\\>", asWord},
		"an empty query":      {"http://%s/" + demo + "?" + sum, asRequirement},
		"percent signs":       {"http://%s/a%%20b%%2fc%%c3%%a4/" + demo, asWord},
		"other letters":       {"http://%s/größe/日本/𝒳/" + demo, asWord},
		"odd characters":      {"http://%s/a b/~(c)/;d=e/|^`/@/" + demo, asWord},
		"capitals":            {"HTTP://%s/A/" + demo, asWord},
	} {
		t.Run(name, func(t *testing.T) {
			url := fmt.Sprintf(one.url, d.address)
			root := filepath.Join(t.TempDir(), "env")
			target := pip.environment(t, root)
			before := tree(t, root)
			plan := d.planned(t, target, pipwheel.How{Requested: true, DirectURL: url, SHA256: d.sum})
			must(t, pip.install(root, t.TempDir(), append([]string{"--no-cache-dir"}, one.ask(t, d, url)...)...))
			c.environment(t, root, before, target, plan)
		})
	}
	t.Run("a dependency", func(t *testing.T) { c.dependency(t, pip, d) })
	t.Logf("%d distributions, %d files, %d rows", c.dists, c.files, c.rows)
	if c.differs[shippedURL] != 0 || c.unexplained != 0 {
		t.Errorf("%d times pip has a direct_url.json and we have not; %d unexplained", c.differs[shippedURL], c.unexplained)
	}
}

// planned plans the wheel, opened and from its facts.
func (d directWheels) planned(t *testing.T, target pipwheel.Target, how pipwheel.How) []layers.Entry {
	t.Helper()
	plan, w := planned(t, d.file, target, how)
	opened := 0
	sameInstall(t, w, fromFacts(t, w, &opened), target, how)
	return plan
}

// dependency has a wheel by URL that nobody but another wheel asked for.
func (c *comparison) dependency(t *testing.T, pip pipTool, d directWheels) {
	t.Helper()
	const file = "all-1.0-py3-none-any.whl"
	url, wheels := "http://"+d.address+"/"+demo, t.TempDir()
	must(t, os.WriteFile(filepath.Join(wheels, file), forge(t, file, member{
		name: "{info}/METADATA", body: "Metadata-Version: 2.1\nName: all\nVersion: 1.0\nRequires-Dist: demo @ " + url + "\n",
	}), 0o600))
	root := filepath.Join(t.TempDir(), "env")
	target := pip.environment(t, root)
	before := tree(t, root)
	all, _ := planned(t, filepath.Join(wheels, file), target, pipwheel.How{Requested: true})
	plan := d.planned(t, target, pipwheel.How{DirectURL: url, SHA256: d.sum})
	must(t, pip.install(root, wheels, "--no-cache-dir", "all"))
	c.environment(t, root, before, target, all, plan)
}

// TestPipRecordsOtherwise holds fast where we mean to record something else than pip. Each must
// be so, or it need not be said.
func TestPipRecordsOtherwise(t *testing.T) {
	pip, d := newPip(t), serveDirect(t)
	wheel, err := os.ReadFile(d.file)
	must(t, err)
	long := sha512.Sum512(wheel)
	sum := hex.EncodeToString(long[:])
	for name, one := range map[string]struct {
		url  string
		pip  string // its direct_url.json
		ours string
	}{
		"the digest of the fragment": {
			"http://" + d.address + "/" + demo + "#sha512=" + sum,
			`{"archive_info": {"hash": "sha512=` + sum + `", "hashes": {"sha512": "` + sum + `"}}, "url": "http://` + d.address + "/" + demo + `"}`,
			d.text("http://" + d.address + "/" + demo),
		},
		"the user git": {
			"http://git@" + d.address + "/" + demo,
			d.text("http://git@" + d.address + "/" + demo), d.text("http://" + d.address + "/" + demo),
		},
		"variables": {
			"http://${U}:${P}@" + d.address + "/" + demo,
			d.text("http://${U}:${P}@" + d.address + "/" + demo), d.text("http://" + d.address + "/" + demo),
		},
		"a path": {d.file, d.text("file://" + d.file), ""},
		"a file": {"file://" + d.file, d.text("file://" + d.file), ""},
	} {
		t.Run(name, func(t *testing.T) {
			root := filepath.Join(t.TempDir(), "env")
			target := pip.environment(t, root)
			ours := ""
			for _, e := range d.planned(t, target, pipwheel.How{Requested: true, DirectURL: one.url, SHA256: d.sum}) {
				if path.Base(e.Path) == "direct_url.json" {
					ours = content(t, e)
				}
			}
			must(t, pip.install(root, t.TempDir(), "--no-cache-dir", one.url))
			theirs, err := os.ReadFile(filepath.Join(target.Scheme.Purelib, "demo-1.0.dist-info", "direct_url.json"))
			must(t, err)
			if string(theirs) != one.pip || ours != one.ours {
				t.Errorf("pip wrote %s, want %s\nplanned %s, want %s", theirs, one.pip, ours, one.ours)
			}
		})
	}
}

func (d directWheels) text(url string) string {
	return fmt.Sprintf(`{"archive_info": {"hash": "sha256=%[1]s", "hashes": {"sha256": "%[1]s"}}, "url": "%[2]s"}`, d.sum, url)
}
