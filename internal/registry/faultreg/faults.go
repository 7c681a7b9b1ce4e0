package faultreg

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
)

// doer is what a [Fault] does.
type doer = func(w http.ResponseWriter, r *http.Request, next http.Handler)

// Status answers with a status, and headers given in pairs.
func Status(status int, headers ...string) doer {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
	}
}

// Refuse answers with an error of the distribution specification.
func Refuse(status int, code, message string) doer {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { Error(w, status, code, message) }
}

// ResetUpload breaks the connection after n bytes of the request's body; what came is kept.
func ResetUpload(n int64) doer {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		r.Body = io.NopCloser(io.MultiReader(io.LimitReader(r.Body, n), broken{}))
		next.ServeHTTP(w, r)
		panic(http.ErrAbortHandler)
	}
}

// InterruptUpload takes n bytes of the request's body, keeps them and answers with a status, and
// headers given in pairs.
func InterruptUpload(n int64, status int, headers ...string) doer {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		r.Body = io.NopCloser(io.MultiReader(io.LimitReader(r.Body, n), broken{}))
		func() {
			defer func() { recover() }() // of the connection that breaks, as the registry sees it
			next.ServeHTTP(httptest.NewRecorder(), r)
		}()
		Status(status, headers...)(w, r, nil)
	}
}

// LoseAnswer does what is asked and breaks the connection in place of an answer.
func LoseAnswer(_ http.ResponseWriter, r *http.Request, next http.Handler) {
	next.ServeHTTP(httptest.NewRecorder(), r)
	panic(http.ErrAbortHandler)
}

// ResetDownload breaks the connection after n bytes of the answer's body.
func ResetDownload(n int) doer {
	return edit(func(a *answer) { a.cut = n })
}

// Truncate ends the answer's body in good order after n bytes. With length, Content-Length says n.
func Truncate(n int, length bool) doer {
	return edit(func(a *answer) {
		a.body = a.body[:min(n, len(a.body))]
		a.header.Del("Content-Length")
		if length {
			a.header.Set("Content-Length", strconv.Itoa(len(a.body)))
		}
	})
}

// WrongBytes changes the answer's body, keeping its length.
func WrongBytes() doer {
	return edit(func(a *answer) {
		if len(a.body) > 0 {
			a.body[len(a.body)/2] ^= 0x20
		}
	})
}

// SetHeader changes a header of the answer; an empty value removes it.
func SetHeader(name, value string) doer {
	return edit(func(a *answer) {
		if value == "" {
			a.header.Del(name)
			return
		}
		a.header.Set(name, value)
	})
}

// IgnoreRange answers as if no Range had been asked for.
func IgnoreRange(w http.ResponseWriter, r *http.Request, next http.Handler) {
	r.Header.Del("Range")
	next.ServeHTTP(w, r)
}

// ShiftRange answers a Range with bytes, and a Content-Range, that lie n further.
func ShiftRange(n int) doer {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		var start, end int
		if _, err := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-%d", &start, &end); err == nil {
			r.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", start+n, end))
		}
		next.ServeHTTP(w, r)
	}
}

// edit changes the answer before it is sent.
func edit(change func(*answer)) doer {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		rec := httptest.NewRecorder()
		next.ServeHTTP(rec, r)
		a := &answer{header: rec.Header(), body: rec.Body.Bytes(), cut: -1}
		change(a)
		for name, values := range a.header {
			w.Header()[name] = values
		}
		w.WriteHeader(rec.Code)
		if a.cut < 0 {
			w.Write(a.body)
			return
		}
		w.Write(a.body[:min(a.cut, len(a.body))])
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

type answer struct {
	header http.Header
	body   []byte
	cut    int // -1 for none
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
