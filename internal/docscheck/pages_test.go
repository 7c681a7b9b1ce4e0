package docscheck

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/layerpack/layerpack/internal/prefect"
)

// TestPrefectYAML judges every prefect.yaml of the pages as layerpack would: there is nothing to find.
func TestPrefectYAML(t *testing.T) {
	judged := 0
	for _, page := range pages(t) {
		for _, b := range page.blocks {
			var top map[string]yaml.Node
			if b.lang != "yaml" || yaml.Unmarshal([]byte(b.text), &top) != nil {
				continue // a part of a file; TestCommandLines tells what cannot be read
			}
			if _, ok := top["deployments"]; !ok {
				continue
			}
			judged++
			for _, finding := range findings(t, b) {
				t.Errorf("%s:%d: %v", b.page, b.line, finding)
			}
		}
	}
	if judged < 5 {
		t.Errorf("%d files were judged: the pages have more", judged)
	}
}

func TestFindings(t *testing.T) {
	const wrong = "name: shop\npull:\n- prefect.deployments.steps.set_working_directory:\n    directory: /opt/prefect/other\n" +
		"deployments:\n- name: a\n  entrypoint: flows.py:etl\n"
	if found := findings(t, block{text: wrong}); len(found) == 0 {
		t.Error("a directory that the image does not have passed")
	}
}

// findings are layerpack's own about a prefect.yaml. Without a name the project is called as its pull step says.
func findings(t *testing.T, b block) []prefect.Finding {
	t.Helper()
	file, err := prefect.Read([]byte(b.text))
	if err != nil {
		t.Errorf("%s:%d: %v", b.page, b.line, err)
		return nil
	}
	name, err := prefect.ProjectName([]byte(b.text))
	if err != nil {
		t.Errorf("%s:%d: %v", b.page, b.line, err)
	}
	if name == "" && len(file.Pull.Steps) > 0 {
		name = path.Base(file.Pull.Steps[0].Input("directory").Text)
	}
	dir := path.Join("/opt/prefect", name)
	return file.Findings(prefect.Layout{Dir: dir, Workdir: dir})
}

var link = regexp.MustCompile(`\]\(([^()\s]+)\)`)

// TestLinks follows the links to files and headings of the checkout.
func TestLinks(t *testing.T) {
	all := pages(t)
	anchors := map[string]map[string]bool{}
	for _, p := range all {
		anchors[p.path] = headings(p.text)
	}
	followed := 0
	for _, p := range all {
		for _, m := range link.FindAllStringSubmatch(p.text, -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			followed++
			file, anchor, _ := strings.Cut(m[1], "#")
			to := p.path
			if file != "" {
				to = path.Join(path.Dir(p.path), file)
			}
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(to))); err != nil {
				t.Errorf("%s links to %s, which is not there", p.path, m[1])
			} else if anchor != "" && !anchors[to][anchor] {
				t.Errorf("%s links to %s: the page has no such heading", p.path, m[1])
			}
		}
	}
	if followed < 10 {
		t.Errorf("%d links were followed: the pages have more", followed)
	}
}

var heading = regexp.MustCompile(`(?m)^#+ +(.+)$`)

// headings returns the names that GitHub gives to headings.
func headings(text string) map[string]bool {
	out := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		name := notInAnchor.ReplaceAllString(strings.ToLower(m[1]), "")
		out[strings.ReplaceAll(name, " ", "-")] = true
	}
	return out
}

var notInAnchor = regexp.MustCompile(`[^\pL\pN _-]`)

func TestHeadings(t *testing.T) {
	got := headings("# One, two: `three`\ntext\n## A_b-c\n")
	if !got["one-two-three"] || !got["a_b-c"] || len(got) != 2 {
		t.Errorf("%v", got)
	}
}
