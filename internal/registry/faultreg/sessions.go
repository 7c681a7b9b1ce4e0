package faultreg

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
)

// upload serves the upload endpoints (distribution-spec, "Pushing blobs"). What arrives before a
// connection breaks is kept, as registries do.
func (g *Registry) upload(w http.ResponseWriter, r *http.Request) {
	repo, id, _ := strings.Cut(r.URL.Path, "/blobs/uploads/")
	switch r.Method {
	case http.MethodPost:
		g.begin(w, repo)
		return
	case http.MethodGet, http.MethodPatch, http.MethodPut, http.MethodDelete:
	default:
		Error(w, http.StatusMethodNotAllowed, "UNSUPPORTED", "no such method")
		return
	}
	g.mu.Lock()
	have, ok := g.sessions[id]
	g.mu.Unlock()
	if !ok {
		Error(w, http.StatusNotFound, "BLOB_UPLOAD_UNKNOWN", "no such upload")
		return
	}
	location := path.Join(repo, "blobs/uploads", id)
	switch r.Method {
	case http.MethodGet:
		accepted(w, location, len(have), http.StatusNoContent)
	case http.MethodDelete:
		g.Forget(id)
		w.WriteHeader(http.StatusNoContent)
	case http.MethodPatch:
		var start, end int
		if _, err := fmt.Sscanf(r.Header.Get("Content-Range"), "%d-%d", &start, &end); err != nil || start != len(have) {
			Error(w, http.StatusRequestedRangeNotSatisfiable, "BLOB_UPLOAD_INVALID", "not where the upload stands")
			return
		}
		have, err := g.receive(id, r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		accepted(w, location, len(have), http.StatusAccepted)
	case http.MethodPut:
		have, err := g.receive(id, r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		g.finish(w, r, repo, id, have)
	}
}

func (g *Registry) begin(w http.ResponseWriter, repo string) {
	g.mu.Lock()
	g.next++
	id := fmt.Sprintf("session-%d", g.next)
	g.sessions[id] = nil
	g.mu.Unlock()
	accepted(w, path.Join(repo, "blobs/uploads", id), 0, http.StatusAccepted)
}

func accepted(w http.ResponseWriter, location string, have, status int) {
	w.Header().Set("Location", location)
	w.Header().Set("Range", fmt.Sprintf("0-%d", max(0, have-1)))
	w.WriteHeader(status)
}

// receive keeps what comes, also of a body that breaks off.
func (g *Registry) receive(id string, body io.Reader) ([]byte, error) {
	got, err := io.ReadAll(body)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sessions[id] = append(g.sessions[id], got...)
	return g.sessions[id], err
}

// finish hands the blob to the registry, which checks its digest.
func (g *Registry) finish(w http.ResponseWriter, r *http.Request, repo, id string, blob []byte) {
	whole := r.Clone(r.Context())
	whole.Method = http.MethodPost
	whole.URL.Path = repo + "/blobs/uploads/"
	whole.Body = io.NopCloser(bytes.NewReader(blob))
	whole.ContentLength = int64(len(blob))
	if digest := r.URL.Query().Get("digest"); digest != Digest(blob) {
		Error(w, http.StatusBadRequest, "DIGEST_INVALID", "not the bytes of "+digest)
		return
	}
	g.Forget(id)
	g.inner.ServeHTTP(w, whole)
}

// Forget drops an upload session, or with "" all of them.
func (g *Registry) Forget(id string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if id == "" {
		clear(g.sessions)
		return
	}
	delete(g.sessions, id)
}
