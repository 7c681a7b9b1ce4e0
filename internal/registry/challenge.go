package registry

import (
	"net/http"
	"strings"
)

// challenge is one of the ways to authenticate that a server offers.
type challenge struct {
	scheme string            // lower-case: "basic", "bearer"; empty is none
	params map[string]string // names lower-case
}

// pickChallenge reads WWW-Authenticate headers and returns the one to answer, preferring bearer.
func pickChallenge(h http.Header) (challenge, bool) {
	var basic *challenge
	for _, line := range h.Values("Www-Authenticate") {
		for _, c := range parseChallenges(line) {
			switch {
			case c.scheme == "bearer" && c.params["realm"] != "":
				return c, true
			case c.scheme == "basic" && basic == nil:
				basic = &c
			}
		}
	}
	if basic != nil {
		return *basic, true
	}
	return challenge{}, false
}

// parseChallenges reads one header line, which may hold several challenges (RFC 9110, 11.6.1). It
// returns those before the first byte it cannot understand.
func parseChallenges(s string) []challenge {
	var out []challenge
	p := challengeParser{s: s}
	for {
		p.skip(" \t,")
		word := p.token()
		if word == "" {
			return out
		}
		spaced := p.skip(" \t")
		if len(out) > 0 && p.eat('=') { // a parameter of the challenge before
			p.skip(" \t")
			value, ok := p.value()
			if !ok {
				return out
			}
			last := out[len(out)-1].params
			if name := strings.ToLower(word); last[name] == "" {
				last[name] = value
			}
			continue
		}
		out = append(out, challenge{scheme: strings.ToLower(word), params: map[string]string{}})
		if spaced {
			p.token68()
		}
	}
}

type challengeParser struct{ s string }

func (p *challengeParser) skip(set string) bool {
	rest := strings.TrimLeft(p.s, set)
	skipped := len(rest) < len(p.s)
	p.s = rest
	return skipped
}

func (p *challengeParser) eat(b byte) bool {
	if p.s == "" || p.s[0] != b {
		return false
	}
	p.s = p.s[1:]
	return true
}

func (p *challengeParser) token() string {
	i := 0
	for i < len(p.s) && isTokenByte(p.s[i]) {
		i++
	}
	word := p.s[:i]
	p.s = p.s[i:]
	return word
}

// token68 skips credentials-like data after a scheme ("Negotiate abc=="), which is no parameter.
func (p *challengeParser) token68() {
	i := 0
	for i < len(p.s) && (isTokenByte(p.s[i]) || p.s[i] == '/') {
		i++
	}
	rest := strings.TrimLeft(p.s[i:], "=")
	after := strings.TrimLeft(rest, " \t")
	if i > 0 && (after == "" || after[0] == ',') {
		p.s = after
	}
}

// value is a token or a quoted string.
func (p *challengeParser) value() (string, bool) {
	if !p.eat('"') {
		// Some services leave out the quotes around a URL.
		i := strings.IndexAny(p.s, ", \t")
		if i < 0 {
			i = len(p.s)
		}
		word := p.s[:i]
		p.s = p.s[i:]
		return word, true
	}
	var b strings.Builder
	for i := 0; i < len(p.s); i++ {
		switch c := p.s[i]; {
		case c == '"':
			p.s = p.s[i+1:]
			return b.String(), true
		case c == '\\' && i+1 < len(p.s):
			i++
			b.WriteByte(p.s[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", false
}

func isTokenByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0
}
