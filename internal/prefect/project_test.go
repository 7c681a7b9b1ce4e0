package prefect

import (
	"os"
	"strings"
	"testing"
)

func TestProjectName(t *testing.T) {
	for text, want := range map[string]string{
		"":                                 "",
		"# only a comment\n":               "",
		"---\n":                            "",
		"~":                                "",
		"null":                             "",
		"{}":                               "",
		"name: shop\n":                     "shop",
		"---\nname: shop\n...\n":           "shop",
		"\ufeffname: shop\r\npull:\r\n":    "shop",
		"{name: shop, pull: null}":         "shop",
		"'name': \"weekly orders\"":        "weekly orders",
		"name:":                            "",
		"name: ~":                          "",
		"name: null":                       "",
		"name: \"null\"":                   "null",
		"name: ''":                         "",
		"name: 2024":                       "2024",
		"name: 1.50":                       "1.50",
		"name: yes":                        "yes",
		"name: größe 東京":                   "größe 東京",
		"name: \"{{ $X }}\"":               "{{ $X }}",
		"name: |\n  two\n  lines\n":        "two\nlines\n",
		"prefect-version: 2\nfile: a":      "",
		"deployments:\n- name: inner":      "",
		"name: first\nname: second":        "second",
		"name: first\nname: ~":             "",
		"x: &n shop\nname: *n":             "shop",
		"name: shop\npull: !custom {a: b}": "shop",
		"? [name]\n: a\n? name\n: b":       "b",
		"NAME: a\nName: b":                 "",
	} {
		if got, err := ProjectName([]byte(text)); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
}

func TestProjectNameRefused(t *testing.T) {
	for text, want := range map[string]string{
		"name: [a":        "not YAML that Prefect could read: ",
		"\tname: a":       "not YAML that Prefect could read: ",
		"name: *nowhere":  "not YAML that Prefect could read: ",
		"name: \xff":      "not YAML that Prefect could read: ",
		"- name: a":       "not what Prefect could read: it is no mapping of keys to values",
		"shop":            "not what Prefect could read: it is no mapping of keys to values",
		"\nname: {{ x }}": "line 2: the name is no text; write name: NAME, in quotes where it has braces",
		"name: [a, b]":    "line 1: the name is no text; write name: NAME, in quotes where it has braces",
		"name: {a: b}":    "line 1: the name is no text; write name: NAME, in quotes where it has braces",
	} {
		if got, err := ProjectName([]byte(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %q, %v; want %s", text, got, err, want)
		}
	}
}

// A file as `prefect init --recipe docker` writes it.
func TestProjectNameOfARecipe(t *testing.T) {
	text, err := os.ReadFile("testdata/prefect.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ProjectName(text); err != nil || got != "weekly-orders" {
		t.Errorf("%q, %v", got, err)
	}
}

// A few bytes that stand for billions must cost nothing.
func TestAliasesAreNotExpanded(t *testing.T) {
	var b strings.Builder
	b.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := range 20 {
		n := string(rune('a' + i))
		prev := "a0"
		if i > 0 {
			prev = string(rune('a'+i-1)) + "1"
		}
		b.WriteString(n + "1: &" + n + "1 [" + strings.Repeat("*"+prev+", ", 9) + "*" + prev + "]\n")
	}
	b.WriteString("name: shop\n")
	if got, err := ProjectName([]byte(b.String())); err != nil || got != "shop" {
		t.Errorf("%q, %v", got, err)
	}
}

func FuzzProjectName(f *testing.F) {
	for _, s := range []string{"name: a", "x: &n a\nname: *n", "name: {{ x }}", "&a [*a]", "name: &n\n  - *n", "? : ?", "--- !!set"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		name, err := ProjectName(text)
		if err != nil && name != "" {
			t.Errorf("both %q and %v", name, err)
		}
	})
}
