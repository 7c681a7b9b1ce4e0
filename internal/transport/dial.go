package transport

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"syscall"
)

// place is how near an address is; a larger one is nearer.
type place int

const (
	public place = iota
	private
	linkLocal // cloud metadata services live here
	loopback
)

func (p place) String() string {
	return [...]string{"public", "private", "link-local", "loopback"}[p]
}

func placeOf(ip netip.Addr) place {
	ip = ip.Unmap()
	switch {
	case ip.IsLoopback(), ip.IsUnspecified():
		return loopback
	case ip.IsLinkLocalUnicast():
		return linkLocal
	case ip.IsPrivate():
		return private
	}
	return public
}

// places is the dial policy. A server that we were asked to talk to may be anywhere. A server
// named by another server (a redirect, a token realm, an upload's location) may not be nearer than
// the one that named it, judged by the addresses after name resolution: a registry in the internet
// cannot make us talk to a metadata service or to this machine.
type places struct {
	seen sync.Map // "host:port" -> place, of what was dialed
}

// RefusedError is a connection that the dial policy does not allow.
type RefusedError struct {
	Host, Address string // what was to be dialed, by name and resolved
	Origin        string // the server that named it
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s sends us to %s, which is at the internal address %s; refused", e.Origin, e.Host, e.Address)
}

type originKey struct{}

// origin names the server on whose word a request goes to addr.
type origin struct{ addr, from string }

// WithOrigin marks the context of a request whose address came from a server, not from the user:
// from is the URL of the server that named it. Redirects are marked by [Follow].
func WithOrigin(ctx context.Context, to, from *url.URL) context.Context {
	if SameOrigin(to, from) {
		return ctx
	}
	return context.WithValue(ctx, originKey{}, origin{addr: hostPort(to), from: hostPort(from)})
}

type dialFunc func(ctx context.Context, network, addr string) (net.Conn, error)

// dial remembers where each host turned out to be.
func (p *places) dial(d *net.Dialer) dialFunc {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := d.DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		if at, err := netip.ParseAddrPort(conn.RemoteAddr().String()); err == nil {
			p.seen.Store(addr, placeOf(at.Addr()))
		}
		return conn, nil
	}
}

// control runs for every resolved address before it is connected to. Requests that go through a
// proxy carry no origin here (see Client.once): where they end is the proxy's to judge.
func (p *places) control(ctx context.Context, _, address string, _ syscall.RawConn) error {
	o, ok := ctx.Value(originKey{}).(origin)
	if !ok {
		return nil
	}
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil
	}
	from := public // also where a proxy stands between: then the server is not known to be near
	if v, ok := p.seen.Load(o.from); ok {
		from = v.(place)
	}
	if placeOf(at.Addr()) > from {
		return &RefusedError{Host: o.addr, Address: at.Addr().String(), Origin: o.from}
	}
	return nil
}

// SameOrigin reports whether two URLs have one scheme, host and port.
func SameOrigin(a, b *url.URL) bool { return a.Scheme == b.Scheme && hostPort(a) == hostPort(b) }

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}
