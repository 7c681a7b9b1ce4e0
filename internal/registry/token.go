package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/layerpack/layerpack/internal/transport"
)

const (
	// maxTokenBody caps a token service's answer, in bytes.
	maxTokenBody = 64 << 10
	// defaultTokenLife is for services that do not say how long a token lives (token
	// specification, "expires_in").
	defaultTokenLife = 60 * time.Second
)

// fetchToken asks the registry's token service for what is wanted now and what was announced, all
// in one; where that is refused, for what is wanted alone. The gate is held.
func (c *Client) fetchToken(ctx context.Context, h *host, want scopes) (token, error) {
	creds, err := c.credentials(ctx, h)
	if err != nil {
		return token{}, err
	}
	if creds.RegistryToken != "" {
		return token{value: creds.RegistryToken, grant: want}, nil
	}
	realm, err := h.realm()
	if err != nil {
		return token{}, err
	}
	all := want.with(h.expected())
	t, err := c.askToken(ctx, h, realm, all, want)
	if len(all) > len(want) && errors.Is(err, ErrUnauthorized) {
		t, err = c.askToken(ctx, h, realm, want, want)
	}
	if errors.Is(err, ErrUnauthorized) {
		h.creds = nil // they may be short-lived: who asks next gets those of then
	}
	if err != nil {
		return token{}, fmt.Errorf("token for %s: %w", h.reg, err)
	}
	return t, nil
}

// realm is where tokens are asked for. Credentials go there, so it is https unless the registry
// itself is not.
func (h *host) realm() (*url.URL, error) {
	u, err := url.Parse(h.answer.params["realm"])
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("%s names a token service that is no http or https address; refused", h.reg)
	}
	if u.Scheme != "https" && h.origin.Scheme == "https" {
		return nil, fmt.Errorf("%s names a token service without https (%s); refused, as credentials would go in the open", h.reg, transport.Redact(u))
	}
	u.User = nil
	return u, nil
}

func (c *Client) askToken(ctx context.Context, h *host, realm *url.URL, ask, want scopes) (token, error) {
	ctx = transport.Retryable(transport.WithOrigin(ctx, realm, h.origin))
	start := c.backoff.Time()
	resp, err := c.tokenRequest(ctx, h, realm, ask, want)
	if err != nil {
		return token{}, err
	}
	if resp.StatusCode != http.StatusOK {
		return token{}, c.statusError(resp)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxTokenBody+1))
	if err != nil {
		return token{}, err
	}
	var answer struct {
		Token        string  `json:"token"`
		AccessToken  string  `json:"access_token"`
		RefreshToken string  `json:"refresh_token"`
		ExpiresIn    float64 `json:"expires_in"`
	}
	// The decoder's error could quote the body.
	if len(body) > maxTokenBody || json.Unmarshal(body, &answer) != nil {
		return token{}, fmt.Errorf("%s: the answer is no token", transport.Redact(realm))
	}
	value := answer.Token
	if value == "" {
		value = answer.AccessToken
	}
	if value == "" || strings.ContainsAny(value, "\r\n\x00") {
		return token{}, fmt.Errorf("%s: the answer holds no token", transport.Redact(realm))
	}
	c.secrets.add(value, answer.RefreshToken)
	if answer.RefreshToken != "" && h.creds.IdentityToken != "" {
		renewed := *h.creds
		renewed.IdentityToken = answer.RefreshToken
		h.creds = &renewed
	}
	life := defaultTokenLife
	if answer.ExpiresIn >= 1 {
		life = time.Duration(min(answer.ExpiresIn, 1e6)) * time.Second
	}
	// A tenth early: it must still hold when the registry looks at it.
	return token{value: value, grant: ask, until: start.Add(life - life/10)}, nil
}

// tokenRequest sends the request: OAuth2 where the credentials are an identity token, else GET with
// Basic authentication, or with none.
func (c *Client) tokenRequest(ctx context.Context, h *host, realm *url.URL, ask, want scopes) (*http.Response, error) {
	service := h.answer.params["service"]
	list := ask.list(want)
	if h.creds.IdentityToken != "" {
		form := url.Values{
			"grant_type":    {"refresh_token"},
			"refresh_token": {h.creds.IdentityToken},
			"service":       {service},
			"scope":         {strings.Join(list, " ")},
			"client_id":     {"layerpack"},
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, realm.String(), strings.NewReader(form.Encode()))
		if err != nil {
			return nil, err
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		// Redirects are not followed: the body is a credential.
		resp, err := c.rt.RoundTrip(req)
		if err != nil {
			return nil, &transport.Error{Method: req.Method, URL: transport.Redact(realm), Err: err}
		}
		if resp.StatusCode != http.StatusNotFound || basicHeader(h.creds) == "" {
			return resp, nil
		}
		transport.Discard(resp.Body) // a service without OAuth2
	}
	u := *realm
	query := u.Query()
	if service != "" {
		query.Set("service", service)
	}
	query["scope"] = list
	u.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	if header := basicHeader(h.creds); header != "" {
		req.Header.Set("Authorization", header)
	}
	return transport.Follow(c.rt, req)
}
