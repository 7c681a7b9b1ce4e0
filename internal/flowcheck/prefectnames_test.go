package flowcheck

import (
	"strings"
	"testing"
)

// TestPrefectTable checks the form of the table: what it says was compared with Prefect's sources.
func TestPrefectTable(t *testing.T) {
	seen, count := map[string]bool{}, 0
	for line := range strings.Lines(prefectTable) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" {
			continue
		}
		count++
		f := strings.SplitN(line, " ", 3)
		if len(f) != 3 || !strings.HasPrefix(f[0], "prefect") || f[2] == "" || strings.HasSuffix(f[2], ".") {
			t.Errorf("a line that cannot be read: %q", line)
			continue
		}
		if seen[f[0]] {
			t.Errorf("%s is there twice", f[0])
		}
		seen[f[0]] = true
		switch f[1] {
		case "1", "2", "3", "12", "23":
		default:
			t.Errorf("%s: no such versions: %s", f[0], f[1])
		}
	}
	if count < 60 || !strings.HasPrefix(prefectTable, "\n") || !strings.HasSuffix(prefectTable, "\n") {
		t.Errorf("the table has %d lines, and must begin and end with a line end", count)
	}
}

func TestAlters(t *testing.T) {
	for text, want := range map[string]bool{
		"import sys\nsys.path.append('x')\n":         true,
		"from sys import path\n":                     true,
		"from sys import (\n    path,\n)\n":          true,
		"from sys import *\n":                        true,
		"from sys import argv\nfrom sys import exit": false,
		"import os.path\n":                           false,
		"import findspark\nfindspark.init()\n":       true,
		"import site\nsite.addsitedir('x')\n":        true,
	} {
		if got := alters([]byte(text)); got != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
}

func TestSplitRequirement(t *testing.T) {
	for r, want := range map[string][2]string{
		"prefect":                          {"prefect", ""},
		"prefect>=2,<3":                    {"prefect", ">=2,<3"},
		"Prefect[github] (>=2)":            {"Prefect", ">=2"},
		"prefect>=2; python_version > '3'": {"prefect", ""},
		"prefect @ https://x/y.whl":        {"prefect", ""},
		" zope.interface==5 ":              {"zope.interface", "==5"},
	} {
		if name, specifiers := splitRequirement(r); name != want[0] || specifiers != want[1] {
			t.Errorf("%q: got %q and %q", r, name, specifiers)
		}
	}
}
