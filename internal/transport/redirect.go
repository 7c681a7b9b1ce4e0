package transport

import (
	"errors"
	"fmt"
	"net/http"
)

// maxRedirects is what browsers and net/http settled on, or fewer.
const maxRedirects = 10

// RedirectError is a redirect that is not followed.
type RedirectError struct {
	From, To string // redacted
	Cause    string
}

func (e *RedirectError) Error() string {
	return fmt.Sprintf("redirect from %s to %s: %s", e.From, e.To, e.Cause)
}

// Follow sends a request over rt and follows its redirects: those of GET and HEAD always, others
// only where status and GetBody let the same request be sent again (307, 308).
//
// Authorization, Proxy-Authorization and Cookie headers go only to the origin (scheme, host, port)
// that they were given for, and not even there once a redirect left it. A redirect from https to
// http is refused. User and password in the first URL become an Authorization header; in a
// redirect they are dropped. Every error is an [*Error] with a redacted URL. The response's Request is the
// last one sent.
func Follow(rt http.RoundTripper, req *http.Request) (*http.Response, error) {
	first := req
	if u := req.URL.User; u != nil {
		req = req.Clone(req.Context())
		req.URL.User = nil
		if password, _ := u.Password(); req.Header.Get("Authorization") == "" {
			req.SetBasicAuth(u.Username(), password)
		}
	}
	for hop := 0; ; hop++ {
		resp, err := rt.RoundTrip(req)
		if err != nil {
			return nil, &Error{Method: first.Method, URL: Redact(req.URL), Err: err}
		}
		if resp.Request == nil {
			resp.Request = req
		}
		if !redirects(req, resp) {
			return resp, nil
		}
		Discard(resp.Body)
		next, err := follow(req, resp, hop)
		if err != nil {
			return nil, &Error{Method: first.Method, URL: Redact(first.URL), Err: err}
		}
		req = next
	}
}

func redirects(req *http.Request, resp *http.Response) bool {
	if resp.Header.Get("Location") == "" {
		return false
	}
	safe := req.Method == http.MethodGet || req.Method == http.MethodHead
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther:
		return safe
	case http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return safe || req.Body == nil || req.Body == http.NoBody || req.GetBody != nil
	}
	return false
}

func follow(req *http.Request, resp *http.Response, hop int) (*http.Request, error) {
	to, err := req.URL.Parse(resp.Header.Get("Location"))
	if err != nil {
		// The parser's error quotes the whole location, signature and all.
		return nil, errors.New("redirect to a location that is no URL")
	}
	to.User = nil
	to.Fragment = ""
	refused := func(cause string) error {
		return &RedirectError{From: Redact(req.URL), To: Redact(to), Cause: cause}
	}
	switch {
	case hop >= maxRedirects:
		return nil, refused(fmt.Sprintf("stopped after %d redirects", maxRedirects))
	case to.Host == "" || to.Scheme != "http" && to.Scheme != "https":
		return nil, refused("not an http or https address")
	case to.Scheme == "http" && req.URL.Scheme == "https":
		return nil, refused("would leave https for plain http")
	}
	next, err := again(req)
	if err != nil {
		return nil, err
	}
	next.URL, next.Host = to, ""
	if !SameOrigin(req.URL, to) {
		dropCredentials(next.Header)
		next = next.WithContext(WithOrigin(next.Context(), to, req.URL))
	}
	return next, nil
}

func dropCredentials(h http.Header) {
	for _, name := range []string{"Authorization", "Proxy-Authorization", "Www-Authenticate", "Cookie", "Cookie2"} {
		h.Del(name)
	}
}
