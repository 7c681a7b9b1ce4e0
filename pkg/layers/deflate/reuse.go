package deflate

import (
	"encoding/binary"

	"github.com/layerpack/layerpack/pkg/layers/inflate"
)

// reuse takes over the matches of buf[lo:hi], and looks up what is not covered by long ones in
// the parts before: the encoder that made the matches saw this part only.
func (e *Encoder) reuse(lo, hi int, matches []inflate.Match) {
	buf := e.buf
	hashed := min(hi, len(buf)-3)
	for i := lo; i < hi; {
		// own is the next of the part's matches, from where it still counts.
		at, own, dist := hi, 0, 0
		for len(matches) > 0 {
			m := matches[0]
			at = max(lo+m.Pos(), i)
			own, dist = min(lo+m.Pos()+m.Len(), hi)-at, m.Dist()
			if own >= 3 {
				break
			}
			at, own = hi, 0
			matches = matches[1:]
		}
		// Literals before it.
		for ; i < at; i++ {
			if i >= hashed {
				continue
			}
			c := e.insert(i)
			if c < 0 || i-c >= Window || binary.LittleEndian.Uint32(buf[c:]) != binary.LittleEndian.Uint32(buf[i:]) {
				continue
			}
			n := common(buf, c, i, min(hi, i+maxMatch))
			if n == minMatch && i-c > farForFour {
				continue
			}
			if n < minMatch {
				continue
			}
			e.emit(i, n, i-c)
			i += n
			own = -1
			break
		}
		if own < 0 || i >= hi {
			continue
		}
		// i == at: the part's own match, or a longer one.
		if i < hashed {
			c := e.insert(i)
			if own < lazyLength && c >= 0 && i-c < Window && i+own < hi && buf[c+own] == buf[i+own] {
				if n := common(buf, c, i, min(hi, i+maxMatch)); n > own+1 {
					own, dist = n, i-c
				}
			}
		}
		e.emit(i, own, dist)
		i += own
	}
}
