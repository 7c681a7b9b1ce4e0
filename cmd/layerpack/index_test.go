package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
)

// packageIndex is a package index of one script: PEP 503 or 691 with 592, 658 and 700. It counts
// what it is asked for, and lies when it is told to.
type packageIndex struct {
	host string

	mu    sync.Mutex
	files []release

	// html answers with HTML, others with JSON.
	html bool
	// bare leaves out metadata beside the files, whole leaves out ranges, vague leaves out hashes.
	bare, whole, vague bool
	fresh              string // Cache-Control of pages
	user, password     string // who is let in; empty is everybody
	down               bool
	lies               []*lie
	count              map[string]int
	names              []string
}

// release is one file of a distribution.
type release struct {
	name, file       string
	raw, metadata    []byte
	python, uploaded string
	yanked           *string
}

func newPackageIndex(atEnd func(func())) *packageIndex {
	i := &packageIndex{count: map[string]int{}}
	h := httptest.NewUnstartedServer(i)
	h.Config.ErrorLog = log.New(io.Discard, "", 0)
	h.Start()
	atEnd(h.Close)
	i.host = strings.TrimPrefix(h.URL, "http://")
	return i
}

// publish adds a file, in place of one of the same name.
func (i *packageIndex) publish(r release) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.files = slices.DeleteFunc(i.files, func(o release) bool { return o.file == r.file })
	i.files = append(i.files, r)
}

// find returns a file by name.
func (i *packageIndex) find(file string) (release, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, r := range i.files {
		if r.file == file {
			return r, true
		}
	}
	return release{}, false
}

// of lists the files of a distribution.
func (i *packageIndex) of(name string) (out []release) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, r := range i.files {
		if name == "" || r.name == name {
			out = append(out, r)
		}
	}
	return out
}

// ServeHTTP answers for
//
//	/simple/NAME/     the page of a distribution
//	/links.html       one page of all files
//	/files/FILE       a file, and FILE.metadata what stands beside it
func (i *packageIndex) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	dir, file := path.Split(strings.TrimSuffix(r.URL.Path, "/"))
	kind := map[string]string{"/simple/": "page", "/": "page", "/files/": "wheel"}[dir]
	switch {
	case kind == "wheel" && strings.HasSuffix(file, ".metadata"):
		kind = "metadata"
	case kind == "wheel" && r.Header.Get("Range") != "":
		kind = "range"
	}
	user, password, sent := r.BasicAuth()
	i.mu.Lock()
	i.count[kind]++
	i.names = append(i.names, file)
	if sent {
		i.count["credentials"]++
	}
	closed := i.down
	barred := i.user != "" && (user != i.user || password != i.password)
	i.mu.Unlock()
	switch {
	case closed:
		http.Error(w, "closed for today", http.StatusForbidden)
	case barred:
		w.Header().Set("WWW-Authenticate", `Basic realm="index"`)
		http.Error(w, "who are you?", http.StatusUnauthorized)
	default:
		i.lied(kind, func(w http.ResponseWriter, r *http.Request) { i.answer(w, r, kind, file) })(&tally{w, i, kind}, r)
	}
}

func (i *packageIndex) answer(w http.ResponseWriter, r *http.Request, kind, file string) {
	switch kind {
	case "page":
		i.page(w, r, file)
	case "metadata":
		i.beside(w, r, strings.TrimSuffix(file, ".metadata"))
	case "range", "wheel":
		found, ok := i.find(file)
		if !ok {
			http.NotFound(w, r)
			return
		}
		if i.whole {
			r.Header.Del("Range")
		}
		send(w, r, "application/octet-stream", found.raw)
	default:
		http.NotFound(w, r)
	}
}

func (i *packageIndex) beside(w http.ResponseWriter, r *http.Request, file string) {
	found, ok := i.find(file)
	if !ok || i.bare || found.metadata == nil {
		http.NotFound(w, r)
		return
	}
	send(w, r, "text/plain", found.metadata)
}

