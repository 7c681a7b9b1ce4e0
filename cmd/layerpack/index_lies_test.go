package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"

	"github.com/layerpack/layerpack/internal/fakewheel"
)

// lie is one way in which an index is not what it should be.
type lie struct {
	kind  string // of request: page, metadata, range, wheel; empty is any
	part  string // what the address ends in, or, with a slash at its end, has in it
	times int    // how often; -1 is always
	tell  teller
}

func (l *lie) about(path string) bool {
	if strings.HasSuffix(l.part, "/") {
		return strings.Contains(path, l.part)
	}
	return strings.HasSuffix(strings.TrimSuffix(path, "/"), l.part)
}

// teller answers in place of the honest index.
type teller func(w http.ResponseWriter, r *http.Request, honest http.HandlerFunc)

// lies are what an index can be told to do, by name. Those that take a value have it after "=".
func lieOf(name string) (kind string, tell teller) {
	name, value, _ := strings.Cut(name, "=")
	switch name {
	case "wrong-hash": // the page has another SHA-256 than the file
		return "page", changed(func(raw []byte) []byte { return onDigests(raw, "sha256", flip) })
	case "wrong-size":
		return "page", changed(func(raw []byte) []byte { return bytes.ReplaceAll(raw, []byte(`"size": `), []byte(`"size": 1`)) })
	case "breaks-off": // half of what was announced, then silence
		return "", func(w http.ResponseWriter, r *http.Request, honest http.HandlerFunc) {
			a := recorded(r, honest)
			for k, v := range a.Header() {
				w.Header()[k] = v
			}
			w.Header().Set("Content-Length", strconv.Itoa(a.Body.Len()))
			w.WriteHeader(a.Code)
			_, _ = w.Write(a.Body.Bytes()[:a.Body.Len()/2])
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
	case "short": // half of it, as if that were all
		return "", changed(func(raw []byte) []byte { return raw[:len(raw)/2] })
	case "swapped": // another distribution's wheel
		return "", exchanged(func() ([]byte, error) {
			return fakewheel.Wheel{Name: "evil", Version: "6.6", Files: map[string]string{"evil.py": "evil"}}.Bytes()
		})
	case "requires": // metadata that has one requirement more
		return "metadata", changed(func(raw []byte) []byte { return append(raw, "Requires-Dist: "+value+"\n"...) })
	case "flipped": // one bit in the middle is another
		return "", changed(func(raw []byte) []byte {
			raw = bytes.Clone(raw)
			raw[len(raw)/2] ^= 1
			return raw
		})
	case "replaced": // OLD:NEW
		before, after, _ := strings.Cut(value, ":")
		return "", changed(func(raw []byte) []byte { return bytes.ReplaceAll(raw, []byte(before), []byte(after)) })
	case "endless", "huge":
		return "", endless(name == "huge")
	case "slow":
		return "", func(w http.ResponseWriter, r *http.Request, honest http.HandlerFunc) {
			select {
			case <-time.After(700 * time.Millisecond):
				honest(w, r)
			case <-r.Context().Done():
			}
		}
	case "hangup":
		return "", func(http.ResponseWriter, *http.Request, http.HandlerFunc) { panic(http.ErrAbortHandler) }
	case "status": // CODE[:SECONDS]
		code, after, _ := strings.Cut(value, ":")
		n, _ := strconv.Atoi(code)
		return "", func(w http.ResponseWriter, _ *http.Request, _ http.HandlerFunc) {
			if after != "" {
				w.Header().Set("Retry-After", after)
			}
			w.WriteHeader(n)
		}
	case "redirect": // to HOST
		return "", func(w http.ResponseWriter, r *http.Request, _ http.HandlerFunc) {
			http.Redirect(w, r, "http://"+value+r.URL.Path, http.StatusFound)
		}
	case "other-end": // another file's bytes of HOST, but for the file as a whole
		return "range", func(w http.ResponseWriter, r *http.Request, _ http.HandlerFunc) {
			http.Redirect(w, r, "http://"+value+r.URL.Path, http.StatusFound)
		}
	case "login": // a page of a hotel's network
		return "", exchangedAs("text/html", func() ([]byte, error) {
			return []byte("<html><body><form>Room number? <input name=room></form></body></html>"), nil
		})
	}
	return "", nil
}

// lie makes the index answer addresses with a part in them wrongly, so many times (-1: always). "none" ends all lies.
func (i *packageIndex) lie(name, part string, times int) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if name == "none" {
		i.lies = nil
		return nil
	}
	kind, tell := lieOf(name)
	if tell == nil {
		return fmt.Errorf("no lie %q", name)
	}
	i.lies = append(i.lies, &lie{kind: kind, part: part, times: times, tell: tell})
	return nil
}

