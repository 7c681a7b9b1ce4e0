package pysource

import (
	"slices"
	"strings"
	"testing"
)

func TestStandard(t *testing.T) {
	for _, c := range []struct {
		module, python, platform string
		want                     bool
	}{
		{"sys", "3.8", "linux", true},
		{"json", "3.14.1", "linux", true},
		{"distutils", "3.11.9", "linux", true},
		{"distutils", "3.12", "linux", false},
		{"tomllib", "3.10", "linux", false},
		{"tomllib", "3.11", "linux", true},
		{"imp", "3.12", "linux", false},
		{"cgi", "3.13", "linux", false},
		{"zoneinfo", "3.8", "linux", false},
		{"dataclasses", "3.6", "linux", false},
		{"compression", "3.14", "linux", true},
		{"compression", "3.99", "linux", true},
		{"winreg", "3.11", "linux", false},
		{"winreg", "3.11", "win32", true},
		{"winreg", "3.11", "", true},
		{"winreg", "", "linux", false},
		{"distutils", "", "linux", true},
		{"__future__", "3.8", "linux", true},
		{"_thread", "3.8", "linux", true},
	} {
		m, ok := Standard(c.module)
		if !ok || m.Name != c.module || m.In(Env{Python: c.python, Platform: c.platform}) != c.want {
			t.Errorf("%+v: %+v", c, m)
		}
	}
	for _, name := range []string{"numpy", "", "sys 6", "sy", "ys", "14", "json.decoder", "test"} {
		if m, ok := Standard(name); ok {
			t.Errorf("%q: %+v", name, m)
		}
	}
	if m, _ := Standard("distutils"); m.Removed != "3.12" || m.Added != "" {
		t.Errorf("%+v", m)
	}
	if m, _ := Standard("tomllib"); m.Removed != "" || m.Added != "3.11" {
		t.Errorf("%+v", m)
	}
}

func TestDistribution(t *testing.T) {
	for module, want := range map[string]string{
		"yaml": "PyYAML", "cv2": "opencv-python-headless", "sklearn.linear_model": "scikit-learn", "PIL.Image": "pillow", "bs4": "beautifulsoup4",
		"dotenv": "python-dotenv", "google.cloud.storage": "google-cloud-storage", "google.cloud.storage.blob": "google-cloud-storage", "prefect_aws": "prefect-aws",
		"azure.storage.blob.aio": "azure-storage-blob", "distutils.util": "setuptools", "ruamel.yaml": "ruamel.yaml",
	} {
		if got, known := Distribution(module); got != want || !known {
			t.Errorf("%s: %q %v", module, got, known)
		}
	}
	for module, want := range map[string]string{
		"pandas.io": "pandas", "my_module": "my-module", "google.cloud.new_thing.x": "google-cloud-new-thing", "azure.new": "azure-new", "": "", "googlex": "googlex",
	} {
		if got, known := Distribution(module); got != want || known {
			t.Errorf("%s: %q %v", module, got, known)
		}
	}
	f := parse(t, "from google.cloud import storage\nfrom google.cloud import some_new\nfrom yaml import load\nfrom . import yaml\nfrom PIL import *\nimport google.cloud.bigquery\nfrom azure import other\n")
	var got []string
	for _, im := range f.Imports {
		name, _ := im.Distribution()
		got = append(got, name)
	}
	if want := []string{"google-cloud-storage", "google-cloud-some-new", "PyYAML", "", "pillow", "google-cloud-bigquery", "azure-other"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// rows returns what a table has for each module.
func rows(table string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(table) {
		module, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		out[module] = rest
	}
	return out
}

// TestTables checks that each line of the tables adds something.
func TestTables(t *testing.T) {
	for name, table := range map[string]string{"stdlib": stdlib, "distributions": distributions} {
		all := rows(table)
		if lines := strings.Count(table, "\n"); lines < 200 || lines != len(all) {
			t.Errorf("%s: %d lines for %d modules", name, lines, len(all))
		}
		for module, rest := range all {
			if module == "" || rest == "" {
				t.Errorf("%s: %q %q", name, module, rest)
			}
		}
	}
}

func TestTop(t *testing.T) {
	f := parse(t, "import a.b.c\nfrom d import e\nfrom .f import g\n")
	var got []string
	for _, im := range f.Imports {
		got = append(got, im.Top())
	}
	if !slices.Equal(got, []string{"a", "d", ""}) {
		t.Errorf("%q", got)
	}
}
