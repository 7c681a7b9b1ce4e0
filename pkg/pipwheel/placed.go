package pipwheel

import (
	"strings"

	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/pipwheel/strictzip"
)

// file is a file of the archive.
type file struct {
	*strictzip.Entry // nil for a generated file
	index            int
}

// placed is a file that has its place in the image.
type placed struct {
	file
	mode uint32
}

// put takes an entry into the plan. The same bytes may go to one place twice, as from the
// wheel's root and from .data.
func (p *installation) put(e layers.Entry, row recordRow, source file) error {
	if err := p.checkPath(e.Path); err != nil {
		return err
	}
	have, ok := p.find(e.Path)
	if ok {
		return p.twice(have, placed{source, e.Mode}, e.Path)
	}
	p.at[e.Path] = placed{source, e.Mode}
	p.entries, p.rows = append(p.entries, e), append(p.rows, row)
	return nil
}

// putBelow is put for a file of the archive that goes below root under its own name, as most do. As
// names are unique, only what goes there otherwise can be in the way.
func (p *installation) putBelow(e layers.Entry, source file) error {
	// The archive's names are clean, and root is what a layer takes.
	if len(e.Path) > maxName || strings.Contains(source.Name, whiteout) {
		if err := p.checkPath(e.Path); err != nil {
			return err
		}
	}
	if have, ok := p.at[e.Path]; ok {
		return p.twice(have, placed{source, e.Mode}, e.Path)
	}
	p.below[source.index] = true
	p.entries = append(p.entries, e)
	return nil
}

// whiteout begins the names that no layer may have.
const whiteout = ".wh."

func (p *installation) checkPath(path string) error {
	if err := layers.CheckName(path); err != nil {
		return p.wheel.refuse(err, "the wheel cannot be put into a layer")
	}
	return nil
}

// find returns what has been put at a path of the image.
func (p *installation) find(path string) (placed, bool) {
	if have, ok := p.at[path]; ok {
		return have, true
	}
	name, ok := strings.CutPrefix(path, strings.TrimPrefix(p.root, "/"))
	if !ok || p.below == nil {
		return placed{}, false
	}
	i, ok := p.wheel.archive.Find(name)
	if !ok || !p.below[i] {
		return placed{}, false
	}
	e := &p.wheel.archive.Entries()[i]
	return placed{file{e, i}, modeOf(e.Executable)}, true
}

// twice decides about a second file for one path.
func (p *installation) twice(have, next placed, path string) error {
	alike := have.Entry != nil && next.Entry != nil && have.mode == next.mode && have.Size == next.Size
	switch {
	case alike && p.later != nil:
		return errSameSize
	case alike && have.CRC32 == next.CRC32:
		return nil
	}
	return p.wheel.refuse(nil, "two different files of the wheel go to /%s", path)
}

// modeOf gives a file of the archive its permissions.
func modeOf(executable bool) uint32 {
	if executable {
		return 0o755
	}
	return 0o644
}
