// Package credentials finds the user's credentials for registries where docker and podman keep them, and keeps
// those of a login.
//
// It guarantees that credentials given for a registry are used for that registry alone, that a credential
// helper which fails or hangs is named, and that no error shows a password or a token.
//
// Most callers want [New], an authn.Keychain; `layerpack login` wants [Save].
package credentials

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
)

// DefaultHelperTimeout is how long a credential helper may take: some ask the user to unlock
// something.
const DefaultHelperTimeout = time.Minute

// Options says where credentials are. The zero value knows none.
type Options struct {
	// Getenv looks up HOME, DOCKER_CONFIG, REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR and XDG_CONFIG_HOME. Nil
	// means that no file is read.
	Getenv func(string) string
	// Given goes before every file, for its own registry.
	Given *Given
	// Ambient are asked last, in order: identities that a machine has of its cloud.
	Ambient []authn.Keychain
	// HelperTimeout bounds a credential helper's answer.
	HelperTimeout time.Duration
}

// Given is a user and password for one registry.
type Given struct {
	Registry           name.Registry
	Username, Password string
}

// Keychain is an authn.Keychain, and a registry.Scoped. Files are read once, helpers are asked every time.
// It is safe for parallel use.
type Keychain struct {
	given   *Given
	ambient []authn.Keychain
	timeout time.Duration
	files   func() ([]*file, error)
}

// New makes a keychain. Files are read when they are first needed.
func New(o Options) *Keychain {
	k := &Keychain{given: o.Given, ambient: o.Ambient, timeout: o.HelperTimeout}
	if k.timeout <= 0 {
		k.timeout = DefaultHelperTimeout
	}
	k.files = sync.OnceValues(func() ([]*file, error) { return readFiles(paths(o.Getenv)) })
	return k
}

// Resolve implements authn.Keychain.
func (k *Keychain) Resolve(r authn.Resource) (authn.Authenticator, error) {
	return k.ResolveContext(context.Background(), r)
}

// ResolveContext implements authn.ContextKeychain: the given ones, then the first file that has any, then
// the ambient ones, then none.
func (k *Keychain) ResolveContext(ctx context.Context, r authn.Resource) (authn.Authenticator, error) {
	if k.given != nil && k.given.Registry.RegistryStr() == r.RegistryStr() {
		return authn.FromConfig(authn.AuthConfig{Username: k.given.Username, Password: k.given.Password}), nil
	}
	files, err := k.files()
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		found, err := f.find(ctx, candidates(r), k.timeout)
		if err != nil {
			return nil, err
		}
		if found != (authn.AuthConfig{}) {
			return authn.FromConfig(found), nil
		}
	}
	for _, a := range k.ambient {
		auth, err := authn.Resolve(ctx, a, r)
		if err == nil && auth != authn.Anonymous {
			return auth, nil
		}
	}
	return authn.Anonymous, ctx.Err()
}

// Entry implements registry.Scoped: the narrowest entry of a file that is for a part of the repository's
// registry, "" where there is none.
func (k *Keychain) Entry(repo name.Repository) string {
	if k.given != nil && k.given.Registry.RegistryStr() == repo.RegistryStr() {
		return ""
	}
	files, err := k.files()
	if err != nil {
		return "" // whoever resolves is told
	}
	for _, f := range files {
		for _, key := range candidates(repo) {
			if f.has(key) {
				if !strings.Contains(key, "/") {
					return ""
				}
				return key
			}
		}
	}
	return ""
}

// candidates are the keys that a resource's credentials may have, narrowest first.
func candidates(r authn.Resource) []string {
	host := canonical(r.RegistryStr())
	var out []string
	if repo, ok := r.(name.Repository); ok {
		for path := repo.RepositoryStr(); path != ""; {
			out = append(out, host+"/"+path)
			path = path[:max(0, strings.LastIndexByte(path, '/'))]
		}
	}
	return append(out, host)
}
