package prefect

import (
	"fmt"
	"reflect"
	"testing"
)

func TestPlaceholders(t *testing.T) {
	for text, want := range map[string]string{
		"": "[]", "plain": "[]", "{{}}": "[]", "{{ a b }}": "[]", "{ { a } }": "[]", "{{ a | upper }}": "[]", "{{ a": "[]",
		"{{ build-image.stdout }}":             "[{build-image.stdout 0}]",
		"{{build_image.image}}":                "[{build_image.image 0}]",
		"{{ a.tags[0] }}":                      "[{a.tags[0] 0}]",
		"r/{{ $NAME }}:{{ $TAG }}":             "[{NAME 3} {TAG 3}]",
		"{{ prefect.blocks.secret.pw }}":       "[{prefect.blocks.secret.pw 1}]",
		"{{ prefect.variables.image }}":        "[{prefect.variables.image 2}]",
		"{{\tgröße\n}} {{ prefect.other }}":    "[{größe 0} {prefect.other 0}]",
		"{{{ $X }}}":                           "[{X 3}]",
		"$X {{ x.y }} ${X} {{ $Y }} {{ $$Z }}": "[{x.y 0} {Y 3} {Z 3}]",
	} {
		var got []any
		for _, p := range (Value{Text: text}).Placeholders() {
			got = append(got, struct {
				n string
				k PlaceholderKind
			}{p.Name, p.Kind})
		}
		if fmt.Sprint(got) != want {
			t.Errorf("%q: %v, want %s", text, got, want)
		}
		if is := (Value{Text: text}).IsTemplate(); is != (want != "[]") {
			t.Errorf("%q: a template: %t", text, is)
		}
	}
}

func TestExpand(t *testing.T) {
	env := func(name string) (string, bool) {
		v, ok := map[string]string{"REG": "registry.example.org", "EMPTY": "", "TRAP": "{{ $REG }}"}[name]
		return v, ok
	}
	for text, want := range map[string]string{
		"a": "a", "{{ $REG }}/x:{{$REG}}": "registry.example.org/x:registry.example.org", "a{{ $EMPTY }}b": "ab", "{{ $TRAP }}": "{{ $REG }}",
	} {
		if got, left := Expand(text, env); got != want || left != nil {
			t.Errorf("%q: %q, %v", text, got, left)
		}
	}
	got, left := Expand("{{ $REG }}/{{ commit.stdout }}:{{ $NONE }}{{ prefect.variables.v }}", env)
	want := []Placeholder{{"{{ commit.stdout }}", "commit.stdout", StepOutput}, {"{{ $NONE }}", "NONE", EnvironmentOf}, {"{{ prefect.variables.v }}", "prefect.variables.v", PrefectVar}}
	if got != "registry.example.org/{{ commit.stdout }}:{{ $NONE }}{{ prefect.variables.v }}" || !reflect.DeepEqual(left, want) {
		t.Errorf("%q %v", got, left)
	}
	if got, left := Expand("{{ $REG }}", nil); got != "{{ $REG }}" || len(left) != 1 {
		t.Errorf("%q %v", got, left)
	}
}
