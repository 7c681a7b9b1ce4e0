package index

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// NotFoundError is a name that no index has.
type NotFoundError struct {
	Name  string
	Asked []string // indexes, pages and folders, without credentials
}

func (e *NotFoundError) Error() string {
	if len(e.Asked) == 0 {
		return fmt.Sprintf("%s: no index is left to ask; give --find-links or leave --no-index out", e.Name)
	}
	return fmt.Sprintf("%s: not found in %s; is the name right, or does another index have it (--extra-index-url)?", e.Name, strings.Join(e.Asked, ", "))
}

// StatusError is an answer that is no success.
type StatusError struct {
	URL    string // without credentials
	Status int
	Sent   bool // credentials were sent
}

func (e *StatusError) Error() string {
	text := fmt.Sprintf("%s: %d %s", e.URL, e.Status, http.StatusText(e.Status))
	if e.Status != http.StatusUnauthorized && e.Status != http.StatusForbidden {
		return text
	}
	if e.Sent {
		return text + "; the credentials given for it were not accepted"
	}
	host := "HOST"
	if u, err := url.Parse(e.URL); err == nil && u.Hostname() != "" {
		host = u.Hostname()
	}
	user, password := EnvName(host)
	return fmt.Sprintf("%s; put credentials into its URL (https://USER:PASSWORD@%s/…), into netrc (machine %s) or into %s and %s", text, host, host, user, password)
}

// OfflineError is something that only an index could answer, and --offline forbids to ask.
type OfflineError struct {
	What string
}

func (e *OfflineError) Error() string {
	return e.What + ": not in the cache, and --offline forbids to fetch it; run the same once without --offline, or bring the wheels with --find-links"
}

// InsecureError is an address without TLS that nobody trusts.
type InsecureError struct {
	URL  string // without credentials
	Host string
}

func (e *InsecureError) Error() string {
	return fmt.Sprintf("%s is not https; use https, or --trusted-host %s if you trust the network to it", e.URL, e.Host)
}

// MismatchError is a file or page that is not what it was said to be. It comes in a [refusal.Error].
type MismatchError struct {
	What      string // "sha256", "size", "name", "Requires-Dist", ...
	Got, Want string
}

func (e *MismatchError) Error() string {
	return fmt.Sprintf("its %s is %s, expected %s", e.What, e.Got, e.Want)
}

func mismatch(input, what, got, want string) error {
	return &refusal.Error{
		Input: input, Cause: "not what its index says", Err: &MismatchError{what, got, want},
		Fix: "the file was changed, cut or swapped on its way; nothing of it is kept. Try again, or ask who runs the index",
	}
}

// refuse says that what an index sent cannot be used.
func refuse(input, format string, args ...any) error {
	return refusal.New(input, fmt.Sprintf(format, args...), "")
}

func cancelled(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// bare is an error of a Doer without the URL that net/http puts around it.
func bare(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}
