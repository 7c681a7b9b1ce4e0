//go:build oracle

package pipwheel

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// readTexts is what pip calls to read the three texts of a wheel.
const readTexts = `
import csv, email, importlib.metadata, json, re, sys
for line in sys.stdin:
    kind, text = json.loads(line)
    try:
        if kind == "header":
            got = ["%s=%s" % (k.lower(), re.sub(r"\s*[\r\n]\s*", " ", v).strip()) for k, v in email.message_from_string(text).items()]
        elif kind == "record":
            got = ["|".join((row + ["", ""])[:3]) for row in csv.reader(text.splitlines()) if row]
        else:
            found = {}
            for e in importlib.metadata.EntryPoints._from_text_for(text, None):
                if e.group in ("console_scripts", "gui_scripts"):
                    found[e.group + " " + e.name] = "%s:%s" % (e.module, e.attr)
            got = ["%s=%s" % pair for pair in found.items()]
    except Exception as e:
        got = ["failed: %r" % e]
    print(json.dumps(got))
`

// TestPythonReadsTheSame generates texts and wants of them what Python makes of them, unless we
// refuse them.
func TestPythonReadsTheSame(t *testing.T) {
	words := map[string][]string{
		"header": {"Name", ": ", ":", "\n", "\n", "\r\n", "\r", " ", "\t", "From ", "Requires-Dist: x", "é", "text", "A:", "b", "\n C", "\n\n"},
		"record": {"a.py", ",", ",", "sha256=x", "\n", "\r\n", `"`, `""`, `"b,c"`, " ", "é", "1", "../x", "d", `","`},
		"entries": {
			"[console_scripts]\n", "[gui_scripts]\n", "[other]\n", "a = b:c\n", "  d = e.f:g.h [x]\r\n", "A=b:c", "\n", "# x\n", " ", "\t",
			"=", "[", "]", ":", "é", "i = j:k[l]\r", "[[console_scripts]]\n", "a.b-c_d = e:f\n",
		},
	}
	var kinds, texts []string
	var in bytes.Buffer
	enc := json.NewEncoder(&in)
	random := rand.New(rand.NewPCG(1, 2))
	for _, kind := range []string{"header", "record", "entries"} {
		for range 20_000 {
			var b strings.Builder
			for range 1 + random.IntN(14) {
				b.WriteString(words[kind][random.IntN(len(words[kind]))])
			}
			if err := enc.Encode([]string{kind, b.String()}); err != nil {
				t.Fatal(err)
			}
			kinds, texts = append(kinds, kind), append(texts, b.String())
		}
	}
	compared, refused := map[string]int{}, map[string]int{}
	out := bufio.NewScanner(bytes.NewReader(python(t, &in)))
	for i := 0; out.Scan(); i++ {
		var want []string
		if err := json.Unmarshal(out.Bytes(), &want); err != nil {
			t.Fatal(err)
		}
		got, err := readText(kinds[i], texts[i])
		if err != nil {
			if refused[kinds[i]]++; kinds[i] == "entries" && !strings.Contains(fmt.Sprint(want), "failed: ") && !strings.Contains(fmt.Sprint(want), ":None") {
				t.Errorf("%s %q: %v, Python reads %q", kinds[i], texts[i], err, want)
			}
			continue
		}
		compared[kinds[i]]++
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s %q: %q, Python reads %q", kinds[i], texts[i], got, want)
		}
	}
	for _, kind := range []string{"header", "record", "entries"} {
		t.Logf("%s: %d texts read the same, %d refused", kind, compared[kind], refused[kind])
		if compared[kind]+refused[kind] != 20_000 || compared[kind] < 5_000 {
			t.Errorf("%s: too few comparisons", kind)
		}
	}
}

func python(t *testing.T, in *bytes.Buffer) []byte {
	t.Helper()
	name := os.Getenv("PYTHON3")
	if name == "" {
		name = "python3"
	}
	cmd := exec.Command(name, "-c", readTexts)
	cmd.Stdin, cmd.Stderr = in, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the oracle needs Python 3: %v (install it, or name it in PYTHON3)", err)
	}
	return out
}

// readText writes what we read in the words of the script.
func readText(kind, text string) ([]string, error) {
	var got []string
	switch kind {
	case "header":
		h, err := ReadHeader(strings.NewReader(text))
		for name, values := range h {
			for _, v := range values {
				got = append(got, name+"="+v)
			}
		}
		return got, err
	case "record":
		rows, err := scanRecord(strings.NewReader(text), false, 0)
		for _, row := range rows {
			got = append(got, row.Path+"|"+row.Hash+"|"+row.Size)
		}
		return got, err
	}
	s, err := readEntryPoints(strings.NewReader(text))
	for _, e := range s.console {
		got = append(got, fmt.Sprintf("console_scripts %s=%s:%s", e.Name, e.Module, e.Attr))
	}
	for _, e := range s.gui {
		got = append(got, fmt.Sprintf("gui_scripts %s=%s:%s", e.Name, e.Module, e.Attr))
	}
	return got, err
}
