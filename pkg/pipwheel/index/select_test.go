package index

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// offered makes a project of a JSON page's files.
func offered(t *testing.T, o Options, files ...string) *Project {
	t.Helper()
	s := newServer(t)
	s.page("/demo/", typeJSON, `{"meta": {"api-version": "1.1"}, "files": [`+strings.Join(files, ",")+`]}`)
	o.IndexURL = s.URL
	return project(t, newClient(t, o), "demo")
}

func entryOf(name, more string) string {
	return fmt.Sprintf(`{"filename": %q, "url": %q, "hashes": {}%s}`, name, name, more)
}

func TestCandidate(t *testing.T) {
	newer := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	const dated = `, "upload-time": "2024-04-30T23:59:59.999Z"`
	for name, c := range map[string]struct {
		files   []string
		newer   bool
		want    string // the wheel, or what Explain says of there being none
		yanked  bool
		allowed []Hash
	}{
		"best tag":  {files: []string{entryOf("demo-1-py3-none-any.whl", ""), entryOf("demo-1-cp311-cp311-manylinux_2_17_x86_64.whl", ""), entryOf("demo-1-cp311-abi3-manylinux_2_17_x86_64.whl", "")}, want: "demo-1-cp311-cp311-manylinux_2_17_x86_64.whl"},
		"build":     {files: []string{entryOf("demo-1-py3-none-any.whl", ""), entryOf("demo-1-9-py3-none-any.whl", ""), entryOf("demo-1-10-py3-none-any.whl", "")}, want: "demo-1-10-py3-none-any.whl"},
		"not yank":  {files: []string{entryOf("demo-1-py3-none-any.whl", ""), entryOf("demo-1-cp311-cp311-manylinux_2_17_x86_64.whl", `, "yanked": true`)}, want: "demo-1-py3-none-any.whl"},
		"yanked":    {files: []string{entryOf("demo-1-py3-none-any.whl", `, "yanked": "bad\nidea"`)}, want: "demo-1-py3-none-any.whl", yanked: true},
		"spelling":  {files: []string{entryOf("Demo-1.0.0-py3-none-any.whl", ""), entryOf("demo-1.0.tar.gz", "")}, want: "Demo-1.0.0-py3-none-any.whl"},
		"sdist":     {files: []string{entryOf("demo-1.tar.gz", "")}, want: "only a source distribution, demo-1.tar.gz"},
		"platform":  {files: []string{entryOf("demo-1-cp311-cp311-win_amd64.whl", ""), entryOf("demo-1.tar.gz", "")}, want: "the image is CPython 3.11, glibc 2.36, x86_64"},
		"python":    {files: []string{entryOf("demo-1-py3-none-any.whl", `, "requires-python": ">=3.12"`)}, want: "requires Python >=3.12; the image has 3.11.4"},
		"python 2":  {files: []string{entryOf("demo-1-py3-none-any.whl", `, "requires-python": ">=3.11.4,<4"`)}, want: "demo-1-py3-none-any.whl"},
		"nonsense":  {files: []string{entryOf("demo-1-py3-none-any.whl", `, "requires-python": "three"`)}, want: "demo-1-py3-none-any.whl"},
		"in time":   {files: []string{entryOf("demo-1-py3-none-any.whl", dated)}, newer: true, want: "demo-1-py3-none-any.whl"},
		"too new":   {files: []string{entryOf("demo-1-py3-none-any.whl", `, "upload-time": "2024-05-01T00:00:00Z"`)}, newer: true, want: "uploaded at 2024-05-01T00:00:00Z, after --exclude-newer"},
		"undated":   {files: []string{entryOf("demo-1-py3-none-any.whl", "")}, newer: true, want: "does not say when files were uploaded"},
		"bad date":  {files: []string{entryOf("demo-1-py3-none-any.whl", `, "upload-time": "yesterday"`)}, newer: true, want: "does not say when"},
		"one old":   {files: []string{entryOf("demo-1-py3-none-any.whl", dated), entryOf("demo-1-cp311-cp311-manylinux_2_17_x86_64.whl", "")}, newer: true, want: "demo-1-py3-none-any.whl"},
		"bad name":  {files: []string{entryOf("demo-1-x-py3-none-any.whl", "")}, want: "not a wheel's file name"},
		"hash":      {files: []string{entryOf("demo-1-py3-none-any.whl", "")[:len(entryOf("demo-1-py3-none-any.whl", ""))-2] + `"sha256": "` + sum64 + `"}}`}, allowed: []Hash{{"sha256", strings.Repeat("b", 64)}}, want: "has none of the hashes"},
		"no hashes": {files: []string{entryOf("demo-1-py3-none-any.whl", "")}, allowed: []Hash{{"sha256", sum64}}, want: "demo-1-py3-none-any.whl"},
	} {
		at := time.Time{}
		if c.newer {
			at = newer
		}
		s := selector(t, at)
		p := offered(t, Options{}, c.files...)
		if len(p.Releases) != 1 {
			t.Errorf("%s: releases %s", name, versions(p))
			continue
		}
		got := s.Candidate(p.Releases[0], c.allowed...)
		if notes := s.Notes(); (len(notes) == 1) != (name == "undated" || name == "bad date" || name == "one old") {
			t.Errorf("%s: notes %v", name, notes)
		}
		text := s.Explain(p.Releases[0], c.allowed...)
		switch {
		case got.Wheel == nil && !strings.Contains(text, c.want):
			t.Errorf("%s: %s", name, text)
		case got.Wheel != nil && (got.Wheel.Filename != c.want || got.Yanked != c.yanked || got.Version.IsZero()):
			t.Errorf("%s: got %s, yanked %v", name, got.Wheel.Filename, got.Yanked)
		case got.Wheel != nil && !c.yanked && text != "fits":
			t.Errorf("%s: %s", name, text)
		case c.yanked && text != "yanked: bad idea":
			t.Errorf("%s: %s", name, text)
		}
	}
}

func TestSelectorOfAPrerelease(t *testing.T) {
	tg := target()
	tg.Version = "3.13.0rc1"
	s, err := NewSelector(tg, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if !s.allows(">=3.13") || s.allows(">=3.13.1") {
		t.Error("the pre-release part of the target counts")
	}
	tg.Version = "three"
	if _, err := NewSelector(tg, time.Time{}); err == nil {
		t.Error("a target without a version")
	}
}
