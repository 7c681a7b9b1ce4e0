//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// push uploads the layout's index, with all that it names, to repository (an URL ending in
// the repository's name) and tags it: the inner index under the tag, not one around it.
// distribution-spec, "Pushing manifests".
func push(layout, repository, tag string) error {
	raw, err := os.ReadFile(filepath.Join(layout, "index.json"))
	if err != nil {
		return err
	}
	var top manifest
	if err := json.Unmarshal(raw, &top); err != nil {
		return err
	}
	if len(top.Manifests) != 1 {
		return fmt.Errorf("%s: want one image in index.json, found %d", layout, len(top.Manifests))
	}
	p := pusher{blobs: filepath.Join(layout, "blobs"), repository: repository, done: map[string]bool{}}
	list, _, err := p.read(top.Manifests[0])
	if err != nil {
		return err
	}
	for _, d := range list.Manifests {
		image, _, err := p.read(d)
		if err != nil {
			return err
		}
		for _, blob := range append(image.Layers, *image.Config) {
			if err := p.blob(blob); err != nil {
				return err
			}
		}
		if err := p.manifest(d, d.Digest); err != nil {
			return err
		}
	}
	return p.manifest(top.Manifests[0], tag)
}

type pusher struct {
	blobs, repository string
	done              map[string]bool
}

func (p *pusher) path(digest string) string {
	return filepath.Join(p.blobs, strings.Replace(digest, ":", "/", 1))
}

func (p *pusher) read(d descriptor) (m manifest, raw []byte, err error) {
	raw, err = os.ReadFile(p.path(d.Digest))
	if err == nil {
		err = json.Unmarshal(raw, &m)
	}
	return m, raw, err
}

func (p *pusher) manifest(d descriptor, reference string) error {
	_, raw, err := p.read(d)
	if err != nil {
		return err
	}
	_, err = p.send(http.MethodPut, p.repository+"/manifests/"+reference, d.MediaType, bytes.NewReader(raw), int64(len(raw)))
	return err
}

func (p *pusher) blob(d descriptor) error {
	if p.done[d.Digest] {
		return nil
	}
	p.done[d.Digest] = true
	at, err := p.send(http.MethodPost, p.repository+"/blobs/uploads/", "", nil, 0)
	if err != nil {
		return err
	}
	f, err := os.Open(p.path(d.Digest))
	if err != nil {
		return err
	}
	sep := "?"
	if strings.Contains(at, "?") {
		sep = "&"
	}
	_, err = p.send(http.MethodPut, at+sep+"digest="+d.Digest, "application/octet-stream", f, d.Size)
	return errors.Join(err, f.Close())
}

// send makes one request that must succeed and answers the Location, if one was given.
func (p *pusher) send(method, url, contentType string, body io.Reader, size int64) (string, error) {
	if body != nil {
		body = io.NopCloser(body) // the caller's file stays the caller's to close
	}
	req, err := http.NewRequest(method, url, body)
	if err != nil {
		return "", err
	}
	req.ContentLength = size
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, 2000))
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return "", err
	}
	if resp.StatusCode/100 != 2 {
		return "", fmt.Errorf("%s %s: %s: %s", method, url, resp.Status, text)
	}
	if resp.Header.Get("Location") == "" {
		return "", nil
	}
	at, err := resp.Location()
	if err != nil {
		return "", err
	}
	return at.String(), nil
}
