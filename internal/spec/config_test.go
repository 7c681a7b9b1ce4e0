package spec

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerpack/layerpack/pkg/manifest"
)

func TestConfig(t *testing.T) {
	b := mustNew(t, flags(func(f *Flags) {
		f.Env = []string{"A=1", "B=", "A=x=y $z", "d.e-f=é\nline"}
		f.Labels, f.Annotations = []string{"l=1", "m="}, []string{"org.example/x=a=b"}
		f.PythonPath = []string{"/lib/", "/opt//more", "/lib", "/opt/prefect/shop"}
		f.WorkDir, f.User = "/srv//work/", "app:1000"
	}))
	want := manifest.Edits{
		Env:        []manifest.KV{{Key: "A", Value: "1"}, {Key: "B", Value: ""}, {Key: "A", Value: "x=y $z"}, {Key: "d.e-f", Value: "é\nline"}},
		PythonPath: []string{"/lib", "/opt/more", "/opt/prefect/shop"},
		WorkingDir: "/srv/work", User: "app:1000",
		Labels: []manifest.KV{{Key: "l", Value: "1"}, {Key: "m", Value: ""}},
	}
	if diff := cmp.Diff(want, b.Edits); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]manifest.KV{{Key: "org.example/x", Value: "a=b"}}, b.Annotations); diff != "" {
		t.Errorf("annotations (-want +got):\n%s", diff)
	}
}

func TestConfigRefused(t *testing.T) {
	for _, c := range []struct {
		change func(*Flags)
		want   string
	}{
		{func(f *Flags) { f.Env = []string{"A=1", "NOVALUE"} }, "--env NOVALUE: write NAME=VALUE"},
		{func(f *Flags) { f.Env = []string{"A=1", "=secret"} }, "--env: number 2 has no name before its =; write NAME=VALUE"},
		{func(f *Flags) { f.Env = []string{"A B=secret"} }, `--env "A B": not a name that a variable can have`},
		{func(f *Flags) { f.Env = []string{"A\u00a0=secret"} }, `--env "A\u00a0": not a name that a variable can have`},
		{func(f *Flags) { f.Env = []string{"A\x00=secret"} }, `--env "A\x00": not a name that a variable can have`},
		{func(f *Flags) { f.Env = []string{"A\xff=secret"} }, `--env "A\xff": not a name that a variable can have`},
		{func(f *Flags) { f.Env = []string{"A=secret\x00"} }, "--env A: the value has a NUL byte or is not UTF-8, and an image can hold neither"},
		{func(f *Flags) { f.Env = []string{"A=secret\xff"} }, "--env A: the value has a NUL byte or is not UTF-8, and an image can hold neither"},
		{func(f *Flags) { f.Labels = []string{"=x"} }, "--label =x: write NAME=VALUE"},
		{func(f *Flags) { f.Labels = []string{"x"} }, "--label x: write NAME=VALUE"},
		{func(f *Flags) { f.Labels = []string{"x=\xff"} }, `--label "x=\xff": not UTF-8`},
		{func(f *Flags) { f.Labels = []string{"dev.layerpack.x=1"} }, "--label dev.layerpack.x: names beginning dev.layerpack. are layerpack's own"},
		{func(f *Flags) { f.Annotations = []string{"x"} }, "--annotation x: write NAME=VALUE"},
		{func(f *Flags) { f.Annotations = []string{"dev.layerpack.plan=1"} }, "--annotation dev.layerpack.plan: names beginning dev.layerpack. are layerpack's own"},
		{func(f *Flags) { f.PythonPath = []string{"lib"} }, "--pythonpath lib: write an absolute path of the image"},
		{func(f *Flags) { f.PythonPath = []string{"/a:/b"} }, "--pythonpath /a:/b: write one folder for each --pythonpath"},
		{func(f *Flags) { f.PythonPath = []string{"/a/../b"} }, `--pythonpath /a/../b: write it without ".."`},
		{func(f *Flags) { f.PythonPath = []string{""} }, "--pythonpath : write an absolute path of the image"},
		{func(f *Flags) { f.WorkDir = "work" }, "--workdir work: write an absolute path of the image"},
		{func(f *Flags) { f.WorkDir = "/a/.." }, `--workdir /a/..: write it without ".."`},
		{func(f *Flags) { f.User = "a b" }, "--user a b: write USER or USER:GROUP, names or numbers"},
		{func(f *Flags) { f.User = "1000:" }, "--user 1000:: write USER or USER:GROUP, names or numbers"},
		{func(f *Flags) { f.User = ":0" }, "--user :0: write USER or USER:GROUP, names or numbers"},
		{func(f *Flags) { f.User = "-1" }, "--user -1: write USER or USER:GROUP, names or numbers"},
		{func(f *Flags) { f.User = "a\n" }, "--user a\n: write USER or USER:GROUP, names or numbers"},
		{
			func(f *Flags) { f.Env, f.PythonPath = []string{"PYTHONPATH=/x"}, []string{"/y"} },
			"PYTHONPATH is set by --env and by --pythonpath or --target; use --pythonpath alone, once for each folder",
		},
	} {
		wants(t, c.change, c.want)
	}
}

