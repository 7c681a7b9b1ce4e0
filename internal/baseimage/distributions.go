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
	if d, ok := legacy(n); ok {
		return d, true, ""
	}
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

// legacy reads the two forms that setuptools installed in before there was a RECORD: a link to a
// source folder ("develop") and an egg. Both are put on the path by easy-install.pth.
func legacy(n rootfs.Node) (pipwheel.Distribution, bool) {
	name := path.Base(n.Path)
	if dist, ok := strings.CutSuffix(name, ".egg-link"); ok && n.Kind == layers.File && distname.Valid(dist) {
		return pipwheel.Distribution{Name: dist, Path: n.Path}, true
	}
	if egg, ok := strings.CutSuffix(name, ".egg"); ok {
		parts := strings.SplitN(egg, "-", 3)
		if len(parts) >= 2 && distname.Valid(parts[0]) {
			return pipwheel.Distribution{Name: parts[0], Version: parts[1], Path: n.Path}, true
		}
	}
	return pipwheel.Distribution{}, false
}

// owned returns the files that each distribution's RECORD lists, their paths free of "..", relative
// to the image's root, by the distribution's metadata folder.
func (v *view) owned(dists []pipwheel.Distribution) map[string][]OwnedFile {
	all := map[string][]OwnedFile{}
	for _, d := range dists {
		if !d.Record {
			continue
		}
		site := path.Dir(d.Path)
		for _, row := range v.read(d.Path + "/RECORD").record {
			at := row.Path
			if !path.IsAbs(at) {
				at = path.Join("/", site, at)
			}
			all[d.Path] = append(all[d.Path], OwnedFile{Path: strings.TrimPrefix(path.Clean(at), "/"), SHA256: row.SHA256})
		}
	}
	return all
}
