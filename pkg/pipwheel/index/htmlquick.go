package index

import "bytes"

// quick reads a page that is as plain as indexes make theirs: lower-case tags that hold no text of
// their own rules, attributes in double quotes. Of anything else it reports false, and the page is
// read anew by the rules of HTML, of which these are a part; that takes some times as long.
func (p *htmlPage) quick(body []byte) bool {
	inTitle := false
	for p.err == nil {
		i := bytes.IndexByte(body, '<')
		if i < 0 {
			return len(body) <= maxToken && !inTitle
		}
		if body = body[i:]; i > maxToken {
			return false
		}
		if inTitle && !bytes.HasPrefix(body, []byte("</title>")) {
			return false
		}
		inTitle = false
		rest, name, ok := p.quickTag(body)
		if !ok || len(body)-len(rest) > maxToken {
			return false
		}
		switch name {
		case "a", "base", "meta":
			p.tag(name)
		case "title":
			inTitle = true
		}
		body = rest
	}
	return true
}

// quickTag reads what begins with "<". The name is that of a start tag.
func (p *htmlPage) quickTag(b []byte) (rest []byte, name string, ok bool) {
	for _, whole := range [...]string{"</a>", "<br/>", "<br />", "<!DOCTYPE html>"} {
		if bytes.HasPrefix(b, []byte(whole)) {
			return b[len(whole):], "", true
		}
	}
	if comment, found := bytes.CutPrefix(b, []byte("<!--")); found {
		i := bytes.IndexAny(comment, "-<>")
		if i < 0 || !bytes.HasPrefix(comment[i:], []byte("-->")) {
			return nil, "", false
		}
		return comment[i+3:], "", true
	}
	n := 1
	end := len(b) > 1 && b[1] == '/'
	if end {
		n++
	}
	start := n
	for n < len(b) && (b[n] >= 'a' && b[n] <= 'z' || b[n] >= '0' && b[n] <= '9') {
		n++
	}
	if name = plainTag(b[start:n]); name == "" {
		return nil, "", false
	}
	if end {
		return b[min(n+1, len(b)):], "", n < len(b) && b[n] == '>'
	}
	rest, ok = p.quickAttributes(b[n:])
	return rest, name, ok
}

// plainTag returns the name of a tag behind which no other rules begin; nothing for others.
func plainTag(name []byte) string {
	for _, plain := range [...]string{"a", "br", "meta", "base", "title", "html", "head", "body", "h1", "h2", "p", "hr", "pre", "ul", "li", "div", "span", "link"} {
		if string(name) == plain {
			return plain
		}
	}
	return ""
}

// quickAttributes reads up to the end of a tag.
func (p *htmlPage) quickAttributes(b []byte) (rest []byte, ok bool) {
	p.attrs = p.attrs[:0]
	for {
		spaces := len(b)
		b = bytes.TrimLeft(b, " \n\t")
		spaces -= len(b)
		switch {
		case len(b) > 0 && b[0] == '>':
			return b[1:], true
		case len(b) > 1 && b[0] == '/' && b[1] == '>':
			return b[2:], true
		case spaces == 0:
			return nil, false
		}
		n := 0
		for n < len(b) && (b[n] >= 'a' && b[n] <= 'z' || b[n] == '-') {
			n++
		}
		key := b[:n]
		if b = b[n:]; n == 0 || len(b) == 0 {
			return nil, false
		}
		var value []byte
		if b[0] == '=' {
			if len(b) < 2 || b[1] != '"' {
				return nil, false
			}
			i := bytes.IndexByte(b[2:], '"')
			if i < 0 {
				return nil, false
			}
			if value, ok = plainValue(b[2 : 2+i]); !ok {
				return nil, false
			}
			b = b[3+i:]
		} else if next := bytes.TrimLeft(b, " \n\t"); len(next) == 0 || next[0] == '=' {
			return nil, false
		}
		p.attrs.add(key, value)
	}
}

// plainValue unescapes the five characters that everybody escapes.
func plainValue(b []byte) ([]byte, bool) {
	if bytes.ContainsAny(b, "\x00\r") {
		return nil, false
	}
	i := bytes.IndexByte(b, '&')
	if i < 0 {
		return b, true
	}
	out := append([]byte(nil), b[:i]...)
	for b = b[i:]; len(b) > 0; {
		if b[0] != '&' {
			out, b = append(out, b[0]), b[1:]
			continue
		}
		before := len(b)
		for _, e := range [...]struct{ from, to string }{{"&gt;", ">"}, {"&lt;", "<"}, {"&amp;", "&"}, {"&#34;", `"`}, {"&#39;", "'"}, {"&quot;", `"`}} {
			if rest, ok := bytes.CutPrefix(b, []byte(e.from)); ok {
				out, b = append(out, e.to...), rest
				break
			}
		}
		if len(b) == before {
			return nil, false
		}
	}
	return out, true
}
