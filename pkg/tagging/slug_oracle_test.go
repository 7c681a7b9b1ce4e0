//go:build oracle

package tagging

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

// TestEveryCharacter compares both slugs of every character of the basic plane, between letters and between digits, with
// what Prefect makes of them, and the spelling of every one that NFKD leaves as it is with text-unidecode's. This is how
// to check the list of spelledElsewise: with a line too few or a wrong one, characters differ here.
func TestEveryCharacter(t *testing.T) {
	questions := []question{{ask: []any{"spellings"}}}
	for r := range rune(0x10000) {
		if isSurrogate(r) {
			continue
		}
		name := "A" + string(r) + "b 1" + string(r) + "2"
		questions = append(questions,
			question{ask: []any{"slug", name}, got: Slug(name)},
			question{ask: []any{"tag slug", name}, got: TagSlug(name)})
	}
	answers := ask(t, newPrefect(t, 2), questions)
	judgeSpellings(t, answers[0].Is)
	judge(t, questions[1:], answers[1:])
}

func judgeSpellings(t *testing.T, answer any) {
	t.Helper()
	all, ok := answer.([]any)
	if !ok || len(all) != 0x10000 {
		t.Fatalf("%d spellings", len(all))
	}
	compared, differ := 0, 0
	for c, is := range all {
		r := rune(c)
		if isSurrogate(r) || norm.NFKD.String(string(r)) != string(r) {
			continue
		}
		want, ok := is.(string)
		if !ok {
			t.Fatalf("%U: %v", r, is)
		}
		compared++
		if got := transliterated(string(r)); withoutSpace(got) != withoutSpace(want) {
			differ++
			t.Errorf("%U is %q, text-unidecode says %q", r, got, want)
		}
	}
	t.Logf("%d spellings, %d differ", compared, differ)
	if compared < 40_000 {
		t.Error("too few characters")
	}
}

// withoutSpace takes away the space after a mark for what is unknown: transliterated writes none.
func withoutSpace(spelling string) string {
	if strings.HasPrefix(spelling, unknown) {
		return unknown
	}
	return spelling
}

// isSurrogate says whether r is half a character of UTF-16, which no text of Go holds.
func isSurrogate(r rune) bool { return 0xd800 <= r && r <= 0xdfff }
