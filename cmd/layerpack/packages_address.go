package main

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// checkIndex checks the address of an index. Its errors begin with the address, without credentials.
func checkIndex(text string) error {
	remote, err := isURL(text)
	if err == nil && !remote {
		err = errors.New("no URL; write https://HOST/PATH, or file:///PATH for an index in a folder")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", shown(text), err)
	}
	return nil
}

// linkPlace is a value of --find-links: a URL, or an absolute path.
type linkPlace struct {
	text  string
	local bool // a path
}

// linksPlace checks a value of --find-links. Paths are relative to the working folder.
func linksPlace(text string) (linkPlace, error) {
	remote, err := isURL(text)
	if err != nil {
		return linkPlace{}, fmt.Errorf("%s: %w", shown(text), err)
	}
	if remote {
		return linkPlace{text: text}, nil
	}
	path, err := filepath.Abs(text)
	if err != nil {
		return linkPlace{}, fmt.Errorf("%s: finding the working folder: %w", shown(text), err)
	}
	return linkPlace{text: path, local: true}, nil
}

// isURL reports whether text is a URL rather than a path; the error says what is wrong with it, and does not quote it.
func isURL(text string) (bool, error) {
	scheme, rest, _ := strings.Cut(text, ":")
	scheme = strings.ToLower(scheme)
	switch {
	case text == "":
		return false, errors.New("the address is empty")
	case strings.ContainsAny(text, " \t\r\n\x00") && strings.Contains(text, "://"):
		return false, errors.New("a URL with white space in it; give the flag once for each")
	case scheme != "http" && scheme != "https" && scheme != "file":
		if strings.HasPrefix(rest, "//") {
			return false, errors.New("neither http, https nor file")
		}
		return false, nil
	}
	u, err := url.Parse(text)
	switch {
	case err != nil: // it quotes the text
		return false, errors.New("no URL that can be understood; characters with a meaning in URLs are written as %XX in a password")
	case scheme == "file" && (u.Host != "" && u.Host != "localhost" || !strings.HasPrefix(u.Path, "/")):
		return false, errors.New("names no place on this machine; write file:///PATH")
	case scheme != "file" && u.Hostname() == "":
		return false, errors.New("a URL without a host")
	}
	return true, nil
}

// shown is an address as it may stand in a message: what could be a secret is left out.
func shown(text string) string {
	if u, err := url.Parse(text); err == nil && u.Host != "" {
		return strconv.Quote((&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String())
	}
	if strings.ContainsAny(text, "@?") {
		return "(an address that is not shown, as it may hold a password)"
	}
	return strconv.Quote(text)
}

// checkHost checks "host" or "host:port". An IPv6 address stands in brackets.
func checkHost(text string) error {
	u, err := url.Parse("//" + text)
	if err != nil || u.Host != text || u.Hostname() == "" || strings.ContainsAny(text, " \t@") || strings.HasSuffix(text, ":") {
		return fmt.Errorf("%s: write HOST or HOST:PORT, without a scheme or a path", shown(text))
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return fmt.Errorf("%s: %s is no port", shown(text), port)
		}
	}
	return nil
}

// lastDay reads a moment that what is newer is left out from. A date means its whole day, as for
// uv, but of UTC: the machine's time zone must not show in a result.
func lastDay(text string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t.UTC(), nil
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day.AddDate(0, 0, 1), nil
	}
	return time.Time{}, fmt.Errorf("%q: write a date, as in 2026-01-31, or a time with its zone, as in 2026-01-31T12:00:00Z (RFC 3339)", text)
}
