package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/bench/image"
	"github.com/layerpack/layerpack/bench/measure"
)

func TestPageKeepsThePartThatWasNotMeasured(t *testing.T) {
	path := filepath.Join(t.TempDir(), "performance.md")
	for _, part := range []string{"layers", "runs", "layers"} {
		r := newReport(3, "go1.26.8")
		r.add(part, "figures of "+part)
		if err := r.write(path); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for _, want := range []string{
		"# Performance", "figures of layers", "figures of runs", "medians of 3 rounds", "`BENCH_PARTS=runs make bench`",
	} {
		if strings.Count(text, want) == 0 {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Count(text, "figures of layers") != 1 || strings.Contains(text, "Not measured") {
		t.Errorf("the page is\n%s", text)
	}
}

func TestPageOfSomebodyElse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "performance.md")
	if err := os.WriteFile(path, []byte("# Mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := newReport(1, "go1.26.8")
	r.add("runs", "figures")
	if err := r.write(path); err == nil {
		t.Error("a page without markers was written")
	}
}

func TestRunsSection(t *testing.T) {
	s := measure.Series{
		{Contender: "layerpack", Step: image.Unknown}: {{Wall: 2e9, User: 1e9, Size: 5e6}},
		{Contender: "crane", Step: image.Unknown}:     {{Wall: 5e9, User: 4e9, Size: 6e6}},
	}
	text := runsSection(s, []string{"layerpack", "crane"}, []string{"/x/numpy-2.0-cp311-cp311-linux_x86_64.whl"})
	for _, want := range []string{"numpy 2.0.", "| 5.00 s (2.50×) |", "| 4.00 s (4.00×) |", "| crane | 6.0 | 1 | 0 |"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func TestUnknownPart(t *testing.T) {
	var out strings.Builder
	if err := run(t.Context(), []string{"-parts", "nothing"}, &out, &out); err == nil || !strings.Contains(err.Error(), "layers, runs") {
		t.Errorf("the error is %v", err)
	}
	if err := run(t.Context(), []string{"-rounds", "0"}, &out, &out); err == nil {
		t.Error("no rounds were accepted")
	}
}
