package registry

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/internal/transport"
)

// What callers decide on, with [errors.Is].
var (
	// ErrNotFound is a manifest, blob or repository that the registry does not have.
	ErrNotFound = errors.New("not found")
	// ErrUnauthorized is a request that the registry or its token service denies.
	ErrUnauthorized = errors.New("access denied")
	// ErrBlobUnknown is a manifest that the registry refuses because it misses blobs of it.
	ErrBlobUnknown = errors.New("the registry misses blobs of the manifest")
)

// maxErrorBody caps what is read of an error's body, in bytes.
const maxErrorBody = 64 << 10

// StatusError is an answer that is not what was asked for (distribution-spec, "Error Codes").
type StatusError struct {
	Method     string
	URL        string // redacted
	Status     int
	Codes      []string  // such as MANIFEST_UNKNOWN
	Message    string    // the registry's own words
	RetryAfter string    // as the registry sent it
	Blobs      []v1.Hash // that the registry names as missing
}

// Error is "GET URL: 404 Not Found: MANIFEST_UNKNOWN: manifest unknown".
func (e *StatusError) Error() string {
	s := fmt.Sprintf("%s %s: %d", e.Method, e.URL, e.Status)
	if text := http.StatusText(e.Status); text != "" {
		s += " " + text
	}
	if len(e.Codes) > 0 {
		s += ": " + strings.Join(e.Codes, ", ")
	}
	if e.Message != "" {
		s += ": " + e.Message
	}
	if e.RetryAfter != "" {
		s += " (it asks to come back after " + e.RetryAfter + ")"
	}
	return s
}

// Is makes [errors.Is] answer for the sentinel errors above.
func (e *StatusError) Is(target error) bool {
	has := func(codes ...string) bool {
		return slices.ContainsFunc(e.Codes, func(c string) bool { return slices.Contains(codes, c) })
	}
	missesBlobs := e.Method == http.MethodPut && has("MANIFEST_BLOB_UNKNOWN", "BLOB_UNKNOWN")
	switch target {
	case ErrBlobUnknown:
		return missesBlobs
	case ErrNotFound:
		return !missesBlobs && (e.Status == http.StatusNotFound || has("MANIFEST_UNKNOWN", "NAME_UNKNOWN", "BLOB_UNKNOWN"))
	case ErrUnauthorized:
		return e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden || has("UNAUTHORIZED", "DENIED")
	}
	return false
}

// statusError reads an unwanted answer and closes it.
func (c *Client) statusError(resp *http.Response) error {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody)) // a cut body still tells the status
	resp.Body.Close()
	e := &StatusError{Status: resp.StatusCode, RetryAfter: c.readable(resp.Header.Get("Retry-After"))}
	if resp.Request != nil {
		e.Method, e.URL = resp.Request.Method, transport.Redact(resp.Request.URL)
	}
	var answer struct {
		Errors []struct {
			Code    string          `json:"code"`
			Message string          `json:"message"`
			Detail  json.RawMessage `json:"detail"`
		} `json:"errors"`
		Details string `json:"details"` // some token services
	}
	if json.Unmarshal(body, &answer) != nil {
		e.Message = c.readable(string(body))
		return e
	}
	var words []string
	for _, one := range answer.Errors {
		e.Codes = append(e.Codes, c.readable(one.Code))
		words = append(words, one.Message)
		var detail struct{ Digest v1.Hash }
		if json.Unmarshal(one.Detail, &detail) == nil && detail.Digest.Hex != "" {
			e.Blobs = append(e.Blobs, detail.Digest)
		}
	}
	e.Message = c.readable(strings.Join(append(words, answer.Details), " "))
	return e
}

// readable makes text of a server fit for a message: no secret, one line, no control characters,
// 300 characters at most. A page of HTML says nothing and is dropped.
func (c *Client) readable(s string) string {
	s = c.secrets.clean(s)
	s = strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || unicode.Is(unicode.Cf, r) {
			return -1
		}
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if strings.HasPrefix(s, "<") {
		return ""
	}
	if runes := []rune(s); len(runes) > 300 {
		s = string(runes[:300]) + "…"
	}
	return s
}

// explain names what failed and, where there is one, the way out. What went wrong at the source of an upload has its
// explanation already: host, where the upload goes, is not who denies or lacks it.
func explain(subject, host string, err error) error {
	if host == "index.docker.io" {
		host = "docker.io"
	}
	_, elsewhere := errors.AsType[*sourceError](err)
	switch {
	case err == nil:
		return nil
	case elsewhere:
		return fmt.Errorf("%s: %w", subject, err)
	case errors.Is(err, ErrUnauthorized):
		return fmt.Errorf("%s: access denied: wrong or no credentials for %s, no right to it, or no such repository; "+
			"log in with 'layerpack login %s' or 'docker login %s' (%w)", subject, host, host, host, err)
	case errors.Is(err, ErrNotFound):
		return fmt.Errorf("%s: not found (%w)", subject, err)
	}
	return fmt.Errorf("%s: %w", subject, err)
}

// explainRef is explain for what a user has named.
func explainRef(ref name.Reference, err error) error {
	if errors.Is(err, ErrNotFound) {
		return fmt.Errorf("%s: not found: check the name and the tag (%w)", ref, err)
	}
	return explain(ref.String(), ref.Context().RegistryStr(), err)
}
