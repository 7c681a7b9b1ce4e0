package cache

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/layerpack/layerpack/pkg/layers"
)

const (
	maxReasons = 3   // changes that are named
	maxShown   = 100 // bytes of a name that are shown
)

// Why says for people what changed from old, which [Match] found, to the recipe of the layer that has to be built:
// "wheel numpy 1.26.4 -> 2.0.1", "file flows.py", "first build" where old is nil. Equal recipes
// have nothing to say.
func Why(old, want *layers.Recipe) string {
	if old == nil || old.Role != want.Role {
		return "first build"
	}
	var out []string
	if old.Format != want.Format {
		out = append(out, fmt.Sprintf("recipe format %d -> %d", old.Format, want.Format))
	}
	if old.Encoder != want.Encoder {
		out = append(out, "encoder "+show(old.Encoder)+" -> "+show(want.Encoder))
	}
	if string(old.Target) != string(want.Target) {
		out = append(out, "interpreter or its folders")
	}
	out = append(out, wheelChanges(old.Wheels, want.Wheels)...)
	out = append(out, fileChanges(old, want)...)
	if !slices.Equal(old.Layout, want.Layout) {
		out = append(out, "layout of the base")
	}
	if !slices.Equal(old.Prioritize, want.Prioritize) {
		out = append(out, "prioritized files")
	}
	if more := len(out) - maxReasons; more > 0 {
		out = append(out[:maxReasons], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(out, ", ")
}

// wheelChanges compares wheels by their distributions.
func wheelChanges(old, want []layers.WheelInput) []string {
	before := map[string]layers.WheelInput{}
	for _, w := range old {
		before[wheelOf(w).name] = w
	}
	var out []string
	for _, w := range want {
		is := wheelOf(w)
		if p, ok := before[is.name]; !ok {
			out = append(out, "wheel "+is.String()+" added")
		} else if change := wheelChange(p, w); change != "" {
			out = append(out, "wheel "+change)
		}
		delete(before, is.name)
	}
	for _, w := range old {
		is := wheelOf(w)
		if _, ok := before[is.name]; ok {
			out = append(out, "wheel "+is.String()+" removed")
			delete(before, is.name)
		}
	}
	return out
}

func wheelChange(old, want layers.WheelInput) string {
	was, is := wheelOf(old), wheelOf(want)
	switch {
	case was.version != is.version:
		return was.String() + " -> " + show(is.version)
	case old.File != want.File:
		return show(old.File) + " -> " + show(want.File)
	case old.SHA256 != want.SHA256:
		return is.String() + " has other bytes under the same name"
	case old.Requested != want.Requested:
		return is.String() + " is requested by others"
	case old.DirectURL != want.DirectURL:
		return is.String() + " is named by another address"
	case !slices.Equal(old.LeftOut, want.LeftOut):
		return is.String() + " shares other files with another wheel"
	}
	return ""
}

// show makes a name fit for a terminal: names come from others, and might hold what moves a cursor.
func show(s string) string {
	if len(s) > maxShown {
		cut := maxShown
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + "…"
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(s)
	}
	return s
}
