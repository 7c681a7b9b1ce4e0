// Package docscheck holds the pages for users to what the program does: every command line of layerpack that
// README.md or a page below docs shows is given to the program, every prefect.yaml is read as layerpack reads it, and every
// link to another page leads somewhere.
//
// It has tests and nothing else. A command line passes when the program takes its words: exit code 2 is what
// fails. Nothing is built or sent: the base is replaced by one that does not exist, and no registry can be reached.
package docscheck

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// root is the checkout.
const root = "../.."

// page is a file of Markdown.
type page struct {
	path   string // relative to the root
	blocks []block
	text   string // the lines outside blocks
}

// block is a fenced block (CommonMark, "Fenced code blocks").
type block struct {
	page string
	line int // of its first line, from 1
	lang string
	text string
}

// pages returns README.md and all pages below docs.
func pages(t *testing.T) []page {
	t.Helper()
	paths := []string{"README.md"}
	err := filepath.WalkDir(filepath.Join(root, "docs"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && strings.HasSuffix(path, ".md") {
			rel, _ := filepath.Rel(root, path)
			paths = append(paths, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var out []page
	for _, path := range paths {
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
		if err != nil {
			t.Fatal(err)
		}
		p, ok := read(path, string(text))
		if !ok {
			t.Errorf("%s: a fenced block is not closed", path)
		}
		out = append(out, p)
	}
	return out
}

var fence = regexp.MustCompile("^( {0,3})(`{3,}|~{3,})\\s*([A-Za-z0-9]*)")

// read divides a page; ok is false where a block is not closed.
func read(path, text string) (p page, ok bool) {
	p.path = path
	var open string
	var outside, inside strings.Builder
	for i, line := range strings.SplitAfter(text, "\n") {
		m := fence.FindStringSubmatch(line)
		switch {
		case open == "" && m != nil:
			open = m[2]
			p.blocks = append(p.blocks, block{page: path, line: i + 2, lang: m[3]})
			inside.Reset()
		case open != "" && m != nil && m[3] == "" && strings.HasPrefix(m[2], open):
			p.blocks[len(p.blocks)-1].text = inside.String()
			open = ""
		case open != "":
			inside.WriteString(line)
		default:
			outside.WriteString(line)
		}
	}
	p.text = outside.String()
	return p, open == ""
}

func TestRead(t *testing.T) {
	p, ok := read("x.md", "one\n```sh\na\n~~~\n```\ntwo\n````yaml\nb\n```\n````\n")
	if !ok || len(p.blocks) != 2 || p.text != "one\ntwo\n" {
		t.Fatalf("%+v, %v", p, ok)
	}
	if b := p.blocks[0]; b.lang != "sh" || b.text != "a\n~~~\n" || b.line != 3 {
		t.Errorf("%+v", b)
	}
	if b := p.blocks[1]; b.lang != "yaml" || b.text != "b\n```\n" || b.line != 8 {
		t.Errorf("%+v", b)
	}
	if _, ok := read("x.md", "```\n"); ok {
		t.Error("a block that is not closed passed")
	}
}
