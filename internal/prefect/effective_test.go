package prefect

import (
	"fmt"
	"strings"
	"testing"
)

func TestOlderThan(t *testing.T) {
	for text, want := range map[string]string{
		"3.7.7": "true true", "3.8.0": "false true", "3.8": "false true", "3.8.0rc1": "false true", "3.10.1": "false true", "2.20.25+4.gabc": "true true",
		"2": "true true", "3": "false false", "4": "false true", "v3.7.1": "true true", "": "false false", "null": "false false", "main": "false false", "3.x": "false false",
	} {
		older, known := read(t, "prefect-version: "+text).olderThan(3, 8, 0)
		if got := fmt.Sprint(older, " ", known); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	if older, known := read(t, "prefect-version: '3.6'").olderThan(3, 6, 23); older || known {
		t.Errorf("3.6: %t %t", older, known)
	}
}

// What prefect deploy makes of pull, as _core.py and deploy.py of 2.11.5, 2.13.6, 2.20.26, 3.7.7 and 3.8.8 have it.
func TestPullSteps(t *testing.T) {
	const dir = "\n- prefect.deployments.steps.set_working_directory: {directory: /"
	for _, c := range []struct{ file, own, old, mid, now string }{
		// "-" is a step that Prefect makes up, "" none.
		{"", "", "-", "-", "-"},
		{" null", "", "-", "-", "-"},
		{" []", "", "-", "-", ""},
		{" []", " null", "-", "-", "-"},
		{" []", " []", "-", "-", ""},
		{"", " []", "-", "-", ""},
		{dir + "f}", "", "/f", "/f", "/f"},
		{dir + "f}", " null", "-", "/f", "/f"},
		{dir + "f}", " []", "-", "/f", ""},
		{dir + "f}", dir + "d}", "/d", "/d", "/d"},
		{" []", dir + "d}", "/d", "/d", "/d"},
	} {
		for version, want := range map[string]string{"2.11.5": c.old, "2.13.4": c.old, "2.13.6": c.mid, "2.20.26": c.mid, "3.7.7": c.mid, "3.8.0": c.now, "null": c.now} {
			text := "prefect-version: " + version + "\ndeployments:\n- name: a\n"
			if c.own != "" {
				text += "  pull:" + strings.ReplaceAll(c.own, "\n", "\n  ") + "\n"
			}
			if c.file != "" {
				text += "pull:" + c.file + "\n"
			}
			f := read(t, text)
			steps, written := f.PullSteps(f.Deployments[0])
			got := ""
			if !written {
				got = "-"
			}
			for _, s := range steps {
				got += s.Input("directory").Text
			}
			if got != want {
				t.Errorf("%s\n%q, want %q", text, got, want)
			}
		}
	}
}

func TestFindingsOfPull(t *testing.T) {
	const steps = "pull:\n- prefect.deployments.steps.set_working_directory:\n    directory: /opt/prefect/shop\n"
	own := func(pull string) string { return steps + "deployments:\n- pull: " + pull + "\n  name: daily\n" }
	for _, c := range []struct{ version, to, want string }{
		{"2.20.25", "pull: []\n", "8 E pull: [] is written, and prefect-version is 2.20.25"},
		{"3.7.7", "pull: []\n", "8 E pull: [] is written, and prefect-version is 3.7.7"},
		{"3.8.0", "pull: []\n", ""},
		{"null", "pull: []\n", "8 W pull: [] means that there is no pull step to Prefect 3.8.0 and later only"},
		{"3", "pull: []\n", "8 W pull: [] means"},
		{"3.8.0", "pull: null\n", "8 E no pull step is written"},
		{"3.8.8", own("[]"), ""},
		{"null", own("[]"), "12 W pull: [] means that there is no pull step to Prefect 3.8.0 and later only"},
		{"3.7.7", own("[]"), "12 W the pull of deployment \"daily\" is [], and prefect-version is 3.7.7"},
		{"2.11.5", own("[]"), "12 E deployment \"daily\" has a pull of its own without a step"},
		{"2.11.5", own("null"), "12 E deployment \"daily\" has a pull of its own without a step"},
		{"3.8.8", own("null"), ""},
		{"3.8.8", strings.Replace(own("null"), steps, "pull: []\n", 1), "10 E deployment \"daily\" has a pull of null, which takes the file's [] back"},
	} {
		text := strings.Replace(project, steps, c.to, 1)
		if strings.Contains(c.to, "deployments:") {
			text = strings.Replace(text, c.to+"deployments:\n- name: daily\n", c.to, 1)
		}
		if got := told(t, "prefect-version: "+c.version+"\n"+text); !matches(got, c.want) {
			t.Errorf("%s, %s: %q, want %s", c.version, c.to, got, c.want)
		}
	}
}

// Where [] may mean nothing to the Prefect that deploys, Init writes what holds for all.
func TestInitWritesPullForOldPrefect(t *testing.T) {
	for version, written := range map[string]bool{"2.20.25": true, "3.7.7": true, "null": true, "3.8.0": false, "3.9": false} {
		text := "prefect-version: " + version + "\npull: []\n"
		o := InitOptions{Command: []string{"-t", "r/x"}, Pull: "/opt/prefect/shop"}
		got, err := Init([]byte(text), o)
		if err != nil {
			t.Fatal(err)
		}
		if f := read(t, string(got)); f.Pull.Empty == written || (len(f.Pull.Steps) == 1) != written {
			t.Errorf("%s:\n%s", version, got)
		}
		if again, err := Init(got, o); err != nil || string(again) != string(got) {
			t.Errorf("%s, again: %v\n%s", version, err, again)
		}
	}
}
