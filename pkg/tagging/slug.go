package tagging

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// maxTag is the length of the longest tag (distribution-spec, "Pulling manifests").
const maxTag = 128

// Slug writes text as Prefect does in names that it makes up: flow files, image names and
// time stamps of Prefect 1, default tags of Prefect 2 and 3. It is slugify of python-slugify 4
// to 8, and of later releases as they are by default, with text-unidecode, which they require:
// lower-case ASCII letters and digits with single - between them. Nothing may be left.
func Slug(text string) string {
	return cleaned(strings.ToLower(spelled(text)), func(c byte) bool {
		return isLower(c) || isDigit(c)
	})
}

// TagSlug writes text as Prefect writes tags: like [Slug], but letters keep their case, dots and
// underscores stay, and it ends at 128 characters. A result that is empty or begins with a dot
// is no tag; [ValidTag] tells.
func TagSlug(text string) string {
	tag := cleaned(spelled(text), func(c byte) bool {
		return isLower(c) || 'A' <= c && c <= 'Z' || isDigit(c) || c == '.' || c == '_'
	})
	if len(tag) < maxTag {
		return tag
	}
	return strings.Trim(tag[:maxTag], "-")
}

// ValidTag says whether a registry takes s as a tag.
func ValidTag(s string) bool { return validTag.MatchString(s) }

// spelled brings text to what is cleaned: ASCII, but for what character references brought in.
// The order of the steps is python-slugify's, and shows: an apostrophe of the text separates
// words, one that a quotation mark became does not.
func spelled(text string) string {
	text = strings.ReplaceAll(text, "'", "-")
	if !isASCII(text) {
		text = transliterated(norm.NFKD.String(text))
	}
	text = unescaped(text)
	if !isASCII(text) {
		text = norm.NFKD.String(text)
	}
	return withoutThousands(strings.ReplaceAll(text, "'", ""))
}

// withoutThousands takes commas between digits away.
func withoutThousands(s string) string {
	if !strings.Contains(s, ",") {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		if s[i] == ',' && i > 0 && i+1 < len(s) && isDigit(s[i-1]) && isDigit(s[i+1]) {
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// cleaned writes one - for each run of bytes that may not stay, and none at the ends.
func cleaned(s string, stays func(byte) bool) string {
	var b strings.Builder
	gap := false
	for i := range len(s) {
		if !stays(s[i]) {
			gap = true
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte('-')
		}
		gap = false
		b.WriteByte(s[i])
	}
	return b.String()
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLower(c byte) bool { return 'a' <= c && c <= 'z' }
