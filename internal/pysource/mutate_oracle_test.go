//go:build oracle

package pysource

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
)

// fragments are what random sources are made of: whatever decides where strings, brackets, blocks
// and targets end.
func fragments() []string {
	return strings.Split("x|y|t'|tr\"|except A, B:\n  y\n|try:\n  x\n|1|.5|0x1f|1e3j|'a'|\"b\"|'''c'''|\"\"\"d\n\"\"\"|f'|f\"|rf'|f'''|'|\"|'''|{|}|{{|}}|{x}|{x!r}|{x:>{y}}|{x=}|{|:|!r|=|:=|==|!=|(|)|[|]|(|)|,|.|...|*|**|->|@|-|"+
		" |  |\t| \\\n|\n|\n|\n|\n  |\n    |\n\t|\n\f|#c\n|;|:\n  |:\n    |: |"+
		"lambda |lambda x: |lambda: | if | else | for | in |import x|from x import y| as |import |if x:\n  |else:\n  |def f():\n  |def f(x=1, *y): |class A:\n  |class A(B): |"+
		"try:\n  x\nexcept E:\n  y\n|with x as y:\n  |for x in y:\n  |while x: |match x:\n  case |match |case |case x: y|type |type X = |del x|global x|return|@x\n|async |await |yield |not |pass|None|print|_|async for |"+
		"x = |x, y = |(x, [y]) = |x: int = |x.y = |x[y] = |*x, y = |x += |(x := |\\N{DASH}|\\{|\\'|\\|é|b''|u''|rb\"\"", "|")
}

// TestRandomSources compares with ast on random sources: what ast takes must be taken, with the same
// imports and names.
func TestRandomSources(t *testing.T) {
	const sources = 150000
	list := fragments()
	for version, python := range pythons(t) {
		t.Run(version, func(t *testing.T) {
			r := rand.New(rand.NewPCG(2, uint64(parseVersion(version)[1])))
			var texts []string
			for range sources {
				var b strings.Builder
				for range r.IntN(9) + 1 {
					b.WriteString(list[r.IntN(len(list))])
				}
				line, err := json.Marshal(b.String())
				if err != nil {
					t.Fatal(err)
				}
				texts = append(texts, string(line))
			}
			taken, refused := 0, 0
			for i, a := range ask(t, python, texts) {
				var src string
				if err := json.Unmarshal([]byte(texts[i]), &src); err != nil {
					t.Fatal(err)
				}
				f, err := Parse(src, []byte(src), Env{Python: version})
				switch {
				case a.Error != "":
					if err != nil || len(f.Newer) > 0 {
						refused++
					}
				case err != nil:
					t.Errorf("%q: %v", src, err)
				case len(f.Newer) > 0:
					t.Errorf("%q: %v", src, f.Newer)
				default:
					taken++
					compareAST(t, f, a)
				}
			}
			t.Logf("%d sources, %d taken by ast and here, %d refused by both", sources, taken, refused)
		})
	}
}
