package baseimage

import (
	"bytes"
	"strings"
)

// metadata is what the head of a METADATA file says (core metadata specification).
type metadata struct {
	name, version string
	requires      []string
}

// parseMetadata reads the fields before the first empty line. Of a repeated Name or Version the
// first counts; lines that begin with white space continue the one before.
func parseMetadata(b []byte) *metadata {
	m := &metadata{}
	var last *string // what a continuation line belongs to
	for len(b) > 0 {
		line, rest, _ := bytes.Cut(b, []byte("\n"))
		b = rest
		line = bytes.TrimSuffix(line, []byte("\r"))
		if len(line) == 0 {
			break
		}
		text := strings.ToValidUTF8(string(line), "\uFFFD")
		if text[0] == ' ' || text[0] == '\t' {
			if last != nil {
				*last = strings.TrimSpace(*last + " " + strings.TrimSpace(text))
			}
			continue
		}
		last = nil
		key, value, ok := strings.Cut(text, ":")
		if !ok {
			continue
		}
		value = strings.TrimSpace(value)
		switch {
		case strings.EqualFold(key, "Name") && m.name == "":
			m.name, last = value, &m.name
		case strings.EqualFold(key, "Version") && m.version == "":
			m.version, last = value, &m.version
		case strings.EqualFold(key, "Requires-Dist"):
			m.requires = append(m.requires, value)
			last = &m.requires[len(m.requires)-1]
		}
	}
	return m
}
