package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strings"

	"github.com/layerpack/layerpack/bench/page"
)

// report is what becomes of the page.
type report struct {
	machine string
	parts   []string // in the order in which they were measured
	texts   map[string]string
}

func newReport(rounds int, goVersion string) *report {
	return &report{
		machine: fmt.Sprintf("Measured on %s, %d cores, %s/%s, %s; medians of %d rounds.",
			cpuModel(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, goVersion, rounds),
		texts: map[string]string{},
	}
}

func (r *report) add(part, text string) {
	r.parts = append(r.parts, part)
	r.texts[part] = r.machine + " Command: `BENCH_PARTS=" + part + " make bench`.\n\n" + text
}

// sections is everything that was measured.
func (r *report) sections() string {
	var b strings.Builder
	for _, p := range r.parts {
		b.WriteString(r.texts[p] + "\n")
	}
	return b.String()
}

// write replaces the parts that were measured in the page, and makes the page where there is none.
func (r *report) write(path string) error {
	raw, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	doc := string(raw)
	if doc == "" {
		doc = skeleton()
	}
	for _, p := range r.parts {
		if doc, err = page.Replace(doc, p, r.texts[p]); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return os.WriteFile(path, []byte(doc), 0o644)
}

func skeleton() string {
	section := func(name string) string {
		begin, end := page.Markers(name)
		return begin + "\nNot measured yet.\n" + end + "\n"
	}
	return pageHead + "\n## One layer of wheels\n\n" + section("layers") + "\n## A whole run\n\n" + section("runs")
}

// cpuModel is what /proc/cpuinfo calls the first core.
func cpuModel() string {
	raw, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "an unknown CPU"
	}
	lines := bufio.NewScanner(strings.NewReader(string(raw)))
	for lines.Scan() {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "an unknown CPU"
}
