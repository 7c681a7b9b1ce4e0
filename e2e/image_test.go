//go:build e2e

package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

type descriptor struct {
	MediaType string
	Size      int64
	Digest    string
	Platform  struct{ OS, Architecture string }
}

type manifest struct {
	MediaType string
	Config    descriptor
	Layers    []descriptor
	Manifests []descriptor
}

// image is one as the registry tells of it, for linux/amd64.
type image struct {
	digest   string
	manifest manifest
	config   map[string]any // the whole config, unknown fields included
}

// image reads manifest and config of a reference HOST/REPOSITORY:TAG or HOST/REPOSITORY@DIGEST.
func (r *rig) image(t *testing.T, reference string) image {
	t.Helper()
	name := strings.TrimPrefix(reference, r.host+"/")
	repository, which, ok := strings.Cut(name, "@")
	if !ok {
		repository, which, ok = strings.Cut(name, ":")
	}
	if !ok || name == reference {
		t.Fatalf("%q is no reference in the registry %s", reference, r.host)
	}
	var i image
	i.digest = r.get(t, repository+"/manifests/"+which, &i.manifest)
	for _, m := range i.manifest.Manifests {
		if m.Platform.OS == "linux" && m.Platform.Architecture == "amd64" {
			i.manifest = manifest{}
			i.digest = r.get(t, repository+"/manifests/"+m.Digest, &i.manifest)
			break
		}
	}
	r.get(t, repository+"/blobs/"+i.manifest.Config.Digest, &i.config)
	return i
}

// get decodes a document of the registry and answers its digest, as the registry has it.
func (r *rig) get(t *testing.T, path string, into any) string {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, "http://"+r.host+"/v2/"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{
		"application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json",
		"application/vnd.docker.distribution.manifest.list.v2+json", "application/vnd.docker.distribution.manifest.v2+json",
	} {
		req.Header.Add("Accept", kind)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s %v\n%s", path, resp.Status, err, body)
	}
	if err := json.Unmarshal(body, into); err != nil {
		t.Fatalf("GET %s: %v\n%s", path, err, body)
	}
	return resp.Header.Get("Docker-Content-Digest")
}

// field walks down a decoded JSON document; nil where the way ends.
func field(doc any, names ...string) any {
	for _, n := range names {
		m, ok := doc.(map[string]any)
		if !ok {
			return nil
		}
		doc = m[n]
	}
	return doc
}
