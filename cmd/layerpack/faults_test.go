package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/layerpack/layerpack/internal/registry/faultreg"
)

// serverOf is the registry of a script that has the host.
func serverOf(ts *testscript.TestScript, host string) *server {
	for _, s := range worldOf(ts).servers() {
		if s.host == host {
			return s
		}
	}
	ts.Fatalf("no registry %s", host)
	return nil
}

// cmdForget makes a registry lose all it was ever sent, or the blobs alone while the manifests that list them
// stay, as after a garbage collector that went wrong.
func cmdForget(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 || len(args) > 2 || len(args) == 2 && args[1] != "blobs" {
		ts.Fatalf("usage: forget HOST [blobs]")
	}
	reg := serverOf(ts, args[0]).reg
	n := 0
	for _, r := range reg.Log() {
		path := ""
		if m := uploadPath.FindStringSubmatch(r.Path); m != nil && r.Method == http.MethodPut {
			_, digest, _ := strings.Cut(strings.ReplaceAll(r.Query, "%3A", ":"), "digest=")
			path = "/v2/" + m[1] + "/blobs/" + digest
		} else if manifestPath.MatchString(r.Path) && r.Method == http.MethodPut && len(args) == 1 {
			path = r.Path
		}
		if path == "" {
			continue
		}
		answer := httptest.NewRecorder()
		reg.ServeHTTP(answer, httptest.NewRequest(http.MethodDelete, path, http.NoBody))
		if answer.Code == http.StatusAccepted { // else it has been lost before
			n++
		}
	}
	if n == 0 {
		ts.Fatalf("%s had nothing to lose", args[0])
	}
}

// cmdLose makes a registry lose one manifest, as a clean-up of what has no tag does.
func cmdLose(ts *testscript.TestScript, neg bool, args []string) {
	ref, err := name.ParseReference(one(ts, neg, args, "lose REF"))
	ts.Check(err)
	path := "/v2/" + ref.Context().RepositoryStr() + "/manifests/" + ref.Identifier()
	answer := httptest.NewRecorder()
	serverOf(ts, ref.Context().RegistryStr()).reg.ServeHTTP(answer, httptest.NewRequest(http.MethodDelete, path, http.NoBody))
	if answer.Code != http.StatusAccepted {
		ts.Fatalf("%s cannot be lost: %d", ref, answer.Code)
	}
}

// cmdComplete pulls an image, or all images of an index, with go-containerregistry, every byte of it.
func cmdComplete(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: complete REF")
	}
	if err := whole(strings.TrimSpace(args[0])); (err == nil) == neg {
		ts.Fatalf("%s: %v", args[0], err)
	}
}

// whole pulls an image, or all images of an index.
func whole(s string) error {
	ref, err := name.ParseReference(s)
	if err != nil {
		return err
	}
	d, err := remote.Get(ref)
	if err != nil {
		return err
	}
	if d.MediaType.IsIndex() {
		index, err := d.ImageIndex()
		if err != nil {
			return err
		}
		return validate.Index(index)
	}
	img, err := d.Image()
	if err != nil {
		return err
	}
	return validate.Image(img)
}

// cmdDigest sets a variable to REPOSITORY@DIGEST of what a tag holds.
func cmdDigest(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: digest VARIABLE REF")
	}
	ref, err := name.ParseReference(args[1])
	ts.Check(err)
	d, err := remote.Get(ref)
	ts.Check(err)
	ts.Setenv(args[0], ref.Context().Digest(d.Digest.String()).Name())
}

// cmdRefuse makes a registry answer requests with an error from now on.
func cmdRefuse(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 5 {
		ts.Fatalf("usage: refuse HOST METHOD PATH STATUS CODE")
	}
	status, err := strconv.Atoi(args[3])
	ts.Check(err)
	serverOf(ts, args[0]).reg.Add(faultreg.Fault{
		Method: strings.TrimPrefix(args[1], "*"), Path: args[2], Do: faultreg.Refuse(status, args[4], "no"),
	})
}

// cmdSpoil makes a registry answer requests with wrong bytes, so many times.
func cmdSpoil(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: spoil HOST METHOD PATH TIMES")
	}
	times, err := strconv.Atoi(args[3])
	ts.Check(err)
	serverOf(ts, args[0]).reg.Add(faultreg.Fault{Method: args[1], Path: args[2], Times: times, Do: faultreg.WrongBytes()})
}

