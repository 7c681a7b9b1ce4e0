package pipwheel

import (
	"fmt"
	"net/url"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// directURLFile is the file of the metadata folder that says by which URL a distribution was
// asked for ("Recording the Direct URL Origin of installed distributions", PEP 610).
const directURLFile = "direct_url.json"

// RecordedURL returns what direct_url.json holds of the URL or path by which a user named a
// wheel: an http or https URL as it was written, but without user, password, fragment and empty
// query, and its scheme in lower case. A query stays, as with pip. The result of a result is itself.
//
// It is empty for all else, so that nothing is recorded: pip writes the absolute path of a local
// file, which would bring the machine that builds into the image. An http or https URL that
// cannot be read gives a [refusal.Error], which does not show the URL.
func RecordedURL(named string) (string, error) {
	scheme, rest, ok := strings.Cut(named, ":")
	scheme = strings.ToLower(scheme)
	if !ok || scheme != "http" && scheme != "https" {
		return "", nil
	}
	rest, _, _ = strings.Cut(rest, "#")
	rest, ok = strings.CutPrefix(rest, "//")
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	host, file := rest[:end], rest[end:]
	host = host[strings.LastIndexByte(host, '@')+1:]
	if strings.IndexByte(file, '?') == len(file)-1 {
		file = strings.TrimSuffix(file, "?")
	}
	clean := scheme + "://" + host + file
	if u, err := url.Parse(clean); err != nil || !ok || u.Hostname() == "" || !utf8.ValidString(clean) {
		return "", refusal.New("", "the URL that names the wheel is malformed (it is not shown, as it may hold a password)",
			"write it as https://HOST/PATH/NAME.whl, special characters percent-encoded")
	}
	return clean, nil
}

// directURL returns the text of direct_url.json as pip writes it, with keys in order, the older
// "hash" beside "hashes" and no line end; empty where there is nothing to record.
//
// pip repeats the digest of the URL's fragment, of whatever algorithm, and takes the SHA-256 only
// without one; here it is always the SHA-256.
func (h How) directURL() (string, error) {
	recorded, err := RecordedURL(h.DirectURL)
	if err != nil || recorded == "" {
		return "", err
	}
	if len(h.SHA256) != 64 || strings.Trim(h.SHA256, "0123456789abcdef") != "" {
		return "", fmt.Errorf("recording %s needs the wheel's SHA-256 as 64 hex digits in lower case, not %q", recorded, clip(h.SHA256))
	}
	return fmt.Sprintf(`{"archive_info": {"hash": "sha256=%[1]s", "hashes": {"sha256": "%[1]s"}}, "url": %s}`,
		h.SHA256, asciiJSON(recorded)), nil
}

// asciiJSON writes a text of printable characters as Python's json module does by default: what
// is not ASCII as \u with UTF-16 units.
func asciiJSON(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case ' ' <= r && r <= '~':
			b.WriteRune(r)
		default:
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, `\u%04x`, unit)
			}
		}
	}
	b.WriteByte('"')
	return b.String()
}
