// Package ambient finds the identity that a machine has of its cloud: on AWS for ECR, on Google Cloud for Artifact
// Registry and Container Registry, on Azure for ACR.
//
// It guarantees that each cloud's keychain is asked for that cloud's registries alone, so that nobody else
// waits for a metadata service, and that an identity which cannot be had is no error: the registry then
// sees a stranger.
//
// Most callers want [Keychains], as the last resort of a keychain.
package ambient

import (
	"context"
	"regexp"
	"time"

	"github.com/chrismellard/docker-credential-acr-env/pkg/credhelper"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/v1/google"
)

// DefaultTimeout is how long a cloud may take to say who we are.
const DefaultTimeout = 15 * time.Second

// Keychains are the keychains of the clouds. They read the process's own environment and files and speak to
// their clouds' services themselves, as their vendors wrote them.
func Keychains() []authn.Keychain {
	return []authn.Keychain{
		&gate{hosts: ecrHosts(), timeout: DefaultTimeout, open: func() authn.Keychain { return ecrKeychain{} }},
		&gate{hosts: googleHosts(), timeout: DefaultTimeout, open: func() authn.Keychain { return google.Keychain }},
		&gate{hosts: acrHosts(), timeout: DefaultTimeout, open: func() authn.Keychain {
			return authn.NewKeychainFromHelper(credhelper.NewACRCredentialsHelper())
		}},
	}
}

// ecrHosts are private registries. The public one gives everything to everyone.
func ecrHosts() *regexp.Regexp {
	return regexp.MustCompile(`^[0-9]{12}\.dkr[.-]ecr(-fips)?\.[a-z0-9-]+\.(amazonaws\.com(\.cn)?|amazonaws\.eu|on\.aws|on\.amazonwebservices\.com\.cn)$`)
}

// googleHosts leave out mirror.gcr.io, which is everyone's.
func googleHosts() *regexp.Regexp {
	return regexp.MustCompile(`^((us|eu|asia)\.)?gcr\.io$|^[a-z0-9-]+-docker\.pkg\.dev$`)
}

func acrHosts() *regexp.Regexp {
	return regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*\.azurecr\.(io|cn|de|us)$`)
}

// gate lets a keychain be asked for some hosts only, and for some time only.
type gate struct {
	hosts   *regexp.Regexp
	timeout time.Duration
	open    func() authn.Keychain
}

// Resolve implements authn.Keychain.
func (g *gate) Resolve(r authn.Resource) (authn.Authenticator, error) {
	return g.ResolveContext(context.Background(), r)
}

// ResolveContext implements authn.ContextKeychain. A keychain that takes too long is left behind.
func (g *gate) ResolveContext(ctx context.Context, r authn.Resource) (authn.Authenticator, error) {
	if !g.hosts.MatchString(r.RegistryStr()) {
		return authn.Anonymous, nil
	}
	done := make(chan *authn.AuthConfig, 1)
	// What is found may be renewed by its finder later, when this context is over.
	go func() { done <- ask(context.WithoutCancel(ctx), g.open(), r) }()
	timer := time.NewTimer(g.timeout)
	defer timer.Stop()
	select {
	case found := <-done:
		if found == nil || *found == (authn.AuthConfig{}) {
			return authn.Anonymous, nil
		}
		return authn.FromConfig(*found), nil
	case <-timer.C:
		return authn.Anonymous, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func ask(ctx context.Context, k authn.Keychain, r authn.Resource) *authn.AuthConfig {
	auth, err := authn.Resolve(ctx, k, r)
	if err != nil {
		return nil
	}
	found, err := authn.Authorization(ctx, auth)
	if err != nil {
		return nil
	}
	return found
}
