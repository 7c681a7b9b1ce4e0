package prefect

import (
	"strings"
	"testing"
)

// What PyYAML's safe loader makes of each: TestPythonReadsWhatWeRead asks it.
func TestReadable(t *testing.T) {
	for text, want := range map[string]string{
		"name: shop\t# c\n":                       "prefect.yaml, line 1: a tab stands between words, in column 11",
		"name:\tshop\n":                           "prefect.yaml, line 1: a tab",
		"a: b\nname: two\twords\n":                "prefect.yaml, line 2: a tab",
		"name: shop\t\n":                          "prefect.yaml, line 1: a tab",
		"name: 'a'\t\n":                           "prefect.yaml, line 1: a tab",
		"größe: [a,\tb]\n":                        "prefect.yaml, line 1: a tab",
		"name: !!python/object:os.x shop\n":       "prefect.yaml, line 1: Prefect's reader knows no tag !!python/object:os.x",
		"a:\n- !ref b\n":                          "prefect.yaml, line 2: Prefect's reader knows no tag !ref",
		"# a\tb\nname: shop #\tc\n":               "",
		"name: \"a\tb\\\"\tc\" # '\t\n":           "",
		"name: 'a\tb''\tc'\n":                     "",
		"a: |\n  b\tc\n  \t\n  d\n# e\tf\nb: c\n": "",
		"a: !!str [b]\n":                          "prefect.yaml, line 1: Prefect's reader knows no tag !!str there",
		"a: !!seq {b: }\n":                        "prefect.yaml, line 1: Prefect's reader knows no tag !!seq there",
		"a: >- # c\td\n  b\tc\n":                  "",
		"name: !!str 1\nb: ! c\n":                 "",
		"x: &x {a: b}\nc:\n  <<: *x\n":            "",
		"a: b#\nc: d\n":                           "",
	} {
		_, err := Read([]byte(text))
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}
