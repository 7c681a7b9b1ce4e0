package packages

import (
	"strings"
	"testing"

	"github.com/layerpack/layerpack/internal/spec"
)

// TestInstallOrder: what is needed comes before what needs it, else the lines decide, in files before words, and the names
// never.
func TestInstallOrder(t *testing.T) {
	s := &shelf{wheels: append(plain("a 1", "b 1", "c 1", "z 1"),
		pure("needs", "1", "z", "b"), pure("deep", "1", "needs"), pure("ping", "1", "pong"), pure("pong", "1", "ping"),
		pure("more", "1", `c; extra == "x"`+"\nProvides-Extra: x"),
	)}
	files := map[string]string{"r.txt": "c\nb\n", "more.txt": "a\n-r r.txt\n"}
	for _, c := range []struct {
		words spec.Packages
		want  string
	}{
		{spec.Packages{Words: []string{"a b"}}, "a b"},
		{spec.Packages{Words: []string{"b a"}}, "b a"},
		{spec.Packages{Words: []string{"b", "a"}}, "b a"},
		{spec.Packages{Words: []string{"needs"}}, "b z needs"},
		{spec.Packages{Words: []string{"needs z"}}, "b z needs"},
		{spec.Packages{Words: []string{"z needs"}}, "z b needs"},
		{spec.Packages{Words: []string{"c deep a"}}, "c b z needs deep a"},
		{spec.Packages{Words: []string{"deep", "b"}}, "b z needs deep"},
		{spec.Packages{Words: []string{"pong ping"}}, "ping pong"},
		{spec.Packages{Words: []string{"ping pong"}}, "pong ping"},
		{spec.Packages{Words: []string{"more[x] a"}}, "c more a"},
		{spec.Packages{Words: []string{"a b a"}}, "a b"},
		{spec.Packages{Words: []string{"z"}, Files: []string{"more.txt"}}, "a c b z"},
		{spec.Packages{Words: []string{"b a"}, Constraints: []string{"r.txt"}}, "b a"},
	} {
		for range 3 {
			found, err := newProject(t, files, c.words, s).Find(t.Context(), debian())
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, w := range found.Wheels {
				got = append(got, w.Name)
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%v: %q, want %q", c.words.Words, got, c.want)
			}
		}
	}
}
