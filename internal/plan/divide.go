package plan

import (
	"crypto/sha256"
	"fmt"

	"github.com/layerpack/layerpack/pkg/layers"
)

// divider keeps layers of wheels within a size. What a layer will have is reckoned from what its
// files have in their wheels: they are compressed there, and about as large in a layer.
type divider struct {
	installed map[string]*installedFiles // by the wheel's file name
	weighed   map[string]*weights        // of the wheels that had to be looked at closely
	// format is what layers are compressed to. Where it is empty, parts keep to the limit in any.
	format layers.Compression
}

// within divides layers that are over the limit, as far as the budget of layers goes: else with
// the limit doubled until it does. It returns the limit that was kept to.
func (d *divider) within(parts []part, limit int64, budget int) ([]part, int64, error) {
	for ; ; limit *= 2 {
		var out []part
		for _, p := range parts {
			divided, err := d.divide(p, limit, 0)
			if err != nil {
				return nil, 0, err
			}
			out = append(out, divided...)
		}
		if len(out) <= max(budget, len(parts)) {
			return out, limit, nil
		}
	}
}

// divide halves a layer of several wheels by a bit of the hash of their names, and what is too
// large in each half again; so one changed wheel moves the wheels of few layers. A single wheel
// is divided by its files.
func (d *divider) divide(p part, limit int64, bit int) ([]part, error) {
	const bits = 8 * sha256.Size
	over, err := d.over(p.wheels, limit)
	switch {
	case err != nil:
		return nil, err
	case !over || bit == bits:
		return []part{p}, nil
	case len(p.wheels) == 1:
		return d.divideWheel(p, limit)
	}
	halves := [2]part{{role: p.role}, {role: p.role}}
	for _, w := range p.wheels {
		sum := sha256.Sum256([]byte("half " + w.Name()))
		half := &halves[sum[bit/8]>>(bit%8)&1]
		half.wheels = append(half.wheels, w)
	}
	var out []part
	for _, h := range halves {
		if len(h.wheels) == 0 {
			continue
		}
		divided, err := d.divide(h, limit, bit+1)
		if err != nil {
			return nil, err
		}
		out = append(out, divided...)
	}
	return out, nil
}

// over reports whether wheels are more than the limit together. They are not opened where even
// their inflated files are not.
func (d *divider) over(wheels []Wheel, limit int64) (bool, error) {
	most := int64(0)
	for _, w := range wheels {
		for _, e := range d.installed[w.Basename].entries {
			most += stored(e.Size) + d.margin(e.Size, stored(e.Size)) + overhead
		}
	}
	if most <= room(limit) {
		return false, nil
	}
	total := int64(0)
	for _, w := range wheels {
		files, err := d.weigh(w)
		if err != nil {
			return false, err
		}
		total += files.total
	}
	return total > room(limit), nil
}

func (d *divider) divideWheel(p part, limit int64) ([]part, error) {
	files, err := d.weigh(p.wheels[0])
	if err != nil {
		return nil, err
	}
	pieces := assign(files.list, room(limit))
	if len(pieces) == 1 {
		return []part{p}, nil // a single file
	}
	var out []part
	for i, files := range pieces {
		out = append(out, part{
			role: p.role, wheels: p.wheels, files: files,
			piece: &layers.Part{Index: i + 1, Of: len(pieces), Limit: limit},
		})
	}
	return out, nil
}

// notes says where a layer will be larger than the user wants.
func (d *divider) notes(parts []part, wanted, kept int64) (notes []string) {
	if kept > wanted {
		return []string{fmt.Sprintf("warning: --max-layer-size: with %d bytes there would be more layers than runtimes stack; wheels are divided at %d bytes",
			wanted, kept)}
	}
	for _, p := range parts {
		files := d.weighed[p.wheels[0].Basename]
		if len(p.wheels) > 1 || files == nil || files.list[0].size <= wanted {
			continue
		}
		for _, f := range files.list {
			if f.size > wanted && (p.files == nil || p.files[0].Path == f.entry.Path) {
				notes = append(notes, fmt.Sprintf("warning: %s: /%s alone %s over --max-layer-size", p.wheels[0].Basename, f.entry.Path, d.sure(f, wanted)))
			}
		}
	}
	return notes
}

// sure is how sure it is that a file is over the limit.
func (d *divider) sure(f weight, limit int64) string {
	if s := f.entry.Deflate; s != nil && f.size-d.margin(f.entry.Size, s.Len) <= limit {
		return "may be"
	}
	return "is"
}

// undivided says that a layer of folders and files may be larger than the user wants.
func (b *builder) undivided(l Layer) {
	var size int64
	for _, e := range l.entries {
		size += e.Size
	}
	if limit := b.in.Build.MaxLayerSize; limit > 0 && size > limit && len(l.Recipe.Wheels) == 0 {
		b.notes = append(b.notes, fmt.Sprintf("warning: %s holds %d bytes before compression; --max-layer-size divides wheels alone", l.Title, size))
	}
}
