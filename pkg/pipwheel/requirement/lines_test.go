package requirement

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

func TestLogicalLines(t *testing.T) {
	for _, c := range []struct {
		text string
		want []line
	}{
		{"a\n\n# x\nb # y\n  c\t#z\nd#e\n", []line{{1, "a"}, {4, "b"}, {5, "c"}, {6, "d#e"}}},
		{"a \\\n  b\nc", []line{{1, "a   b"}, {3, "c"}}},
		{"a\\\n\\b\\\nc", []line{{1, "abc"}}},
		{"a \\\n# comment\nb", []line{{1, "a"}, {3, "b"}}},
		{"# comment \\\nb", []line{{2, "b"}}},
		{"a # comment \\\nb", []line{{1, "a"}}},
		{"a \\", []line{{1, "a"}}},
		{"a\r\nb\rc\vd\fe\u2028f\u0085g", []line{{1, "a"}, {2, "b"}, {3, "c"}, {4, "d"}, {5, "e"}, {6, "f"}, {7, "g"}}},
		{"https://h/x#egg=y #z", []line{{1, "https://h/x#egg=y"}}},
		{"a\u00a0# comment", []line{{1, "a"}}},
		{"\\\n\\\n", nil},
	} {
		if got := logicalLines(c.text); !slices.Equal(got, c.want) {
			t.Errorf("%q: %v", c.text, got)
		}
	}
}

func TestDecode(t *testing.T) {
	wide := func(order string) string {
		var b strings.Builder
		for _, u := range utf16.Encode([]rune("ä\U0001f600")) {
			hi, lo := byte(u>>8), byte(u)
			if order == "little" {
				hi, lo = lo, hi
			}
			b.WriteByte(hi)
			b.WriteByte(lo)
		}
		return b.String()
	}
	for data, want := range map[string]string{
		"ä":                                         "ä",
		"\xef\xbb\xbfä":                             "ä",
		"\xff\xfe" + wide("little"):                 "ä\U0001f600",
		"\xfe\xff" + wide("big"):                    "ä\U0001f600",
		"\xff\xfe\x00\x00\xe4\x00\x00\x00":          "ä",
		"\x00\x00\xfe\xff\x00\x00\x00\xe4":          "ä",
		"# -*- coding: latin-1 -*-\n\xe4":           "# -*- coding: latin-1 -*-\nä",
		"#\n# vim: set fileencoding=cp1252 :\n\x80": "#\n# vim: set fileencoding=cp1252 :\n€",
		"# coding: utf-8\nä":                        "# coding: utf-8\nä",
		"a\n\n# coding: latin-1\n":                  "a\n\n# coding: latin-1\n",
	} {
		if got, err := decode([]byte(data)); err != nil || got != want {
			t.Errorf("%q: %q, %v", data, got, err)
		}
	}
	for data, want := range map[string]string{
		"a\xe4":                            "offset 1 is not UTF-8",
		"# coding: ascii\nä":               "not ASCII",
		"# coding: shift_jis\n":            "save it as UTF-8",
		"# coding: utf-8\n\xe4":            "not UTF-8",
		"\xff\xfea":                        "even number",
		"\xff\xfe\x00\x00a":                "multiple of four",
		"\xff\xfe\x00\x00\xff\xff\xff\xff": "no character",
		"#\n#\n# coding: latin-1\n\xe4":    "not UTF-8",
	} {
		if got, err := decode([]byte(data)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %q, %v", data, got, err)
		}
	}
}

func TestSplitWords(t *testing.T) {
	for text, want := range map[string][]string{
		`a "b c" 'd "e'`:      {"a", "b c", `d "e`},
		`a\ b "c\"d\e" ''`:    {"a b", `c"d\e`, ""},
		"\t a\n b\r ":         {"a", "b"},
		`--x="a b" '\n' a"b"`: {"--x=a b", `\n`, "ab"},
	} {
		if got, err := splitWords(text); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{`"a`, `a\`, `'`} {
		if got, err := splitWords(text); err == nil {
			t.Errorf("%s: %q", text, got)
		}
	}
}
