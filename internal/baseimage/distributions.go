package baseimage

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/layerpack/layerpack/internal/rootfs"
	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
)

// distributions are those that the interpreter sees in its folders, sorted by normalised name; of
// one name the first is the one that importlib.metadata answers with. Their paths are free of links.
func (v *view) distributions(sites []string) (found []pipwheel.Distribution, notes []string) {
	seen := map[string]bool{}
	for _, site := range sites {
		dir, ok := v.resolve(site)
		if !ok || seen[dir.Path] {
			continue
		}
		seen[dir.Path] = true
		for _, n := range v.tree.Children(dir.Path) {
			d, ok, note := v.distribution(n)
			if note != "" {
				notes = append(notes, note)
			}
			if ok {
				found = append(found, d)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b pipwheel.Distribution) int {
		return strings.Compare(distname.Normalize(a.Name), distname.Normalize(b.Name))
	})
	return found, notes
}

// distribution reads a .dist-info or .egg-info. Python takes any such folder for an installed
// distribution; without metadata it is a leftover, which is told and not listed.
func (v *view) distribution(n rootfs.Node) (d pipwheel.Distribution, ok bool, note string) {
	name := path.Base(n.Path)
	info, meta := strings.HasSuffix(name, ".dist-info"), ""
	switch {
	case info:
		meta = n.Path + "/METADATA"
	case !strings.HasSuffix(name, ".egg-info"):
		return d, false, ""
	case n.Kind == layers.File:
		meta = n.Path
	default:
		meta = n.Path + "/PKG-INFO"
	}
	if strings.HasPrefix(name, "~") { // pip's half-removed ones
		return d, false, ""
	}
	m := v.read(meta).dist
	if m == nil || m.name == "" || !utf8.ValidString(n.Path) {
		return d, false, fmt.Sprintf("/%s has no metadata with a name: it is not counted as installed", strings.ToValidUTF8(n.Path, "?"))
	}
	return pipwheel.Distribution{
		Name: m.name, Version: m.version, Path: n.Path, Requires: m.requires,
		Record: info && v.isFile(n.Path+"/RECORD"),
	}, true, ""
}

// owned returns the paths that each distribution's RECORD lists, free of "..", relative to the
// image's root, by the distribution's metadata folder.
func (v *view) owned(dists []pipwheel.Distribution) map[string][]string {
	all := map[string][]string{}
	for _, d := range dists {
		if !d.Record {
			continue
		}
		site := path.Dir(d.Path)
		for _, row := range v.read(d.Path + "/RECORD").record {
			if !path.IsAbs(row) {
				row = path.Join("/", site, row)
			}
			all[d.Path] = append(all[d.Path], strings.TrimPrefix(path.Clean(row), "/"))
		}
	}
	return all
}
