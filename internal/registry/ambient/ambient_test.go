package ambient

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
)

// Which cloud is asked for a registry; most are asked of none.
func TestEachCloudForItsOwn(t *testing.T) {
	for host, want := range map[string]string{
		"123456789012.dkr.ecr.eu-west-1.amazonaws.com":      "ecr",
		"123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn":  "ecr",
		"123456789012.dkr.ecr-fips.us-east-1.amazonaws.com": "ecr",
		"123456789012.dkr-ecr.eu-west-1.on.aws":             "ecr",
		"gcr.io":                                            "google",
		"eu.gcr.io":                                         "google",
		"europe-west1-docker.pkg.dev":                       "google",
		"team.azurecr.io":                                   "acr",
		"team.westeurope.azurecr.io":                        "acr",
		"mirror.gcr.io":                                     "",
		"public.ecr.aws":                                    "",
		"mcr.microsoft.com":                                 "",
		"index.docker.io":                                   "",
		"ghcr.io":                                           "",
		"quay.io":                                           "",
		"localhost:5000":                                    "",
		"team.azurecr.io.evil.example":                      "",
		"evil.example:443":                                  "",
		"azurecr.io":                                        "",
		"123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.example": "",
		"x123456789012.dkr.ecr.eu-west-1.amazonaws.com":             "",
		"us-docker.pkg.dev.evil.example":                            "",
		"evilgcr.io":                                                "",
		"fonts.google.com":                                          "",
	} {
		got := ""
		for i, k := range Keychains() {
			if k.(*gate).hosts.MatchString(host) {
				got += []string{"ecr", "google", "acr"}[i]
			}
		}
		if got != want {
			t.Errorf("%s: asked of %q, want %q", host, got, want)
		}
	}
}

// Another's registry opens no keychain at all: nothing could reach a metadata service.
func TestOthersOpenNothing(t *testing.T) {
	for _, k := range Keychains() {
		k.(*gate).open = func() authn.Keychain {
			t.Error("a keychain was opened")
			return authn.DefaultKeychain
		}
		for _, host := range []string{"index.docker.io", "ghcr.io", "registry.example", "127.0.0.1:5000"} {
			reg, err := name.NewRegistry(host)
			if err != nil {
				t.Fatal(err)
			}
			if auth, err := k.Resolve(reg); auth != authn.Anonymous || err != nil {
				t.Errorf("%s: %v, %v", host, auth, err)
			}
		}
	}
}

// fake is a cloud.
type fake func() (authn.Authenticator, error)

func (f fake) Resolve(authn.Resource) (authn.Authenticator, error) { return f() }

func TestGate(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	known := authn.FromConfig(authn.AuthConfig{Username: "AWS", Password: "pw"})
	reg, err := name.NewRegistry("team.azurecr.io")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		what string
		ask  fake
		want bool
	}{
		{"knows", func() (authn.Authenticator, error) { return known, nil }, true},
		{"does not", func() (authn.Authenticator, error) { return authn.Anonymous, nil }, false},
		{"fails", func() (authn.Authenticator, error) { return nil, errors.New("no metadata service") }, false},
		{"hangs", func() (authn.Authenticator, error) { <-release; return known, nil }, false},
	} {
		g := &gate{hosts: acrHosts(), timeout: 20 * time.Millisecond, open: func() authn.Keychain { return tt.ask }}
		auth, err := g.ResolveContext(t.Context(), reg)
		if err != nil || (auth != authn.Anonymous) != tt.want {
			t.Errorf("%s: %v, %v", tt.what, auth, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	g := &gate{hosts: acrHosts(), timeout: time.Minute, open: func() authn.Keychain {
		return fake(func() (authn.Authenticator, error) { <-release; return known, nil })
	}}
	if _, err := g.ResolveContext(ctx, reg); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// A broken AWS configuration is no identity, and no panic.
func TestBrokenAWSConfiguration(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(file, []byte("[profile x]\nsource_profile = x\nrole_arn = y\n[profile"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CONFIG_FILE", file)
	t.Setenv("AWS_PROFILE", "none")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	reg, err := name.NewRegistry("123456789012.dkr.ecr.eu-west-1.amazonaws.com")
	if err != nil {
		t.Fatal(err)
	}
	if auth, err := Keychains()[0].Resolve(reg); auth != authn.Anonymous || err != nil {
		t.Errorf("%v, %v", auth, err)
	}
	if _, err := (ecrKeychain{}).Resolve(reg); err == nil {
		t.Error("an identity out of nothing")
	}
}
