package cache

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/pkg/layers"
)

// Names of the sections; those that end in a slash go on with 64 hex digits: of a layer's key, a wheel's
// SHA-256 or a document's digest.
const (
	sectionHead   = "profile/head"
	sectionTree   = "profile/tree"
	sectionOwned  = "profile/owned"
	recipePrefix  = "recipes/"
	factsPrefix   = "facts/"
	wheelPrefix   = "wheels/"
	documentsName = "documents/"
)

// sections are the parts of the contents that go into the facts blob, sorted by name.
func (c *Contents) sections() []section {
	var out []section
	add := func(name string, data []byte) {
		if len(data) > 0 {
			out = append(out, section{name, data})
		}
	}
	add(sectionHead, c.Profile.Head)
	add(sectionTree, c.Profile.Tree)
	add(sectionOwned, c.Profile.Owned)
	for _, e := range c.Layers {
		add(recipePrefix+hexOf(e.Record.Key), e.Recipe)
		add(factsPrefix+hexOf(e.Record.Key), e.Facts)
	}
	for sum, facts := range c.Wheels {
		add(wheelPrefix+sum, facts)
	}
	for digest, b := range c.Documents {
		add(documentsName+digest.Hex, b)
	}
	slices.SortFunc(out, func(a, b section) int { return strings.Compare(a.name, b.name) })
	return out
}

func hexOf(k layers.Key) string { return strings.TrimPrefix(string(k), "sha256:") }

// fill adds the sections to contents that have their records.
func (c *Contents) fill(sections []section) error {
	at := map[string]*Entry{}
	for i := range c.Layers {
		at[hexOf(c.Layers[i].Record.Key)] = &c.Layers[i]
	}
	c.Wheels, c.Documents = map[string][]byte{}, map[v1.Hash][]byte{}
	for _, s := range sections {
		if most := bound(s.name); len(s.data) == 0 || len(s.data) > most {
			return fmt.Errorf("section %q has %d bytes, it may have %d", s.name, len(s.data), most)
		}
		if err := c.put(s, at); err != nil {
			return err
		}
	}
	return nil
}

// put puts one section where it belongs. Names are sorted, so none comes twice.
func (c *Contents) put(s section, at map[string]*Entry) error {
	kind, rest, _ := strings.Cut(s.name, "/")
	hash, isHash := parseHash("sha256:" + rest)
	entry := at[rest]
	switch kind + "/" {
	case "profile/":
		switch s.name {
		case sectionHead:
			c.Profile.Head = s.data
		case sectionTree:
			c.Profile.Tree = s.data
		case sectionOwned:
			c.Profile.Owned = s.data
		default:
			return fmt.Errorf("section %q is not known", s.name)
		}
		return nil
	case recipePrefix:
		if entry == nil || digestOf(s.data) != hash {
			return fmt.Errorf("section %q is no recipe of a layer of the manifest", s.name)
		}
		entry.Recipe = s.data
		return nil
	case factsPrefix:
		if entry == nil {
			return fmt.Errorf("section %q belongs to no layer of the manifest", s.name)
		}
		entry.Facts = s.data
		return nil
	case wheelPrefix:
		c.Wheels[rest] = s.data
	case documentsName:
		c.Documents[hash] = s.data
		if digestOf(s.data) != hash {
			return fmt.Errorf("section %q has another digest", s.name)
		}
	default:
		isHash = false
	}
	if !isHash {
		return fmt.Errorf("section %q is not known", s.name)
	}
	return nil
}

// bound is the most bytes that a section may have.
func bound(name string) int {
	switch name {
	case sectionHead:
		return maxHead
	case sectionTree:
		return maxTree
	case sectionOwned:
		return maxOwned
	}
	return maxPart
}

// check finds what must not be written, because it would not be read.
func (c *Contents) check() error {
	if len(c.Layers) > MaxLayers || len(c.BaseLayers) > maxBase || len(c.Wheels) > maxWheels || len(c.Documents) > maxDocuments {
		return fmt.Errorf("%d layers, %d of the base, %d wheels and %d documents are too many",
			len(c.Layers), len(c.BaseLayers), len(c.Wheels), len(c.Documents))
	}
	if _, ok := parseHash(c.Base); !ok {
		return fmt.Errorf("%q is no digest of a base", c.Base)
	}
	var seen []layers.Key
	for _, e := range c.Layers {
		if len(e.Recipe) == 0 {
			return fmt.Errorf("layer %s has no recipe", e.Record.Key)
		}
		seen = append(seen, e.Record.Key)
	}
	slices.Sort(seen)
	if len(slices.Compact(seen)) != len(c.Layers) {
		return fmt.Errorf("a key comes twice among %d layers", len(c.Layers))
	}
	for _, sum := range slices.Sorted(maps.Keys(c.Wheels)) {
		if _, ok := parseHash("sha256:" + sum); !ok {
			return fmt.Errorf("%q is no SHA-256 of a wheel", sum)
		}
	}
	return nil
}
