package prefect

import (
	"fmt"
	"strings"
	"testing"
)

// told are the findings of a file in short: line, E or W, and what.
func told(t *testing.T, text string) []string {
	t.Helper()
	f, err := Read([]byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var out []string
	for _, g := range f.Findings(usualLayout) {
		level := "E"
		if g.Warning {
			level = "W"
		}
		if g.Why == "" || g.Fix == "" {
			t.Errorf("%+v", g)
		}
		out = append(out, fmt.Sprintf("%d %s %s", g.Line, level, g.What))
	}
	return out
}

// matches reports whether each finding begins as wanted, in any order.
func matches(got []string, want string) bool {
	var all []string
	if want != "" {
		all = strings.Split(want, "|")
	}
	for _, w := range all {
		ok := false
		for _, g := range got {
			ok = ok || strings.HasPrefix(g, w)
		}
		if !ok {
			return false
		}
	}
	return len(got) == len(all)
}

// What a step prints is the image: each of these was run by run_shell_script of 2.11, 2.20 and 3.8.
func TestFindingsOfScripts(t *testing.T) {
	for _, c := range []struct{ script, want string }{
		{"layerpack -t r/shop", ""},
		{"layerpack build --print digest --tag=r/shop -o oci:x", ""},
		{"layerpack -t r/shop --json", "5 E the step says --json"},
		{"layerpack --json=true -t r/shop", "5 E the step says --json"},
		{"layerpack --json=false -t r/shop", ""},
		{"layerpack -t r/shop --cmd --json", ""},
		{"layerpack -qv -t r/shop --dry-run", "5 E the step says --dry-run"},
		{"layerpack --base b", "5 E the step has no -t"},
		{"layerpack -o oci:x", "5 E the step has no -t"},
		{"layerpack {{ $WORDS }}", ""},
		{"layerpack --base b {{ $WORDS }}", ""},
		{"layerpack plan -t r/shop", "5 E the step runs layerpack plan, which makes no image"},
		{"layerpack check", "5 E the step runs layerpack check, which makes no image"},
		{"'{{ $DIR }}/layerpack {{ $VERB }} -t r/shop'", ""},
		{"layerpack -t r/shop --label a=b --env 'P=$HOME'", "5 W the script names the variable $HOME"},
		{"layerpack -t r/shop --cmd '${HOME}'", "5 W the script names the variable ${HOME}"},
		{"layerpack -t r/shop:$TAG", "5 E the script names the variable $TAG"},
		{"layerpack --base=$BASE -t r/shop --env 'P=$HOME'", "5 E the script names the variable $BASE"},
		{"layerpack -t r/shop $MORE", "5 E the script names the variable $MORE"},
		{"layerpack -t r/shop --env P=$5", ""},
		{"layerpack -t r/shop --env P=$HOME\n    expand_env_vars: true", ""},
		{"|\n      # the image\n      layerpack -t r/shop", "5 E the script has a comment"},
		{"|\n      # the image\n      layerpack -t r/shop\n    shell: true", ""},
		{"|\n      layerpack -t r/shop # the image", "5 E the script has \"#\" behind the command"},
		{"layerpack -t r/shop --label '#' --cmd '#x'", ""},
		{"|\n      layerpack -t r/a\n      layerpack -t r/b", "5 E the script runs layerpack 2 times"},
		{"|\n      layerpack login r -u u\n      layerpack -t r/b", "5 W the script that runs layerpack has 2 commands"},
		{"|\n      echo building\n      layerpack -t r/b", "5 E the script that runs layerpack prints something else too, with echo"},
		{"|\n      echo\n      layerpack -t r/b\n      echo ''", "5 W the script that runs layerpack has 3 commands"},
		{"|\n      echo building >&2\n      layerpack -t r/b\n    shell: true", "5 W the script that runs layerpack has 2 commands"},
		{"|\n      cd sub\n      layerpack -t r/b", "5 E the script uses \"cd\"|5 W the script that runs layerpack has 2 commands"},
		{"cd sub && layerpack -t r/b", "5 E the script uses \"cd\""},
		{"exec layerpack -t r/b", "5 E the script uses \"exec\""},
		{"cd sub && layerpack -t r/b\n    shell: true", "5 W the step runs layerpack within another command"},
		{"bash -c 'cd sub && layerpack -t r/b'", "5 W the step runs layerpack within another command"},
		{"bash -c 'layerpack -t r/b'", "5 W the step runs layerpack within another command"},
		{"make image", ""},
		{"make layerpack-image", ""},
	} {
		text := strings.Replace(project, "layerpack -t r/shop", c.script, 1)
		if got := told(t, text); !matches(got, c.want) {
			t.Errorf("%s: %q, want %s", c.script, got, c.want)
		}
	}
}

// Where the image is written out, what the step prints does not matter, and other verbs are steps like any other.
func TestFindingsOfScriptsThatAreNotTheImage(t *testing.T) {
	for script, want := range map[string]string{
		"layerpack -t r/shop --json":                        "",
		"|\n      echo building\n      layerpack -t r/shop": "",
		"layerpack -t r/shop --dry-run":                     "5 W the step says --dry-run",
		"layerpack check":                                   "",
		"cd sub && layerpack -t r/shop":                     "",
	} {
		text := strings.NewReplacer("layerpack -t r/shop", script, "\"{{ build-image.stdout }}\"", "r/shop").Replace(project)
		if got := told(t, text); !matches(got, want) {
			t.Errorf("%s: %q, want %s", script, got, want)
		}
	}
}

func TestFindingsOfShell(t *testing.T) {
	text := strings.Replace(project, "layerpack -t r/shop", "layerpack -t r/shop\n    shell: true", 1)
	for version, want := range map[string]string{"2.20.25": "7 E the step says shell: true", "3.6.22": "7 E the step says shell: true", "3.6.23": "", "3.6": "", "3.7": "", "4.0": "", "null": ""} {
		if got := told(t, "prefect-version: "+version+"\n"+text); !matches(got, want) {
			t.Errorf("%s: %q, want %s", version, got, want)
		}
	}
}

func TestArguments(t *testing.T) {
	for text, want := range map[string]string{
		"-t a --tag=b -tc -t=d":             "tag=a tag=b tag=c tag=d",
		"-qvt a --json --dry-run=false":     "quiet= verbose= tag=a json= dry-run=false",
		"--base -t x":                       "base=-t =x",
		"-x a - -- --json":                  "=-x =a =- =--json",
		"-t":                                "tag=",
		"--no-deps --pip a --wheels=b=c -U": "no-deps= pip=a wheels=b=c upgrade=",
	} {
		var got []string
		for _, a := range arguments(strings.Fields(text)) {
			got = append(got, a.name+"="+a.value)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q", text, got)
		}
	}
}
