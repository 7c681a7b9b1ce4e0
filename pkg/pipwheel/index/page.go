package index

import (
	"fmt"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel/version"
)

// listing is what a page says, as it was read.
type listing struct {
	status, reason string // PEP 792
	files          []File
	notes          []string
}

// page is a project's files in one place, packed: versions are known, files are unpacked when a
// version is looked at. Most versions of most projects never are.
type page struct {
	from           *source
	status, reason string
	notes          []string
	releases       []packed // newest first
	pythons        []string // Requires-Python, each once
	base           string   // what URLs begin with
}

// packed is the files of one version.
type packed struct {
	version version.Version
	files   string
}

// maxNotes is how many notes a page may have.
const maxNotes = 8

// grouped is the files of one version.
type grouped struct {
	version version.Version
	files   []*File
}

// group sorts a listing's files by version, newest first, and leaves out what is not of the
// project: files of other names and kinds, and versions that are none (PEP 440).
func group(l *listing, project string) (groups []*grouped, notes []string) {
	notes = slices.Clone(l.notes)
	byText := map[string]*grouped{} // as versions are spelled; nil for what is none
	byVersion := map[string]*grouped{}
	strangers, odd, first := 0, 0, ""
	for i := range l.files {
		f := &l.files[i]
		_, text, ok := splitFilename(f.Filename, project)
		if !ok {
			if f.IsWheel() {
				if strangers++; first == "" {
					first = f.Filename
				}
			}
			continue
		}
		g, known := byText[text]
		if !known {
			if v, err := version.Parse(text); err == nil {
				key := v.Canonical()
				if g = byVersion[key]; g == nil {
					g = &grouped{version: v}
					byVersion[key] = g
					groups = append(groups, g)
				}
			}
			byText[text] = g
		}
		if g == nil {
			odd++
			continue
		}
		g.files = append(g.files, f)
	}
	slices.SortFunc(groups, func(a, b *grouped) int { return b.version.Compare(a.version) })
	for _, g := range groups {
		sortFiles(g.files)
	}
	if strangers > 0 {
		notes = append(notes, fmt.Sprintf("%s: %d wheels have another name and are left out, such as %.100s", project, strangers, first))
	}
	if odd > 0 {
		notes = append(notes, fmt.Sprintf("%s: %d files have a version that is none (PEP 440) and are left out", project, odd))
	}
	if len(notes) > maxNotes {
		notes = append(notes[:maxNotes:maxNotes], fmt.Sprintf("and %d more notes", len(notes)-maxNotes))
	}
	return groups, notes
}

// sortFiles brings the files of a version into an order that does not depend on the index.
func sortFiles(files []*File) {
	slices.SortStableFunc(files, func(a, b *File) int { return strings.Compare(a.Filename, b.Filename) })
}
