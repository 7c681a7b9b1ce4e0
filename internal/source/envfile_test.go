package source

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadEnvFile(t *testing.T) {
	dir := t.TempDir()
	text := "\ufeff# comment\r\n\r\n" +
		"A=1\r\n  \tB = no\n"
	path := dir + "/env"
	must(t, os.WriteFile(path, []byte(text), 0o644))
	_, err := ReadEnvFile(path)
	refused(t, err, path, "line 4 has white space in the name", "NAME=value")

	text = "\ufeff# comment\r\n\n  # indented\n \t\nA=1\r\n  B=\"quoted\" # kept \nC=\nA=a=b=$A\nd.e-f=x\nLAST=é"
	must(t, os.WriteFile(path, []byte(text), 0o644))
	got, err := ReadEnvFile(path)
	must(t, err)
	want := []string{"A=1", `B="quoted" # kept `, "C=", "A=a=b=$A", "d.e-f=x", "LAST=é"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, err = ReadEnvFile(dir + "/nowhere")
	refused(t, err, "nowhere", "cannot be found")
}

func TestEnvFileRefused(t *testing.T) {
	for text, says := range map[string]string{
		"A=1\nSECRET":  "line 2 is a name without a value",
		"=SECRET":      "line 1 has no name",
		"A SECRET=1":   "white space in the name",
		"A\u00a0=1":    "white space in the name",
		"A=SECRET\x00": "line 1 holds a NUL",
		"A=SECRET\xff": "line 1 is not UTF-8",
	} {
		_, err := parseEnvFile([]byte(text))
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
