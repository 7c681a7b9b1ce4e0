package assemble

import (
	"slices"

	"github.com/layerpack/layerpack/internal/registry"
	"github.com/layerpack/layerpack/internal/transport"
)

// newClient makes the run's one registry client.
func newClient(h Host) (*registry.Client, error) {
	plain := func(host string) bool { return slices.Contains(h.PlainHTTP, host) }
	forHTTP := transport.Options{Version: h.Version, Getenv: h.Getenv, CA: h.CA, PlainHTTP: plain}
	o := registry.Options{Keychain: h.Keychain, PlainHTTP: plain}
	if h.Hosts != nil {
		forHTTP.HostTLS, forHTTP.InFlight = h.Hosts.HostTLS, h.Hosts.InFlight
		o.Mirrors, o.Uploads = h.Hosts.Mirrors, h.Hosts.Uploads
	}
	http, err := transport.New(forHTTP)
	if err != nil {
		return nil, err
	}
	o.Transport = http
	return registry.New(o), nil
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
