package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/rogpeppe/go-internal/testscript"
)

// received is all that a registry was sent and still has: manifests and blobs, by their addresses.
func received(ts *testscript.TestScript, host string) iter.Seq2[string, []byte] {
	reg := serverOf(ts, host).reg
	return func(yield func(string, []byte) bool) {
		for _, r := range reg.Log() {
			path := ""
			if m := uploadPath.FindStringSubmatch(r.Path); m != nil && r.Method == http.MethodPut {
				_, digest, _ := strings.Cut(strings.ReplaceAll(r.Query, "%3A", ":"), "digest=")
				path = "/v2/" + m[1] + "/blobs/" + digest
			} else if manifestPath.MatchString(r.Path) && r.Method == http.MethodPut {
				path = r.Path
			}
			if path == "" {
				continue
			}
			answer := httptest.NewRecorder()
			reg.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, http.NoBody))
			if answer.Code == http.StatusOK && !yield(path, answer.Body.Bytes()) {
				return
			}
		}
	}
}

// holds reports whether bytes, or what they are when unpacked, have a word in them.
func holds(raw []byte, word string) bool {
	if bytes.Contains(raw, []byte(word)) {
		return true
	}
	if z, err := gzip.NewReader(bytes.NewReader(raw)); err == nil {
		plain, _ := io.ReadAll(z) // what can be unpacked
		return bytes.Contains(plain, []byte(word))
	}
	if z, err := zstd.NewReader(bytes.NewReader(raw)); err == nil {
		defer z.Close()
		plain, _ := io.ReadAll(z)
		return bytes.Contains(plain, []byte(word))
	}
	return false
}
