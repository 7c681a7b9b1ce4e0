package index

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// maxNetrc bounds a netrc file, in bytes.
const maxNetrc = 1 << 20

// Netrc is what a netrc file says, as Python's netrc module reads it: of several entries for one
// machine the last counts, "default" is for all others. A nil Netrc has none.
type Netrc struct {
	machines map[string]*url.Userinfo
	other    *url.Userinfo
}

// ParseNetrc reads the text of a netrc file. No error quotes it.
func ParseNetrc(text string) (*Netrc, error) {
	if len(text) > maxNetrc {
		return nil, errors.New("netrc is larger than 1 MiB")
	}
	n := &Netrc{machines: map[string]*url.Userinfo{}}
	l := &netrcLexer{text: text, line: 1}
	word, ok := l.next()
	for ok {
		machine := ""
		switch {
		case word == "machine":
			if machine, ok = l.next(); !ok {
				return nil, l.fail("a machine without a name")
			}
		case word == "default":
		case word == "macdef":
			if _, ok = l.next(); !ok {
				return nil, l.fail("a macro without a name")
			}
			l.skipMacro()
			word, ok = l.next()
			continue
		case strings.HasPrefix(word, "#"):
			l.skipLine()
			word, ok = l.next()
			continue
		default:
			return nil, l.fail("neither machine, default nor macdef")
		}
		var user *url.Userinfo
		var err error
		if user, word, ok, err = l.entry(); err != nil {
			return nil, err
		}
		if machine == "" {
			n.other = user
		} else {
			n.machines[strings.ToLower(machine)] = user
		}
	}
	return n, nil
}

func (n *Netrc) lookup(host string) *url.Userinfo {
	if n == nil {
		return nil
	}
	if user, ok := n.machines[strings.ToLower(host)]; ok {
		return user
	}
	return n.other
}

// netrcLexer splits into words: at white space, but for what stands in double quotes; a backslash
// keeps the next character.
type netrcLexer struct {
	text     string
	at, line int
}

// entry reads what follows a machine's name, up to the word that begins the next.
func (l *netrcLexer) entry() (user *url.Userinfo, word string, ok bool, err error) {
	login, account, password := "", "", ""
	for {
		if word, ok = l.next(); !ok {
			break
		}
		if strings.HasPrefix(word, "#") {
			l.skipLine()
			continue
		}
		var to *string
		switch word {
		case "login", "user":
			to = &login
		case "account":
			to = &account
		case "password":
			to = &password
		}
		if to == nil {
			break
		}
		if *to, ok = l.next(); !ok {
			return nil, "", false, l.fail("a word without its value")
		}
	}
	if login == "" {
		login = account
	}
	return url.UserPassword(login, password), word, ok, nil
}

func (l *netrcLexer) next() (string, bool) {
	for ; l.at < len(l.text) && strings.IndexByte(" \t\r\n", l.text[l.at]) >= 0; l.at++ {
		if l.text[l.at] == '\n' {
			l.line++
		}
	}
	if l.at == len(l.text) {
		return "", false
	}
	var b strings.Builder
	quoted := l.text[l.at] == '"'
	if quoted {
		l.at++
	}
	for ; l.at < len(l.text); l.at++ {
		c := l.text[l.at]
		switch {
		case quoted && c == '"':
			l.at++
			return b.String(), true
		case !quoted && strings.IndexByte(" \t\r\n", c) >= 0:
			return b.String(), true
		case c == '\\' && l.at+1 < len(l.text):
			l.at++
			c = l.text[l.at]
		}
		b.WriteByte(c)
	}
	return b.String(), true
}

func (l *netrcLexer) skipLine() {
	if i := strings.IndexByte(l.text[l.at:], '\n'); i >= 0 {
		l.at += i
	} else {
		l.at = len(l.text)
	}
}

// skipMacro goes to the empty line that ends a macro.
func (l *netrcLexer) skipMacro() {
	if i := strings.Index(l.text[l.at:], "\n\n"); i >= 0 {
		l.at += i
	} else {
		l.at = len(l.text)
	}
}

func (l *netrcLexer) fail(cause string) error { return fmt.Errorf("netrc, line %d: %s", l.line, cause) }
