package deflate

import "github.com/layerpack/layerpack/pkg/layers/inflate"

// Part is a run of input bytes and what is known about them.
type Part struct {
	Len  int // bytes
	Kind Kind
	// Matches of a Parsed part, with positions relative to the part's first byte, as
	// [inflate.Decoder.DecodeMatches] returned them.
	Matches []inflate.Match
}

// Kind is how matches are found in a part.
type Kind uint8

const (
	// Plain bytes are searched for matches with the effort of zlib's level 6.
	Plain Kind = iota
	// Header is one tar header: looked up in the header before, hardly searched.
	Header
	// Zeros are bytes that are all zero.
	Zeros
	// Parsed bytes bring the matches that another encoder found.
	Parsed
)
