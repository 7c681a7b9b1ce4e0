package index

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
)

// Metadata is what a resolver needs of a wheel's METADATA (core metadata specification).
type Metadata struct {
	Name, Version  string   // as written
	RequiresDist   []string // in order, as written
	RequiresPython string
	ProvidesExtra  []string // in order, as written
}

// MetadataOf takes them out of the header fields of METADATA.
func MetadataOf(h pipwheel.Header) Metadata {
	return Metadata{
		Name: h.Get("name"), Version: h.Get("version"), RequiresPython: h.Get("requires-python"),
		RequiresDist: h["requires-dist"], ProvidesExtra: h["provides-extra"],
	}
}

// Compare checks what an index said of a wheel against the wheel's own metadata, once that is
// open. Spelling and order do not count. A difference is a [refusal.Error] with a [*MismatchError]:
// what was resolved would not be what is installed.
func (m Metadata) Compare(wheel Metadata) error {
	input := wheel.Name + " " + wheel.Version
	switch {
	case distname.Normalize(m.Name) != distname.Normalize(wheel.Name):
		return mismatch(input, "name", wheel.Name, m.Name)
	case !pipwheel.SameVersion(m.Version, wheel.Version):
		return mismatch(input, "version", wheel.Version, m.Version)
	case squeeze(m.RequiresPython) != squeeze(wheel.RequiresPython):
		return mismatch(input, "Requires-Python", quoted(wheel.RequiresPython), quoted(m.RequiresPython))
	}
	if got, want := extra(requirements(wheel.RequiresDist), requirements(m.RequiresDist)); got != want {
		return mismatch(input, "Requires-Dist", quoted(got), quoted(want))
	}
	if got, want := extra(extras(wheel.ProvidesExtra), extras(m.ProvidesExtra)); got != want {
		return mismatch(input, "Provides-Extra", quoted(got), quoted(want))
	}
	return nil
}

// extra returns what each of two sorted lists has alone, the first of each; nothing where they are
// equal.
func extra(a, b []string) (onlyA, onlyB string) {
	for _, s := range a {
		if _, ok := slices.BinarySearch(b, s); !ok {
			onlyA = s
			break
		}
	}
	for _, s := range b {
		if _, ok := slices.BinarySearch(a, s); !ok {
			onlyB = s
			break
		}
	}
	return onlyA, onlyB
}

func requirements(lines []string) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = squeeze(line)
		if r, _, err := marker.ParseRequirementLenient(line); err == nil {
			r.Name = r.Key()
			out[i] = r.String()
		}
	}
	slices.Sort(out)
	return out
}

func extras(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = distname.Normalize(n)
	}
	slices.Sort(out)
	return out
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }

func quoted(s string) string {
	if s == "" {
		return "not there"
	}
	return fmt.Sprintf("%.200q", s)
}

// readMetadata reads METADATA and checks that it is the file's: name and version agree.
func readMetadata(content []byte, f File) (*Metadata, error) {
	h, err := pipwheel.ReadHeader(bytes.NewReader(content))
	if err != nil {
		return nil, refuse(f.at(), "its metadata cannot be read: %v", err)
	}
	m := MetadataOf(h)
	return &m, m.check(f)
}

func (m *Metadata) check(f File) error {
	name, ver, err := f.nameVersion()
	switch {
	case err != nil:
		return err
	case distname.Normalize(m.Name) != name:
		return mismatch(f.at(), "name in METADATA", quoted(m.Name), quoted(name))
	case !pipwheel.SameVersion(m.Version, ver):
		return mismatch(f.at(), "version in METADATA", quoted(m.Version), quoted(ver))
	}
	return nil
}

// metadataMagic begins what is kept of metadata.
const metadataMagic = "index metadata 1\n"

var errKeptMetadata = errors.New("metadata in the cache cannot be read")

func (m *Metadata) encode() []byte {
	b := []byte(metadataMagic)
	b = appendText(b, m.Name)
	b = appendText(b, m.Version)
	b = appendText(b, m.RequiresPython)
	b = appendTexts(b, m.RequiresDist)
	return appendTexts(b, m.ProvidesExtra)
}

func decodeMetadata(content []byte) (*Metadata, error) {
	text, ok := strings.CutPrefix(string(content), metadataMagic)
	r := &reader{text: text}
	m := &Metadata{Name: r.string(), Version: r.string(), RequiresPython: r.string()}
	m.RequiresDist, m.ProvidesExtra = r.strings(), r.strings()
	if !ok || r.bad || r.text != "" {
		return nil, errKeptMetadata
	}
	return m, nil
}
