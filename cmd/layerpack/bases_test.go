package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/layerpack/layerpack/internal/baseimage/fakebase"
)

func cmdBase(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 || len(args) > 2 {
		ts.Fatalf("usage: base REF|oci:DIR [index|single|oci|nested|both|all|v3|onbuild|foreign|schema1|arm64]")
	}
	kind := "index"
	if len(args) == 2 {
		kind = args[1]
	}
	if dir, ok := strings.CutPrefix(args[0], "oci:"); ok {
		ts.Check(writeLayout(ts.MkAbs(dir)))
		return
	}
	ts.Check(worldOf(ts).publish(context.Background(), args[0], kind))
}

// writeLayout writes the base for amd64, in Docker's media types, tagged "base", as crane pull has it.
func writeLayout(dir string) error {
	img, err := fakebase.Image("amd64")
	if err != nil {
		return err
	}
	p, err := layout.Write(filepath.Clean(dir), empty.Index)
	if err != nil {
		return err
	}
	return p.AppendImage(img, layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": "base"}))
}

// publication is a base on its way into a registry, document by document.
type publication struct {
	ctx   context.Context //nolint:containedctx // lives as long as one call of publish
	world *world
	repo  string // URL
}

// publish puts a base of a kind where ref says. Its traffic does not count.
func (w *world) publish(ctx context.Context, ref, kind string) error {
	i := strings.LastIndexByte(ref, ':')
	host, repo, ok := strings.Cut(ref[:i], "/")
	if !ok {
		return fmt.Errorf("%s: write HOST:PORT/NAME:TAG", ref)
	}
	p := &publication{ctx: ctx, world: w, repo: "http://" + host + "/v2/" + repo}
	if err := p.put(ref[i+1:], kind); err != nil {
		return err
	}
	for _, s := range w.servers() {
		s.take()
	}
	return nil
}

func (p *publication) put(tag, kind string) error {
	docker := func(arch, tag string) (v1.Descriptor, error) {
		return p.image(arch, tag, types.DockerManifestSchema2, types.DockerLayer, nil)
	}
	var err error
	switch kind {
	case "index":
		_, err = p.index(tag, types.DockerManifestList, docker, "amd64", "arm64")
	case "single":
		_, err = docker("amd64", tag)
	case "arm64":
		_, err = p.index(tag, types.DockerManifestList, docker, "arm64")
	case "oci":
		_, err = p.index(tag, types.OCIImageIndex, func(arch, tag string) (v1.Descriptor, error) {
			return p.image(arch, tag, types.OCIManifestSchema1, types.OCILayer, nil)
		}, "amd64", "arm64")
	case "nested":
		_, err = p.index(tag, types.OCIImageIndex, func(arch, tag string) (v1.Descriptor, error) {
			d, err := p.index(tag, types.DockerManifestList, docker, arch)
			d.Platform = nil
			return d, err
		}, "amd64")
	case "both": // an index that names no platform around one of two
		_, err = p.index(tag, types.OCIImageIndex, func(_, tag string) (v1.Descriptor, error) {
			return p.index(tag, types.DockerManifestList, docker, "amd64", "arm64")
		}, "")
	case "all": // as buildx writes them, with attestations, and with an image that cannot be built on
		_, err = p.index(tag, types.OCIImageIndex, func(arch, tag string) (v1.Descriptor, error) {
			d, err := docker(strings.TrimSuffix(strings.TrimPrefix(arch, "unknown "), " windows"), tag)
			switch {
			case strings.HasPrefix(arch, "unknown "):
				d.Platform = &v1.Platform{OS: "unknown", Architecture: "unknown"}
			case strings.HasSuffix(arch, " windows"):
				d.Platform.OS, d.Platform.OSVersion = "windows", "10.0.1"
			case arch == "arm64":
				d.Platform.OSVersion, d.Platform.OSFeatures = "5.4", []string{"pages64k"}
			}
			return d, err
		}, "arm64", "unknown arm64", "amd64 windows", "amd64", "unknown amd64")
	case "v3":
		_, err = p.index(tag, types.DockerManifestList, func(arch, tag string) (v1.Descriptor, error) {
			d, err := docker(arch, tag)
			if arch == "amd64" {
				d.Platform.Variant = "v3"
			}
			return d, err
		}, "amd64", "arm64")
	case "onbuild":
		_, err = p.image("amd64", tag, types.DockerManifestSchema2, types.DockerLayer, func(config []byte) []byte {
			return bytes.Replace(config, []byte(`"OnBuild":null`), []byte(`"OnBuild":["RUN pip install -r requirements.txt"]`), 1)
		})
	case "foreign":
		_, err = p.image("amd64", tag, types.DockerManifestSchema2, types.DockerForeignLayer, nil)
	case "schema1":
		_, err = p.manifest(tag, types.DockerManifestSchema1, []byte(`{"schemaVersion":1,"name":"old","tag":"1","fsLayers":[],"history":[]}`))
	default:
		err = fmt.Errorf("no base of kind %q", kind)
	}
	return err
}

// image writes the base of one platform.
func (p *publication) image(arch, tag string, manifest, layer types.MediaType, edit func([]byte) []byte) (v1.Descriptor, error) {
	b, err := fakebase.New(arch)
	if err != nil {
		return v1.Descriptor{}, err
	}
	if edit != nil {
		b.Config = edit(b.Config)
	}
	m := v1.Manifest{SchemaVersion: 2, MediaType: manifest}
	configType := types.DockerConfigJSON
	if manifest == types.OCIManifestSchema1 {
		configType = types.OCIConfigJSON
	}
	if m.Config, err = p.blob(configType, b.Config); err != nil {
		return v1.Descriptor{}, err
	}
	for _, blob := range b.Blobs {
		d, err := p.blob(layer, blob)
		if err != nil {
			return v1.Descriptor{}, err
		}
		p.world.mu.Lock()
		p.world.base[d.Digest.String()] = true
		p.world.mu.Unlock()
		m.Layers = append(m.Layers, d)
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return v1.Descriptor{}, err
	}
	d, err := p.manifest(tag, manifest, raw)
	d.Platform = &v1.Platform{OS: "linux", Architecture: b.Architecture, Variant: b.Variant}
	return d, err
}

// index writes an index over what each makes for the platforms.
func (p *publication) index(tag string, kind types.MediaType, each func(arch, tag string) (v1.Descriptor, error), arches ...string) (v1.Descriptor, error) {
	x := v1.IndexManifest{SchemaVersion: 2, MediaType: kind}
	for _, arch := range arches {
		d, err := each(arch, "")
		if err != nil {
			return d, err
		}
		x.Manifests = append(x.Manifests, d)
	}
	raw, err := json.Marshal(x)
	if err != nil {
		return v1.Descriptor{}, err
	}
	return p.manifest(tag, kind, raw)
}

// manifest writes a document under a tag, or under its digest where tag is empty.
func (p *publication) manifest(tag string, kind types.MediaType, raw []byte) (v1.Descriptor, error) {
	d := describe(kind, raw)
	if tag == "" {
		tag = d.Digest.String()
	}
	_, err := p.send(http.MethodPut, p.repo+"/manifests/"+tag, string(kind), raw)
	return d, err
}

func (p *publication) blob(kind types.MediaType, raw []byte) (v1.Descriptor, error) {
	d := describe(kind, raw)
	at, err := p.send(http.MethodPost, p.repo+"/blobs/uploads/", "", nil)
	if err != nil {
		return d, err
	}
	_, err = p.send(http.MethodPut, at+"?digest="+d.Digest.String(), "application/octet-stream", raw)
	return d, err
}

// send makes one request and returns where the answer points to.
func (p *publication) send(method, url, contentType string, body []byte) (location string, err error) {
	r, err := http.NewRequestWithContext(p.ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", contentType)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return "", err
	}
	if answer.StatusCode/100 != 2 {
		return "", fmt.Errorf("%s %s: %s", method, url, answer.Status)
	}
	if next, err := answer.Location(); err == nil {
		return next.String(), nil
	}
	return "", nil
}

func describe(kind types.MediaType, raw []byte) v1.Descriptor {
	h, n, err := v1.SHA256(bytes.NewReader(raw))
	if err != nil {
		panic(err) // a bytes.Reader does not fail
	}
	return v1.Descriptor{MediaType: kind, Digest: h, Size: n}
}
