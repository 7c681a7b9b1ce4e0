package ambient

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go/logging"
	"github.com/awslabs/amazon-ecr-credential-helper/ecr-login/api"
	"github.com/google/go-containerregistry/pkg/authn"
)

// ecrKeychain asks AWS for a registry's password. The helper's own keychain panics on a broken AWS
// configuration, and the SDK's logger writes to stderr.
type ecrKeychain struct{}

// Resolve implements authn.Keychain.
func (k ecrKeychain) Resolve(r authn.Resource) (authn.Authenticator, error) {
	return k.ResolveContext(context.Background(), r)
}

// ResolveContext implements authn.ContextKeychain.
func (ecrKeychain) ResolveContext(ctx context.Context, r authn.Resource) (authn.Authenticator, error) {
	at, err := api.ExtractRegistry(r.RegistryStr())
	if err != nil {
		return nil, err
	}
	options := []func(*config.LoadOptions) error{config.WithRegion(at.Region), config.WithLogger(logging.Nop{})}
	if at.FIPS {
		options = append(options, config.WithUseFIPSEndpoint(aws.FIPSEndpointStateEnabled))
	}
	loaded, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, err
	}
	found, err := api.DefaultClientFactory{}.NewClientWithOptions(api.Options{Config: loaded}).GetCredentials(r.RegistryStr())
	if err != nil {
		return nil, err
	}
	return authn.FromConfig(authn.AuthConfig{Username: found.Username, Password: found.Password}), nil
}
