package tagging

import (
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// htmlNames are the character references of HTML 4 (section 24), which is what python-slugify
// knows: later ones, &apos; among them, stay as they are.
const htmlNames = `
	AElig Aacute Acirc Agrave Alpha Aring Atilde Auml Beta Ccedil Chi Dagger Delta ETH Eacute Ecirc Egrave Epsilon Eta Euml Gamma Iacute Icirc Igrave Iota
	Iuml Kappa Lambda Mu Ntilde Nu OElig Oacute Ocirc Ograve Omega Omicron Oslash Otilde Ouml Phi Pi Prime Psi Rho Scaron Sigma THORN Tau Theta Uacute
	Ucirc Ugrave Upsilon Uuml Xi Yacute Yuml Zeta aacute acirc acute aelig agrave alefsym alpha amp and ang aring asymp atilde auml bdquo beta brvbar bull
	cap ccedil cedil cent chi circ clubs cong copy crarr cup curren dArr dagger darr deg delta diams divide eacute ecirc egrave empty emsp ensp epsilon
	equiv eta eth euml euro exist fnof forall frac12 frac14 frac34 frasl gamma ge gt hArr harr hearts hellip iacute icirc iexcl igrave image infin int
	iota iquest isin iuml kappa lArr lambda lang laquo larr lceil ldquo le lfloor lowast loz lrm lsaquo lsquo lt macr mdash micro middot minus mu nabla
	nbsp ndash ne ni not notin nsub ntilde nu oacute ocirc oelig ograve oline omega omicron oplus or ordf ordm oslash otilde otimes ouml para part permil
	perp phi pi piv plusmn pound prime prod prop psi quot rArr radic rang raquo rarr rceil rdquo real reg rfloor rho rlm rsaquo rsquo sbquo scaron sdot
	sect shy sigma sigmaf sim spades sub sube sum sup sup1 sup2 sup3 supe szlig tau there4 theta thetasym thinsp thorn tilde times trade uArr uacute uarr
	ucirc ugrave uml upsih upsilon uuml weierp xi yacute yen yuml zeta zwj zwnj`

var (
	namedReference   = regexp.MustCompile(`&[0-9A-Za-z]+;`)
	decimalReference = regexp.MustCompile(`&#([0-9]+);`)
	hexReference     = regexp.MustCompile(`&#x([0-9a-fA-F]+);`)
)

// unescaped reads character references: names, then decimal numbers, then hexadecimal ones. One
// may bring forth another of a later kind.
func unescaped(text string) string {
	if !strings.Contains(text, "&") {
		return text
	}
	names := strings.Fields(htmlNames)
	text = namedReference.ReplaceAllStringFunc(text, func(ref string) string {
		if !slices.Contains(names, ref[1:len(ref)-1]) {
			return ref
		}
		return html.UnescapeString(ref)
	})
	return numbered(numbered(text, decimalReference, 10), hexReference, 16)
}

// numbered reads all numeric references of one kind, or none if one of them is beyond Unicode.
func numbered(text string, kind *regexp.Regexp, base int) string {
	beyond := false
	read := kind.ReplaceAllStringFunc(text, func(ref string) string {
		n, err := strconv.ParseUint(kind.FindStringSubmatch(ref)[1], base, 64)
		if err != nil || n > unicode.MaxRune {
			beyond = true
			return ref
		}
		return string(rune(n))
	})
	if beyond {
		return text
	}
	return read
}
