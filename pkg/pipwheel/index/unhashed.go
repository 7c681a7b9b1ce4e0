package index

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// unhashedCollection is where it is kept what a server said of files without a SHA-256.
const unhashedCollection = "index-unhashed"

const unhashedMagic = "index unhashed 1\n"

// unhashedKey is the key of a wheel whose SHA-256 is not known beforehand.
func unhashedKey(f File) string { return "unhashed " + keyOf(f.URL) }

// validators are what a server can be asked by whether a file is still the same.
type validators struct{ etag, modified string }

func (v validators) encode() []byte {
	return appendText(appendText([]byte(unhashedMagic), v.etag), v.modified)
}

func decodeValidators(content []byte) (validators, bool) {
	text, ok := strings.CutPrefix(string(content), unhashedMagic)
	r := &reader{text: text}
	v := validators{r.string(), r.string()}
	return v, ok && !r.bad && r.text == "" && (v.etag != "" || v.modified != "")
}

// unchanged returns a wheel without a SHA-256 that was downloaded before, if its server says that it
// is still the same; nil if it must be downloaded.
func (c *Client) unchanged(ctx context.Context, f File, u *url.URL, want *expected) (*Wheel, error) {
	if c.pages == nil {
		return nil, nil
	}
	content, err := c.pages.Get(unhashedCollection, keyOf(f.URL))
	if err != nil {
		return nil, nil
	}
	v, ok := decodeValidators(content)
	if !ok {
		return nil, nil
	}
	w, err := c.wheels.Open(unhashedKey(f))
	if err != nil {
		return nil, nil
	}
	if !c.offline {
		ok, err = c.asBefore(ctx, f, u, v)
	}
	if !ok || err != nil {
		_ = w.Close() // it was read, at most
		return nil, err
	}
	sum, err := want.read(ctx, w, f)
	if err == nil {
		err = want.checkSize(w.Size(), f)
	}
	if err != nil {
		_ = w.Close()
		return nil, nil //nolint:nilerr // what is here is not what is wanted: the download tells
	}
	return &Wheel{Content: w, SHA256: sum}, nil
}

func (c *Client) asBefore(ctx context.Context, f File, u *url.URL, v validators) (bool, error) {
	req, err := c.request(ctx, u, f.from)
	if err != nil {
		return false, err
	}
	req.Header.Set("Accept-Encoding", "identity")
	if v.etag != "" {
		req.Header.Set("If-None-Match", v.etag)
	}
	if v.modified != "" {
		req.Header.Set("If-Modified-Since", v.modified)
	}
	resp, err := c.do(req)
	if err != nil {
		return false, err
	}
	return resp.StatusCode == http.StatusNotModified, resp.Body.Close() // another body is asked for again
}

// remember keeps what a server said of a file without a SHA-256.
func (t *transfer) remember() {
	if t.want.sha256 != "" || t.client.pages == nil || t.said.etag == "" && t.said.modified == "" {
		return
	}
	_ = t.client.pages.Put(unhashedCollection, keyOf(t.file.URL), t.said.encode()) // else the next run downloads
}
