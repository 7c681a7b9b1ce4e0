package hostconfig

import "slices"

// PlainHTTP are the hosts ("name" or "name:port") that are spoken to without TLS, sorted.
func (c *Config) PlainHTTP() []string {
	var out []string
	for host, r := range c.registries {
		if r.PlainHTTP {
			out = append(out, host)
		}
	}
	slices.Sort(out)
	return out
}

// Mirrors are the places that a registry's content is read from first, in their order. Nothing is ever
// written to them.
func (c *Config) Mirrors(registry string) []string { return c.registries[canonical(registry)].Mirrors }

// InFlight is how many requests a host is sent at a time, 0 where nothing is set.
func (c *Config) InFlight(host string) int {
	if n := c.registries[canonical(host)].MaxConnections; n != nil {
		return *n
	}
	return c.connections
}

// Uploads is how many blobs a registry is sent at a time, 0 where nothing is set: two thirds of
// [Config.InFlight], so that the requests between have room.
func (c *Config) Uploads(registry string) int {
	n := c.InFlight(registry)
	if n == 0 {
		return 0
	}
	return max(1, n*2/3)
}
