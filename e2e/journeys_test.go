//go:build e2e

package e2e

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// journeyTests run the pages of docs/journeys from their own text.
var journeyTests = []struct {
	page string
	run  func(*testing.T, *journeyPage)
}{
	{"github-actions.md", testGitHub},
	{"kubernetes.md", testKubernetes},
	{"air-gapped.md", testAirGapped},
	{"other-platforms.md", testOtherPlatforms},
	{"monorepo.md", testMonorepo},
	{"non-root.md", testNonRoot},
	{"deploy-py.md", testDeployPy},
	{"terraform.md", testTerraform},
	{"gitlab-ci.md", testGitLab}, // last: it waits for the first, see [journeys.deploying]
}

// releasePage makes the program and the image that the others use.
const releasePage = "README.md"

// testJourneys runs what the pages tell a reader to paste: each block is taken out of the page, names of the outside
// world are replaced, and it runs where its reader would run it, as near to that as this machine can be.
func testJourneys(t *testing.T, r *rig) {
	j := newJourneys(t, r)
	t.Run("Pages", func(t *testing.T) { testJourneyPages(t, j) })
	for _, test := range journeyTests {
		t.Run(strings.TrimSuffix(test.page, ".md"), func(t *testing.T) {
			t.Parallel()
			p := j.page(t, test.page)
			test.run(t, p)
			p.rest(t)
		})
	}
}

// journeys is what the pages find in the world.
type journeys struct {
	*rig
	dist      string        // folder with a release of layerpack, see [journeys.release]
	locked    string        // host of the registry that wants a password
	downloads string        // host that has the release
	plain     string        // image of Debian and Python
	git       string        // image of git
	index     *index        // of packages
	config    string        // folder with config.json, as docker login writes it
	two       prefectServer // of Prefect 2
	three     prefectServer
	deploying sync.Mutex // held by those who deploy etl/prod to Prefect 2
}

// Credentials of the locked registry.
const lockedUser, lockedPassword = "robot", "open sesame"

func newJourneys(t *testing.T, r *rig) *journeys {
	t.Helper()
	j := &journeys{rig: r, config: t.TempDir(), plain: r.host + "/library/python:plain", git: "localhost/git:host"}
	j.locked = startLocked(t, r.host)
	checkout{}.write(t, filepath.Join(j.config, "config.json"), []byte(j.dockerConfig()))
	j.index = startIndex(t, t.TempDir(), true)
	j.bases(t)
	j.two = j.serve(t, r.base, "docker:docker", "kubernetes:kubernetes")
	j.three = j.serve(t, r.host+"/"+baseThree, "k8s:kubernetes")
	j.release(t)
	server := httptest.NewServer(http.FileServer(http.Dir(j.dist)))
	t.Cleanup(server.Close)
	j.downloads = server.Listener.Addr().String()
	j.two.ready(t)
	j.three.ready(t)
	return j
}

// replaced lists pairs of what stands in a page and what stands for it here; sources is the host that has the project in
// git. Of Prefect's images the tags are
// true about Prefect's generation alone: this machine has no other Python than its base's.
func (j *journeys) replaced(page, sources string) []string {
	own := j.locked + "/" + strings.TrimSuffix(page, ".md") + "/"
	return []string{
		"https://downloads.example/", "http://" + j.downloads + "/",
		"https://git.example/", "http://" + sources + "/",
		"registry.example/tools/", j.locked + "/tools/",
		"registry.example/", own,
		"registry.inside.example/", own,
		"prefecthq/prefect:2.20.25-python3.11", j.host + "/" + baseTwo,
		"prefecthq/prefect:3.6.4-python3.12", j.host + "/" + baseThree,
		"python:3.11-slim", j.plain,
		"busybox:1.36", j.plain,
		"alpine/git:2.47.2", j.git,
	}
}

// dockerConfig is a config.json of Docker with the credentials of the locked registry.
func (j *journeys) dockerConfig() string {
	auth := base64.StdEncoding.EncodeToString([]byte(lockedUser + ":" + lockedPassword))
	raw, _ := json.Marshal(map[string]any{"auths": map[string]any{j.locked: map[string]any{"auth": auth}}})
	return string(raw)
}

// open names an image of the locked registry where no password is asked for: both keep the same images.
func (j *journeys) open(reference string) string {
	return strings.Replace(reference, j.locked+"/", j.host+"/", 1)
}

// startLocked puts a door before a registry that wants the password.
func startLocked(t *testing.T, registry string) (host string) {
	t.Helper()
	door := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = "http", registry
			r.Out.Host = r.In.Host // the registry builds its Locations from it: they lead back here
		},
		FlushInterval: -1,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != lockedUser || password != lockedPassword {
			w.Header().Set("WWW-Authenticate", `Basic realm="e2e"`)
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = w.Write([]byte(`{"errors":[{"code":"UNAUTHORIZED","message":"a password is needed"}]}`))
			return
		}
		door.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// asked is what went past since the mark about the page's own repositories.
func (p *journeyPage) asked(mark int) (all []*exchange) {
	for _, e := range p.traffic.since(mark) {
		if strings.HasPrefix(e.path, "/v2/"+strings.TrimSuffix(p.name, ".md")+"/") {
			all = append(all, e)
		}
	}
	return all
}