// send answers with bytes whose ETag is their digest.
func send(w http.ResponseWriter, r *http.Request, kind string, raw []byte) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("ETag", `"`+hexSum(raw)[:16]+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(raw))
}

func (i *packageIndex) page(w http.ResponseWriter, r *http.Request, name string) {
	flat := name == "links.html"
	if flat {
		name = ""
	}
	files := i.of(name)
	if len(files) == 0 && !flat {
		http.NotFound(w, r)
		return
	}
	if i.fresh != "" {
		w.Header().Set("Cache-Control", i.fresh)
	}
	if i.html || flat {
		send(w, r, "text/html; charset=utf-8", i.htmlPage(files))
		return
	}
	send(w, r, "application/vnd.pypi.simple.v1+json", i.jsonPage(name, files))
}

func (i *packageIndex) jsonPage(name string, files []release) []byte {
	type object = map[string]any
	var list []object
	for _, f := range files {
		o := object{"filename": f.file, "url": "/files/" + f.file, "size": len(f.raw), "hashes": object{}}
		if !i.vague {
			o["hashes"] = object{"sha256": hexSum(f.raw)}
		}
		if f.metadata != nil && !i.bare {
			o["core-metadata"] = object{"sha256": hexSum(f.metadata)}
		}
		if f.python != "" {
			o["requires-python"] = f.python
		}
		if f.uploaded != "" {
			o["upload-time"] = f.uploaded
		}
		if f.yanked != nil {
			o["yanked"] = *f.yanked
		}
		list = append(list, o)
	}
	raw, err := json.MarshalIndent(object{"meta": object{"api-version": "1.1"}, "name": name, "files": list}, "", " ")
	if err != nil {
		panic(err) // maps of strings and numbers can be written
	}
	return raw
}

func (i *packageIndex) htmlPage(files []release) []byte {
	var b bytes.Buffer
	b.WriteString("<!DOCTYPE html>\n<html><body>\n")
	for _, f := range files {
		fmt.Fprintf(&b, `<a href="/files/%s`, f.file)
		if !i.vague {
			fmt.Fprintf(&b, "#sha256=%s", hexSum(f.raw))
		}
		b.WriteByte('"')
		if f.metadata != nil && !i.bare {
			fmt.Fprintf(&b, ` data-core-metadata="sha256=%s"`, hexSum(f.metadata))
		}
		if f.python != "" {
			fmt.Fprintf(&b, ` data-requires-python="%s"`, html.EscapeString(f.python))
		}
		if f.yanked != nil {
			fmt.Fprintf(&b, ` data-yanked="%s"`, html.EscapeString(*f.yanked))
		}
		fmt.Fprintf(&b, ">%s</a><br/>\n", f.file)
	}
	b.WriteString("</body></html>\n")
	return b.Bytes()
}

// take returns what was counted since the last call, and the files and pages that were asked for, sorted.
func (i *packageIndex) take() (count map[string]int, names []string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	count, names = i.count, i.names
	i.count, i.names = map[string]int{}, nil
	slices.Sort(names)
	return count, slices.Compact(names)
}

// tally counts the bytes of wheels that are sent.
type tally struct {
	http.ResponseWriter
	index *packageIndex
	kind  string
}

func (t *tally) Write(p []byte) (int, error) {
	n, err := t.ResponseWriter.Write(p)
	if t.kind == "wheel" || t.kind == "range" {
		t.index.mu.Lock()
		t.index.count["bytes"] += n
		t.index.mu.Unlock()
	}
	return n, err
}

// Unwrap is for http.ResponseController.
func (t *tally) Unwrap() http.ResponseWriter { return t.ResponseWriter }

func hexSum(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

func normal(name string) string { return distname.Normalize(name) }

// withdraw takes all files of a distribution away.
func (i *packageIndex) withdraw(name string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.files = slices.DeleteFunc(i.files, func(r release) bool { return r.name == name })
}
