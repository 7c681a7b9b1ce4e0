package prefect

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestFill(t *testing.T) {
	env := map[string]string{"TAG": "r/shop:1", "EXTRA": "--label a=b", "NONE": "", "PASSWORD": "own"}
	for _, c := range []struct{ script, more, want string }{
		{"layerpack -t {{ $TAG }}", "", "[-t r/shop:1]"},
		{"layerpack -t r/x {{ $EXTRA }}", "", "[-t r/x --label a=b]"}, // filled in, then split
		{"layerpack -t r/x {{ $NONE }}", "", "[-t r/x]"},
		{"layerpack -t '{{ $EXTRA }}'", "", "[-t --label a=b]"},
		{"layerpack -t $TAG", "", "[-t $TAG]"},
		{"layerpack -t $TAG ${EXTRA} $OTHER $$TAG", "    expand_env_vars: true\n", "[-t r/shop:1 --label a=b $OTHER $TAG]"},
		{"layerpack -t $TAG", "    expand_env_vars: true\n    env: {TAG: r/step}\n", "[-t r/step] map[TAG:r/step]"},
		{"layerpack -t {{ $ABSENT }}", "", "left: {{ $ABSENT }}"},
		{"layerpack", "    env: {PASSWORD: \"{{ prefect.blocks.secret.x }}\"}\n", "[] map[PASSWORD:own]"},
		{"layerpack", "    env: {OTHER: \"{{ prefect.blocks.secret.x }}\"}\n", "left: {{ prefect.blocks.secret.x }}"},
		{"|\n      git rev-parse HEAD\n      layerpack -t r/x", "", "its script has 2 commands, of which layerpack is one"},
		{"layerpack -t r/x", "    shell: true\n", "its script is run by a shell"},
		{"layerpack -t 'r/x", "", "the script cannot be split into words: a quote is opened and not closed"},
	} {
		f, err := Read([]byte("build:\n- prefect.deployments.steps.run_shell_script:\n    id: build\n    script: " + c.script + "\n" + c.more))
		if err != nil {
			t.Fatal(err)
		}
		filled, left, err := f.Build.Steps[0].Fill(func(name string) (string, bool) { v, ok := env[name]; return v, ok })
		got := fmt.Sprint(filled.Args)
		switch {
		case err != nil:
			got = err.Error()
		case len(left) > 0:
			got = "left: " + left[0].Text
		case len(filled.Env) > 0:
			got += " " + fmt.Sprint(filled.Env)
		}
		if got != c.want {
			t.Errorf("%s\n%s: %s, want %s", c.script, c.more, got, c.want)
		}
	}
}

// Python's own answers.
func TestSubstitute(t *testing.T) {
	env := map[string]string{"A": "1", "b_2": "two", "É": "no"}
	texts := []string{"$A", "${A}", "$a", "$b_2x ${b_2}x", "$$A", "$$$A", "$1 ${1} ${A", "$É", "a$", "${}", "$A$A"}
	want := []string{"1", "1", "$a", "$b_2x twox", "$A", "$1", "$1 ${1} ${A", "$É", "a$", "${}", "11"}
	var got []string
	for _, text := range texts {
		got = append(got, substitute(text, func(name string) (string, bool) { v, ok := env[name]; return v, ok }))
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %s\nwant %s", strings.Join(got, " | "), strings.Join(want, " | "))
	}
}