// cmdTamper makes what an image or a cache manifest tells of layers wrong: each of layerpack's layers is
// now said to have a digest that nobody has. A repository without a tag means its cache manifest.
func cmdTamper(ts *testscript.TestScript, neg bool, args []string) {
	ref, err := name.NewTag(one(ts, neg, args, "tamper REPOSITORY[:TAG]"))
	ts.Check(err)
	if !strings.HasSuffix(args[0], ":"+ref.TagStr()) {
		ref = cacheManifest(ts, ref.Context())
	}
	img, err := remote.Image(ref)
	ts.Check(err)
	manifest, err := img.RawManifest()
	ts.Check(err)
	config, err := img.RawConfigFile()
	ts.Check(err)
	digests := toldOf(ts, manifest, config)
	if len(digests) == 0 {
		ts.Fatalf("%s tells of no layer", ref)
	}
	before := describe("", config).Digest.String()
	for _, d := range digests {
		wrong := faultreg.Digest([]byte("not " + d))
		manifest = []byte(strings.ReplaceAll(string(manifest), d, wrong))
		config = []byte(strings.ReplaceAll(string(config), d, wrong))
	}
	p := &publication{
		ctx: context.Background(), world: worldOf(ts),
		repo: "http://" + ref.RegistryStr() + "/v2/" + ref.RepositoryStr(),
	}
	d, err := p.blob("", config)
	ts.Check(err)
	mediaType, err := img.MediaType()
	ts.Check(err)
	_, err = p.manifest(ref.TagStr(), mediaType, []byte(strings.ReplaceAll(string(manifest), before, d.Digest.String())))
	ts.Check(err)
	for _, s := range worldOf(ts).servers() {
		s.take()
	}
}

// toldOf lists the digests of layers that an image or a cache manifest has records of.
func toldOf(ts *testscript.TestScript, manifest, config []byte) []string {
	var m v1.Manifest
	ts.Check(json.Unmarshal(manifest, &m))
	var c v1.ConfigFile
	ts.Check(json.Unmarshal(config, &c))
	var out []string
	for _, l := range m.Layers {
		if l.Annotations["dev.layerpack.key"] != "" {
			out = append(out, l.Digest.String())
		}
	}
	for _, h := range c.History {
		if words := strings.Fields(h.Comment); slices.Contains(words, "layerpack/1") {
			_, rest, _ := strings.Cut(h.Comment, " digest=")
			digest, _, _ := strings.Cut(rest, " ")
			out = append(out, digest)
		}
	}
	return out
}

// cmdTells prints what the cache manifest of a repository tells of: role and key of each layer, one a line.
func cmdTells(ts *testscript.TestScript, neg bool, args []string) {
	img, err := remote.Image(cacheManifest(ts, repositoryOf(ts, one(ts, neg, args, "tells REPOSITORY"))))
	ts.Check(err)
	m, err := img.Manifest()
	ts.Check(err)
	for _, l := range m.Layers {
		fmt.Fprintln(ts.Stdout(), l.Annotations["dev.layerpack.role"], l.Annotations["dev.layerpack.key"])
	}
}

func repositoryOf(ts *testscript.TestScript, s string) name.Repository {
	repo, err := name.NewRepository(s)
	ts.Check(err)
	return repo
}

// cacheManifest is the only one of a repository.
func cacheManifest(ts *testscript.TestScript, repo name.Repository) name.Tag {
	tags, err := remote.List(repo)
	ts.Check(err)
	tags = slices.DeleteFunc(tags, func(tag string) bool { return !strings.HasPrefix(tag, "layerpack-cache-") })
	if len(tags) != 1 {
		ts.Fatalf("%s has %d cache manifests", repo, len(tags))
	}
	return repo.Tag(tags[0])
}

// cmdStrict makes a registry refuse, from now on, manifests of images whose blobs it has not, and indexes of images that
// it has not, naming them, as distribution does.
func cmdStrict(ts *testscript.TestScript, neg bool, args []string) {
	reg := serverOf(ts, one(ts, neg, args, "strict HOST")).reg
	reg.Add(faultreg.Fault{Method: http.MethodPut, Path: "/manifests/", Do: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		raw, err := io.ReadAll(r.Body)
		var m struct {
			v1.Manifest
			Manifests []v1.Descriptor `json:"manifests"`
		}
		if err == nil {
			err = json.Unmarshal(raw, &m)
		}
		if err != nil {
			faultreg.Error(w, http.StatusBadRequest, "MANIFEST_INVALID", err.Error())
			return
		}
		repo, _, _ := strings.Cut(r.URL.Path, "/manifests/")
		var missing []string
		needed, where := append(m.Layers, m.Config), "/blobs/"
		if m.MediaType.IsIndex() {
			needed, where = m.Manifests, "/manifests/"
		}
		for _, d := range needed {
			answer := httptest.NewRecorder()
			next.ServeHTTP(answer, httptest.NewRequest(http.MethodHead, repo+where+d.Digest.String(), http.NoBody))
			if answer.Code != http.StatusOK {
				missing = append(missing, fmt.Sprintf(`{"code":"MANIFEST_BLOB_UNKNOWN","message":"blob unknown to registry","detail":{"digest":%q}}`, d.Digest))
			}
		}
		if len(missing) > 0 {
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprintf(w, `{"errors":[%s]}`, strings.Join(missing, ","))
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(raw))
		next.ServeHTTP(w, r)
	}})
}
