package tagging

import (
	"strings"
	"unicode/utf8"

	"github.com/gosimple/unidecode"
)

// unknown is how text-unidecode spells what it does not know, where it does not leave it out. Some
// such characters get a space after it, which no slug shows.
const unknown = "[?]"

// transliterated spells the characters of decomposed text in ASCII as text-unidecode 1.3 does, but
// for that space. What is outside the basic plane has no spelling.
//
// Two things are ours, as the library behind it knows other characters, and leaves out what it does
// not know: which characters are unknown, and the list of [spelledElsewise]. TestEveryCharacter
// (go test -tags oracle) asks text-unidecode about every character.
func transliterated(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r < utf8.RuneSelf {
			b.WriteRune(r)
			continue
		}
		spelling, listed := spelledElsewise(r)
		switch {
		case listed:
		case inUnknownBlock(r):
			spelling = unknown
		default:
			spelling = unidecode.Unidecode(string(r))
			if spelling == "" && endsPage(r) {
				spelling = unknown
			}
		}
		b.WriteString(spelling)
	}
	return b.String()
}

// inUnknownBlock says whether text-unidecode knows nothing of the 256 characters around r: letters
// added to Unicode after version 3 (Limbu to phonetic extensions, Glagolitic and Coptic, Vai and
// others), supplemental arrows and operators, rare ideographs, private use.
func inUnknownBlock(r rune) bool {
	switch page := r >> 8; {
	case page == 0x08,
		0x19 <= page && page <= 0x1d,
		0x29 <= page && page <= 0x2d,
		0x34 <= page && page <= 0x4c,
		0xa5 <= page && page <= 0xab,
		0xe0 <= page && page <= 0xf8:
		return true
	}
	return false
}

// endsPage says whether r is the last of 256 characters. There text-unidecode, whose pages are one
// short, marks as unknown what it leaves out elsewhere; the last pages, of presentation forms and
// specials, are whole.
func endsPage(r rune) bool { return r&0xff == 0xff && r < 0xfe00 }

// spelledElsewise lists the characters that text-unidecode spells in another way than the library:
// Japanese in the Kunrei style, not Hepburn's, and some others.
func spelledElsewise(r rune) (spelling string, listed bool) {
	switch r {
	case 'し', 'シ':
		return "si", true
	case 'ち', 'チ':
		return "ti", true
	case 'つ', 'っ', 'ツ', 'ッ':
		return "tu", true
	case '一':
		return "Yi ", true
	case 'Є':
		return "E", true
	case 'Ъ', 'ъ', 'Ⅎ':
		return "", true
	case '\u05c0': // Hebrew punctuation paseq
		return "|", true
	case 'ẜ', 'ẝ':
		return "s", true
	case 'ẟ':
		return "d", true
	case '€':
		return "EUR", true
	case 'ⅎ':
		return unknown, true
	}
	return "", false
}
