package registry

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"

	"github.com/layerpack/layerpack/internal/registry/faultreg"
)

// byTeam is a keychain with an entry for each first part of a repository's path that it knows.
type byTeam map[string]string

func (b byTeam) Entry(repo name.Repository) string {
	team, _, _ := strings.Cut(repo.RepositoryStr(), "/")
	if _, ok := b[team]; ok {
		return repo.RegistryStr() + "/" + team
	}
	return ""
}

func (b byTeam) Resolve(r authn.Resource) (authn.Authenticator, error) {
	team := ""
	if repo, ok := r.(name.Repository); ok {
		team, _, _ = strings.Cut(repo.RepositoryStr(), "/")
	}
	return authn.FromConfig(authn.AuthConfig{Username: "me", Password: b[team]}), nil
}

// Two teams of one registry with a password each, and the rest of it with a third.
func TestCredentialsOfAPartOfARegistry(t *testing.T) {
	keys := byTeam{"red": "RED-CANARY", "blue": "BLUE-CANARY", "": "REST-CANARY"}
	var mu sync.Mutex
	used := map[string][]string{}
	guard := &faultreg.Tokens{}
	b := setup(t, keys, func(next http.Handler) http.Handler {
		guard.Next = next
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, pass, ok := r.BasicAuth(); ok {
				mu.Lock()
				used[pass] = append(used[pass], r.URL.Query()["scope"]...)
				mu.Unlock()
			}
			guard.ServeHTTP(w, r)
		})
	})
	raw, d := content(100)
	for range 2 {
		for _, repo := range []string{"red/a", "blue/b", "green/c"} {
			if err := b.Upload(t.Context(), b.repository(t, repo), d, opener(raw), nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	for pass, want := range map[string]string{"RED-CANARY": "red/a", "BLUE-CANARY": "blue/b", "REST-CANARY": "green/c"} {
		if got := used[pass]; !slices.Equal(got, []string{"repository:" + want + ":pull,push"}) {
			t.Errorf("%s was used for %q", pass, got)
		}
	}
}
