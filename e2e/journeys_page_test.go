//go:build e2e

package e2e

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// journeyPages is the folder of the pages that are run from their own text.
const journeyPages = "../docs/journeys"

// journeyPage is a page with what has been run of it.
type journeyPage struct {
	*journeys
	name    string
	blocks  []*pageBlock
	names   *strings.Replacer // what stands for names of the pages
	decoded []string          // what was read with decode
}

// pageBlock is a fenced block.
type pageBlock struct {
	lang, text string
	line       int // of its first line, from 1
	taken      bool
}

// page reads a page. Its images go to repositories of its own.
func (j *journeys) page(t *testing.T, name string) *journeyPage {
	t.Helper()
	p := &journeyPage{journeys: j, name: name, names: strings.NewReplacer(j.replaced(name, "")...)}
	lines := strings.Split(read(t, filepath.Join(journeyPages, name)), "\n")
	var open *pageBlock
	for i, line := range lines {
		mark, isFence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case isFence && open == nil:
			open = &pageBlock{lang: mark, line: i + 2}
			p.blocks = append(p.blocks, open)
		case isFence:
			open = nil
		case open != nil:
			open.text += line + "\n"
		}
	}
	return p
}

// take answers the text of the one block left that holds some words, with the rig's names.
func (p *journeyPage) take(t *testing.T, lang, holds string) string {
	t.Helper()
	var found *pageBlock
	for _, b := range p.blocks {
		if !b.taken && b.lang == lang && strings.Contains(b.text, holds) {
			if found != nil {
				t.Fatalf("%s: the blocks in lines %d and %d have %q", p.name, found.line, b.line, holds)
			}
			found = b
		}
	}
	if found == nil {
		t.Fatalf("%s: no block of %s with %q is left", p.name, lang, holds)
	}
	found.taken = true
	return p.names.Replace(found.text)
}

// rest fails for blocks that were not run, and for rows of [notHere] about what the page does not have.
func (p *journeyPage) rest(t *testing.T) {
	t.Helper()
	for _, row := range notHere {
		if row.page == p.name && !slices.Contains(p.decoded, row.what) {
			t.Errorf("%s: no %s was read, whose %s would be left out", p.name, row.what, row.path)
		}
	}
	for _, b := range p.blocks {
		if !b.taken {
			t.Errorf("%s: the block in line %d was not run:\n%s", p.name, b.line, b.text)
		}
	}
	if len(p.blocks) == 0 {
		t.Errorf("%s has no blocks", p.name)
	}
}

// fileName is the first line of a block that is a file of the project.
var fileName = regexp.MustCompile(`^# ([\w./-]+)\n`)

// put takes a block that is a file, writes it where its first line says, and answers its text.
func (p *journeyPage) put(t *testing.T, lang, name, project string) string {
	t.Helper()
	text := p.take(t, lang, "# "+name+"\n")
	m := fileName.FindStringSubmatch(text)
	if m == nil || m[1] != name {
		t.Fatalf("%s: a block does not begin with # %s but %q", p.name, name, text[:min(len(text), 40)])
	}
	checkout{}.write(t, filepath.Join(project, name), []byte(text))
	return text
}

// project copies one of the projects, as a person has it who reads the page.
func (p *journeyPage) project(t *testing.T, name string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	checkout{}.copyTree(t, filepath.Join("journeys", name), dir)
	return dir
}

// testJourneyPages holds the table of replaced names to the pages: each stands in one.
func testJourneyPages(t *testing.T, j *journeys) {
	var all strings.Builder
	tested := []string{releasePage}
	for _, test := range journeyTests {
		tested = append(tested, test.page)
	}
	slices.Sort(tested)
	there := list(t, journeyPages)
	if slices.Sort(there); !slices.Equal(there, tested) {
		t.Errorf("the pages are %q, and %q are run", there, tested)
	}
	for _, name := range there {
		all.WriteString(read(t, filepath.Join(journeyPages, name)))
	}
	for i, words := 0, j.replaced("x", ""); i < len(words); i += 2 {
		if !strings.Contains(all.String(), words[i]) {
			t.Errorf("no page has %q: it need not be replaced", words[i])
		}
	}
}
