package assemble

import (
	"slices"

	"github.com/layerpack/layerpack/internal/registry"
	"github.com/layerpack/layerpack/internal/transport"
)

// newClient makes the run's one registry client.
func newClient(h Host) (*registry.Client, error) {
	plain := func(host string) bool { return slices.Contains(h.PlainHTTP, host) }
	http, err := transport.New(transport.Options{
		Version: h.Version, Getenv: h.Getenv, CA: h.CA, PlainHTTP: plain,
	})
	if err != nil {
		return nil, err
	}
	return registry.New(registry.Options{Transport: http, Keychain: h.Keychain, PlainHTTP: plain}), nil
}

// announce tells the client what this run will ask for, so that one token does for all.
func (r *run) announce() {
	if ref := r.build.Base.Ref; ref != nil {
		r.client.Announce(false, ref.Context())
	}
	for _, d := range r.build.Destinations {
		r.client.Announce(true, d.Repository)
	}
}
