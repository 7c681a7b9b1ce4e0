package transport

import (
	"net"
	"net/netip"
	"strings"
)

// Loopback reports whether a URL's host, "name", "name:port" or "[ipv6]:port", names this machine
// by its spelling alone: localhost and names below it (RFC 6761), 127.0.0.0/8 and ::1.
func Loopback(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	host = strings.TrimSuffix(host, ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
