package registry

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
)

// host is what is known about one registry, or about those of its repositories that have
// credentials of their own. There is no ping: the first request goes out bare and
// its 401 tells how to authenticate. While that is not known, requests wait for the first.
type host struct {
	resource authn.Resource // that the keychain is asked for
	reg      name.Registry
	origin   *url.URL

	gate chan struct{} // held while the fields below are used; a channel, so that waiting can be cancelled
	// met is set after the first answer, pinged after a look at /v2/.
	met, pinged bool
	answer      challenge // none while the registry is open
	creds       *authn.AuthConfig
	tokens      []token

	mu        sync.Mutex
	announced scopes
}

// token is a bearer token and what it was asked for.
type token struct {
	value string
	grant scopes
	until time.Time // zero: not known to end
}

// maxAnnounced bounds the repositories one token is asked for.
const maxAnnounced = 32

func (h *host) announce(s scopes) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if next := h.announced.with(s); len(next) <= maxAnnounced {
		h.announced = next
	}
}

func (h *host) expected() scopes {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.announced
}

func (h *host) lock(ctx context.Context) error {
	select {
	case h.gate <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *host) unlock() { <-h.gate }

// authorize returns the Authorization header for a request. It returns first, still holding the
// gate, when nothing is known yet: the caller's request is the one that finds out.
func (c *Client) authorize(ctx context.Context, h *host, want scopes) (header string, first bool, err error) {
	if err := h.lock(ctx); err != nil {
		return "", false, err
	}
	if !h.met {
		return "", true, nil
	}
	defer h.unlock()
	switch h.answer.scheme {
	case "basic":
		creds, err := c.credentials(ctx, h)
		return basicHeader(creds), false, err
	case "bearer":
		value, err := c.bearer(ctx, h, want)
		return "Bearer " + value, false, err
	}
	return "", false, nil
}

// bearer returns a token that covers want: a known one or a new one. The gate is held.
func (c *Client) bearer(ctx context.Context, h *host, want scopes) (string, error) {
	now := c.backoff.Time()
	h.tokens = slices.DeleteFunc(h.tokens, func(t token) bool { return !t.until.IsZero() && !now.Before(t.until) })
	for _, t := range h.tokens {
		if t.grant.covers(want) {
			return t.value, nil
		}
	}
	t, err := c.fetchToken(ctx, h, want)
	if err != nil {
		return "", err
	}
	c.secrets.add(t.value)
	h.tokens = append(h.tokens, t)
	return t.value, nil
}

// challenged takes note of a 401: how to authenticate, and that the header sent was not enough. It
// reports whether another try can go better.
func (c *Client) challenged(ctx context.Context, h *host, offer challenge, sent string) (bool, error) {
	h.answer = offer
	h.tokens = slices.DeleteFunc(h.tokens, func(t token) bool { return "Bearer "+t.value == sent })
	if offer.scheme == "bearer" {
		return true, nil
	}
	h.creds = nil // short-lived credentials may have been renewed
	creds, err := c.credentials(ctx, h)
	if err != nil {
		return false, err
	}
	header := basicHeader(creds)
	return header != "" && header != sent, nil
}

// credentials asks the keychain, once while the answer is good. The gate is held.
func (c *Client) credentials(ctx context.Context, h *host) (*authn.AuthConfig, error) {
	if h.creds != nil {
		return h.creds, nil
	}
	creds := &authn.AuthConfig{}
	if c.keychain != nil {
		auth, err := authn.Resolve(ctx, c.keychain, h.resource)
		if err != nil {
			return nil, fmt.Errorf("credentials for %s: %w", h.reg, err)
		}
		if creds, err = authn.Authorization(ctx, auth); err != nil {
			return nil, fmt.Errorf("credentials for %s: %w", h.reg, err)
		}
	}
	c.secrets.add(creds.Password, creds.Auth, creds.IdentityToken, creds.RegistryToken, basicValue(creds))
	h.creds = creds
	return creds, nil
}

func basicHeader(a *authn.AuthConfig) string {
	if v := basicValue(a); v != "" {
		return "Basic " + v
	}
	return ""
}

func basicValue(a *authn.AuthConfig) string {
	switch {
	case a == nil:
		return ""
	case a.Auth != "":
		return a.Auth
	case a.Username == "" && a.Password == "":
		return ""
	}
	return base64.StdEncoding.EncodeToString([]byte(a.Username + ":" + a.Password))
}