func TestWords(t *testing.T) {
	for name, c := range map[string]struct{ given, want *[]string }{
		"not given":          {nil, nil},
		"one word":           {&[]string{"sh -c x"}, &[]string{"sh -c x"}},
		"words":              {&[]string{"sh", "-c", "", "[x"}, &[]string{"sh", "-c", "", "[x"}},
		"empty":              {&[]string{""}, &[]string{}},
		"JSON":               {&[]string{` ["sh", "-c", "a \"b\"", ""]`}, &[]string{"sh", "-c", `a "b"`, ""}},
		"empty JSON":         {&[]string{"[]"}, &[]string{}},
		"JSON among others":  {&[]string{"echo", `["x"]`}, &[]string{"echo", `["x"]`}},
		"test's other name":  {&[]string{"[", "-f", "x", "]"}, &[]string{"[", "-f", "x", "]"}},
		"no JSON but a word": {&[]string{"null"}, &[]string{"null"}},
	} {
		b := mustNew(t, flags(func(f *Flags) { f.Entrypoint, f.Cmd = c.given, c.given }))
		if diff := cmp.Diff([]*[]string{c.want, c.want}, []*[]string{b.Edits.Entrypoint, b.Edits.Cmd}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for given, want := range map[string]string{
		`["python`:    `--cmd ["python: not a JSON list of strings: unexpected end of JSON input`,
		`["a", 1]`:    `--cmd ["a", 1]: not a JSON list of strings: json: cannot unmarshal number into Go value of type string`,
		`["a", null]`: `--cmd ["a", null]: not a JSON list of strings: it has a null`,
		`["a"] b`:     `--cmd ["a"] b: not a JSON list of strings: invalid character 'b' after top-level value`,
		`["", "a"]`:   "--cmd: the first word, the program, is empty",
		`["a\u0000"]`: `--cmd "a\x00": not a word that a program can be given`,
		"a\xff":       `--cmd "a\xff": not a word that a program can be given`,
	} {
		wants(t, func(f *Flags) { f.Cmd = &[]string{given} }, want)
	}
	wants(t, func(f *Flags) { f.Entrypoint = &[]string{"", "x"} }, "--entrypoint: the first word, the program, is empty")
}

func TestAddEnv(t *testing.T) {
	kv := func(k, v string) manifest.KV { return manifest.KV{Key: k, Value: v} }
	b := mustNew(t, flags(func(f *Flags) { f.Env = []string{"A=flag"} }))
	for range 2 { // a build that is planned and then run reads its files twice
		if err := b.AddEnv([]manifest.KV{kv("A", "file"), kv("B", "file")}); err != nil {
			t.Fatal(err)
		}
		want := []manifest.KV{kv("A", "file"), kv("B", "file"), kv("A", "flag")}
		if diff := cmp.Diff(want, b.Edits.Env); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	// A whole PYTHONPATH from a file takes the source's folder off it, and comes back without the file.
	if err := b.AddEnv([]manifest.KV{kv("PYTHONPATH", "/x")}); err != nil || b.Edits.PythonPath != nil {
		t.Errorf("PYTHONPATH %v beside the user's, %v", b.Edits.PythonPath, err)
	}
	if err := b.AddEnv(nil); err != nil || !cmp.Equal(b.Edits.PythonPath, []string{"/opt/prefect/shop"}) {
		t.Errorf("PYTHONPATH %v, %v", b.Edits.PythonPath, err)
	}
	b = mustNew(t, flags(func(f *Flags) { f.PythonPath = []string{"/y"} }))
	if err := b.AddEnv([]manifest.KV{kv("PYTHONPATH", "/x")}); err == nil {
		t.Error("a file and --pythonpath both set PYTHONPATH")
	}
}

func TestWarnings(t *testing.T) {
	b := mustNew(t, flags(func(f *Flags) {
		f.NoSource = true
		f.Env = []string{"PYTHONPATH=/x:$PYTHONPATH", "H=${HOME}/secret", "PRICE=5$", "X=$1 $ ${} ${1}", "PASS=pa$$word"}
	}))
	if err := b.AddEnv([]manifest.KV{{Key: "F", Value: "$LITERAL"}}); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"--env PYTHONPATH=…: values are literal, $PYTHONPATH is not expanded; write --pythonpath DIR to put a folder in front of the base's value",
		"--env H=…: values are literal, ${HOME} is not expanded; write the value out, or let your shell expand it (double quotes instead of single)",
		"--env PASS=…: values are literal, $word is not expanded; write the value out, or let your shell expand it (double quotes instead of single)",
	}
	if diff := cmp.Diff(want, b.Warnings()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if w := mustNew(t, flags(nil)).Warnings(); w != nil {
		t.Errorf("without a reason: %s", strings.Join(w, "; "))
	}
}
