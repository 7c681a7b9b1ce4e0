package inflate

// Match is one match of a decoded stream; everything between two matches is literals.
// An encoder can use them again and save itself the search.
type Match uint64

// NewMatch describes length bytes at pos that repeat what lies dist bytes before.
func NewMatch(pos, length, dist int) Match {
	return Match(uint64(pos)<<32 | uint64(length)<<16 | uint64(dist))
}

// Pos is where the match begins in the output, in bytes.
func (m Match) Pos() int { return int(m >> 32) }

// Len is the match's length in bytes, 3 to 258.
func (m Match) Len() int { return int(m >> 16 & 0xffff) }

// Dist is how far back the match lies in bytes, 1 to 32768.
func (m Match) Dist() int { return int(m & 0xffff) }

// DecodeMatches is [Decoder.Decode] and appends the stream's matches to matches, with
// positions from the first of the want bytes.
func (d *Decoder) DecodeMatches(dst, src []byte, want int, matches []Match) ([]byte, []Match, Info, error) {
	most := MostMatches(int64(want))
	if cap(matches)-len(matches) < most {
		matches = append(make([]Match, 0, len(matches)+most), matches...)
	}
	d.matches = matches[len(matches):cap(matches)]
	out, info, err := d.Decode(dst, src, want)
	d.matches = nil
	if err != nil {
		return out, matches, info, err
	}
	return out, matches[:len(matches)+d.matched], info, nil
}

// MostMatches is how many matches decoding want bytes takes room for, at most: none is shorter than three bytes, and the
// decoder stops soon after want bytes.
func MostMatches(want int64) int { return int(max(want, 0))/3 + Slack }