// lied puts the first lie that is for a request before the honest answer.
func (i *packageIndex) lied(kind string, honest http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		var told *lie
		for _, l := range i.lies {
			if l.times != 0 && (l.kind == "" || l.kind == kind) && l.about(r.URL.Path) {
				told = l
				l.times--
				break
			}
		}
		i.mu.Unlock()
		if told == nil {
			honest(w, r)
			return
		}
		told.tell(w, r, honest)
	}
}

// recorded is what the honest index would say.
func recorded(r *http.Request, honest http.HandlerFunc) *httptest.ResponseRecorder {
	a := httptest.NewRecorder()
	honest(a, r)
	return a
}

// changed answers with changed bytes, as if they were all.
func changed(change func([]byte) []byte) teller {
	return func(w http.ResponseWriter, r *http.Request, honest http.HandlerFunc) {
		r.Header.Del("If-None-Match")
		a := recorded(r, honest)
		a.Header().Set("ETag", `"a lie"`)
		for k, v := range a.Header() {
			w.Header()[k] = v
		}
		body := change(a.Body.Bytes())
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(a.Code)
		_, _ = w.Write(body)
	}
}

// exchanged answers with other bytes, of which it gives whatever range is asked for.
func exchanged(other func() ([]byte, error)) teller {
	return exchangedAs("application/octet-stream", other)
}

func exchangedAs(kind string, other func() ([]byte, error)) teller {
	return func(w http.ResponseWriter, r *http.Request, _ http.HandlerFunc) {
		raw, err := other()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		send(w, r, kind, raw)
	}
}

// endless sends a page that does not end, or one of 500 MB that says so.
func endless(announced bool) teller {
	return func(w http.ResponseWriter, r *http.Request, _ http.HandlerFunc) {
		const length = 500_000_000
		w.Header().Set("Content-Type", "application/vnd.pypi.simple.v1+json")
		w.Header().Del("Content-Length")
		if announced {
			w.Header().Set("Content-Length", strconv.Itoa(length))
		}
		fmt.Fprint(w, `{"meta": {"api-version": "1.1"}, "files": [`)
		piece := bytes.Repeat([]byte(" "), 1<<20)
		for sent := 0; r.Context().Err() == nil; sent += len(piece) {
			if _, err := w.Write(piece); err != nil || announced && sent > length {
				return
			}
		}
	}
}

// onDigests changes the hexadecimal digests that follow a word.
func onDigests(raw []byte, word string, change func([]byte)) []byte {
	out := bytes.Clone(raw)
	for at := 0; ; {
		i := bytes.Index(out[at:], []byte(word))
		if i < 0 {
			return out
		}
		at += i + len(word)
		digits := bytes.IndexAny(out[at:], "0123456789abcdef")
		if digits < 0 || digits > 5 {
			continue
		}
		at += digits
		change(out[at : at+64])
	}
}

func flip(digest []byte) {
	if digest[0] == '0' {
		digest[0] = '1'
		return
	}
	digest[0] = '0'
}
