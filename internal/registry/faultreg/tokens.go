package faultreg

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// Tokens guards a handler with bearer tokens (distribution, "Token Authentication"). It serves
// its token service at /token of the same host.
type Tokens struct {
	// Username and Password are asked for; empty lets everyone pull.
	Username, Password string
	// Deny holds repositories for which no scope is granted.
	Deny []string
	// Realm is the URL of the token service; empty is this server's own.
	Realm string
	Next  http.Handler

	mu    sync.Mutex
	valid map[string][]string // token -> scopes
	asked [][]string          // scopes of every token request
	n     int
}

// Asked returns the scopes of every token request so far.
func (t *Tokens) Asked() [][]string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.asked)
}

// Expire makes all tokens invalid.
func (t *Tokens) Expire() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.valid)
}

// ServeHTTP implements [http.Handler].
func (t *Tokens) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/token" {
		t.issue(w, r)
		return
	}
	if need := t.needs(r); !t.allows(r.Header.Get("Authorization"), need) {
		realm := t.Realm
		if realm == "" {
			realm = "http://" + r.Host + "/token"
		}
		w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm=%q,service="faultreg",scope=%q`, realm, strings.Join(need, " ")))
		Error(w, http.StatusUnauthorized, "UNAUTHORIZED", "authentication required; you sent "+r.Header.Get("Authorization"))
		return
	}
	t.Next.ServeHTTP(w, r)
}

func (t *Tokens) issue(w http.ResponseWriter, r *http.Request) {
	scopes := r.URL.Query()["scope"]
	t.mu.Lock()
	defer t.mu.Unlock()
	t.asked = append(t.asked, scopes)
	user, password, _ := r.BasicAuth()
	if t.Username != "" && (user != t.Username || password != t.Password) {
		Error(w, http.StatusUnauthorized, "UNAUTHORIZED", "wrong password "+password)
		return
	}
	for _, s := range scopes {
		if slices.ContainsFunc(t.Deny, func(repo string) bool { return strings.Contains(s, ":"+repo+":") }) {
			Error(w, http.StatusForbidden, "DENIED", "no right to "+s)
			return
		}
	}
	t.n++
	value := fmt.Sprintf("TOKEN-CANARY-%d", t.n)
	if t.valid == nil {
		t.valid = map[string][]string{}
	}
	t.valid[value] = scopes
	json.NewEncoder(w).Encode(map[string]any{"token": value, "expires_in": 300})
}

// needs is the scope that a request takes.
func (t *Tokens) needs(r *http.Request) []string {
	repo, _, ok := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v2/"), "/blobs/")
	if !ok {
		repo, _, ok = strings.Cut(repo, "/manifests/")
	}
	if !ok {
		return nil
	}
	actions := "pull,push"
	if (r.Method == http.MethodGet || r.Method == http.MethodHead) && !strings.Contains(r.URL.Path, "/uploads/") {
		actions = "pull"
	}
	need := []string{"repository:" + repo + ":" + actions}
	if from := r.URL.Query().Get("from"); from != "" {
		need = append(need, "repository:"+from+":pull")
	}
	return need
}

func (t *Tokens) allows(header string, need []string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	value, _ := strings.CutPrefix(header, "Bearer ")
	granted, ok := t.valid[value]
	if !ok {
		return false
	}
	for _, n := range need {
		if !slices.ContainsFunc(granted, func(g string) bool { return strings.HasPrefix(g, n) }) {
			return false
		}
	}
	return true
}
