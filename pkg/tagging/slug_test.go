package tagging

import (
	"strings"
	"testing"
	"time"
)

// What python-slugify answers; the oracle test asks it again.
func TestSlug(t *testing.T) {
	for in, want := range map[string]string{
		"":                                  "",
		"!!!":                               "",
		"My Flow":                           "my-flow",
		"my_flow":                           "my-flow",
		"a--b__c":                           "a-b-c",
		"ETL: 1,000 rows & Bob's":           "etl-1000-rows-bob-s",
		"Bob’s":                             "bobs",
		"!&& ~~ cool flow :shades:":         "cool-flow-shades",
		"Größe 東京":                          "grosse-dong-jing",
		"Привет, Ελλάδα":                    "privet-ellada",
		"데이터":                               "deiteo",
		"カタカナ":                              "katakana",
		"ﬁle Ⅻ ½ 𝔸":                         "file-xii-1-2-a",
		"a🙂b":                               "ab",
		"a\u2905b":                          "a-b",
		"&eacute;t&amp;e &#65;&#x42;":       "e-t-e-ab",
		"&amp;#65;":                         "a",
		"&apos;x&#39;y":                     "apos-xy",
		"&#1114112; &#65;":                  "1114112-65",
		"1,2,3 1,,2 a,1":                    "123-1-2-a-1",
		"\xff\xfe":                          "",
		"2023-08-18T15:25:29.12+00:00":      "2023-08-18t15-25-29-12-00-00",
		strings.Repeat("Long ", 60) + "end": strings.Repeat("long-", 60) + "end",
	} {
		if got := Slug(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestTagSlug(t *testing.T) {
	for in, want := range map[string]string{
		"feature/My_Flow.2":              "feature-My_Flow.2",
		"3.1.9-python3.12":               "3.1.9-python3.12",
		"--x--":                          "x",
		"…":                              "...",
		strings.Repeat("a", 127) + "-bc": strings.Repeat("a", 127),
		strings.Repeat("a", 200):         strings.Repeat("a", 128),
		"Größe":                          "Grosse",
	} {
		if got := TagSlug(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]bool{"": false, ".x": false, "-x": false, "x.": true, "_": true, strings.Repeat("a", 129): false} {
		if got := ValidTag(in); got != want {
			t.Errorf("%q: %v", in, got)
		}
	}
}

func TestPrefectTimeTag(t *testing.T) {
	at := time.Date(2023, 8, 18, 17, 25, 29, 123456789, time.FixedZone("", 7200))
	if got := PrefectTimeTag(at); got != "2023-08-18t15-25-29-123456-00-00" {
		t.Error(got)
	}
	if got := PrefectTimeTag(at.Truncate(time.Second)); got != "2023-08-18t15-25-29-00-00" {
		t.Error(got)
	}
}

func FuzzSlug(f *testing.F) {
	for _, s := range []string{"My Flow", "&#65;&amp;#x41;", "1,2", "Größe 東京", "’'", "\xff", strings.Repeat("a-", 100)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		slug := Slug(s)
		if strings.Trim(slug, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || strings.Trim(slug, "-") != slug || strings.Contains(slug, "--") {
			t.Fatalf("%q is %q", s, slug)
		}
		if again := Slug(slug); again != slug {
			t.Fatalf("%q is %q and then %q", s, slug, again)
		}
		tag := TagSlug(s)
		if !ValidTag(tag) && tag != "" && tag[0] != '.' {
			t.Fatalf("%q is %q", s, tag)
		}
	})
}

// How text-unidecode spells what it does not know, and what the library spells otherwise. Each line is a fact that the
// oracle test asks text-unidecode about again.
func TestTransliterated(t *testing.T) {
	for in, want := range map[string]string{
		"しちつっ シチツッ":                            "sititutu sititutu",
		"さすてと":                                 "sasuteto",
		"一二三":                                  "Yi Er San ",
		"ЄЪъ":                                  "E",
		"€ⅎℲ":                                  "EUR[?]",
		"א\u05c0ב":                             "|b",
		"\u1d80\u2c60\u2905\u3400\uabcd\ue000": strings.Repeat("[?]", 6),
		"\u02ff\u21ff\ufdff\u9fff":             strings.Repeat("[?]", 4),
		"\ufeff\uffff\u200d\u2600\u0301🙂":      "",
		"a\x00~\x7f\u0080":                     "a\x00~\x7f",
	} {
		if got := transliterated(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// Every character has a spelling in ASCII, or none.
func TestEveryCharacterIsSpelled(t *testing.T) {
	spelled := 0
	for r := range rune(0x20000) {
		s := transliterated(string(r))
		if !isASCII(s) || strings.Contains(s, "\x00") && r != 0 || r > 0xffff && s != "" {
			t.Fatalf("%U: %q", r, s)
		}
		if s != "" {
			spelled++
		}
	}
	if spelled < 47_000 {
		t.Errorf("%d characters have a spelling", spelled)
	}
}
