package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"
)

// refusedBudget is how long a refused connection is tried again: a server that restarts comes
// back within it, and a mistyped port is said soon.
const refusedBudget = 3 * time.Second

type retryKey struct{}

// Retryable marks the context of a request with a body as safe to repeat. GET and HEAD always are.
// A request with a body must have GetBody as well.
func Retryable(ctx context.Context) context.Context { return context.WithValue(ctx, retryKey{}, true) }

// Once marks the context of a request as not to be repeated, whatever its method: its sender
// counts tries itself.
func Once(ctx context.Context) context.Context { return context.WithValue(ctx, retryKey{}, false) }

// RoundTrip sends one request, repeating it where that is safe: on the statuses of
// [RetryableStatus] and on broken connections, within the budget. It follows no redirects.
//
// When the budget is spent on a status, that last response is returned.
func (c *Client) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := c.allowed(req); err != nil {
		closeBody(req)
		return nil, err
	}
	if req.Header.Get("User-Agent") == "" {
		req = req.Clone(req.Context())
		req.Header.Set("User-Agent", c.agent)
	}
	tries := c.backoff.Start()
	for {
		resp, err := c.once(req)
		if is[tls.RecordHeaderError](err) {
			err = fmt.Errorf("%w; if it is a plain http server in a network you trust: --plain-http %s", err, req.URL.Host)
		}
		if alert, ok := remoteAlert(err); ok && (strings.Contains(alert, "certificate") || strings.Contains(alert, "handshake")) {
			err = fmt.Errorf("%w; it may want another client certificate, or one at all: put client.cert and client.key into certs.d/%s of podman's or docker's "+
				"configuration, or name them in layerpack's own", err, req.URL.Host)
		}
		if !repeatable(req) {
			return resp, err
		}
		var asked time.Duration
		switch {
		case err != nil:
			if !c.worthAnotherTry(req.Context(), err, tries) {
				return nil, err
			}
		case RetryableStatus(resp.StatusCode):
			asked = RetryAfter(resp.Header.Get("Retry-After"), c.backoff.Time())
		default:
			return resp, nil
		}
		if stop := tries.Again(req.Context(), asked); stop != nil {
			if err != nil {
				return nil, fmt.Errorf("%w; %w", err, stop)
			}
			if _, spent := errors.AsType[*BudgetError](stop); !spent {
				Discard(resp.Body)
				return nil, stop
			}
			return resp, nil
		}
		if err == nil {
			Discard(resp.Body)
		}
		if req, err = again(req); err != nil {
			return nil, err
		}
	}
}

// RetryableStatus reports whether a status says "later", not "no".
func RetryableStatus(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout, 522:
		return true
	}
	return false
}

// Discard reads what is left of a body, up to 64 KiB, and closes it, so that its connection can
// serve the next request.
func Discard(body io.ReadCloser) {
	io.CopyN(io.Discard, body, 64<<10) //nolint:errcheck // a body that breaks here costs a connection, no more
	body.Close()
}

// PlainHTTPError is a request without TLS to a host that is not listed for it.
type PlainHTTPError struct{ Host string }

func (e *PlainHTTPError) Error() string {
	return fmt.Sprintf("plain http to %s is not allowed; use https, or --plain-http %s if you trust the network to it", e.Host, e.Host)
}

func (c *Client) allowed(req *http.Request) error {
	switch u := req.URL; {
	case u.Scheme == "https":
		return nil
	case u.Scheme != "http":
		return fmt.Errorf("scheme %q is not http or https", u.Scheme)
	case Loopback(u.Host), c.plainHTTP != nil && c.plainHTTP(u.Host):
		return nil
	default:
		return &PlainHTTPError{Host: u.Host}
	}
}

func repeatable(req *http.Request) bool {
	marked, isMarked := req.Context().Value(retryKey{}).(bool)
	if isMarked && !marked {
		return false
	}
	if req.Body != nil && req.Body != http.NoBody && req.GetBody == nil {
		return false
	}
	return marked || req.Method == http.MethodGet || req.Method == http.MethodHead
}

// worthAnotherTry tells what may pass from what will not.
func (c *Client) worthAnotherTry(ctx context.Context, err error, tries *Tries) bool {
	if ctx.Err() != nil || !Transient(err) {
		return false
	}
	return !errors.Is(err, syscall.ECONNREFUSED) || tries.Spent() < refusedBudget
}

// Transient reports whether an error of a request or a body may be gone at the next try: broken
// connections, timeouts and stalls are, bad certificates, unknown names, cancelled contexts and
// what a policy refuses are not.
func Transient(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) {
		return false
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return !dns.IsNotFound
	}
	if _, refused := remoteAlert(err); refused {
		return false
	}
	for _, is := range []func(error) bool{
		is[*RefusedError], is[*PlainHTTPError], is[*RedirectError], is[*BudgetError], is[*TLSConfigError], is[*ProxyError],
		is[*tls.CertificateVerificationError], is[x509.UnknownAuthorityError], is[x509.HostnameError],
		is[x509.CertificateInvalidError], is[tls.RecordHeaderError],
	} {
		if is(err) {
			return false
		}
	}
	return true
}

// remoteAlert is what a server says in refusing TLS with us (RFC 8446, 6.2), where asking again gets the
// same answer. crypto/tls has no type for it.
func remoteAlert(err error) (string, bool) {
	op, ok := errors.AsType[*net.OpError](err)
	if !ok || op.Op != "remote error" || op.Err == nil {
		return "", false
	}
	alert := op.Err.Error()
	for _, final := range []string{"certificate", "handshake failure", "protocol version", "access denied", "unrecognized name"} {
		if strings.Contains(alert, final) {
			return alert, true
		}
	}
	return "", false
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// again makes the request anew, with its body from the start.
func again(req *http.Request) (*http.Request, error) {
	next := req.Clone(req.Context())
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return nil, err
		}
		next.Body = body
	}
	return next, nil
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		req.Body.Close()
	}
}
