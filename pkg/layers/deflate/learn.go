package deflate

import "github.com/layerpack/layerpack/pkg/layers/inflate"

const (
	// Of the history that a call is given, every third position is made known: what of it lies in matches is
	// not known any more, and all is not worth the time.
	historyStep = 3
	// crossing is how many of the last positions of a match are made known, with what comes after it.
	crossing = 1
	// batch is how many positions are made known at a time, and room how many more are listed at most: listing
	// them first spares the processor a wrong guess at the end of every match.
	batch = 512
	room  = 4 + 1 + crossing
)

// positions are listed before they are made known.
type positions [batch + room]uint64

// recall makes what stands in buf[lo:hi] known again, some of it; eight bytes follow each position.
func (e *Encoder) recall(lo, hi int) {
	for lo < hi {
		n := 0
		for ; n < batch && lo < hi; lo += historyStep {
			e.positions[n] = uint64(lo)
			n++
		}
		e.far.add(e.buf, e.positions[:n])
	}
}

// learn makes a part known to those that follow, but for what lies within a match, as that is known from where the match
// refers to.
func (e *Encoder) learn(lo, hi int, matches []inflate.Match) {
	pos, last, k := max(lo, hi-Window), hi-7, 0
	for k < len(matches) && lo+matches[k].Pos() < pos {
		k++
	}
	for pos < last {
		n := 0
		for n < batch && pos < last {
			at, end := last, last+crossing
			if k < len(matches) {
				// Whoever made the matches, they are within the part here.
				at = min(max(lo+matches[k].Pos(), pos), last)
				end = max(at+crossing, min(at+matches[k].Len(), last+crossing))
			}
			// Most runs of literals are short: four are listed, however many there are.
			p, run := (*[room]uint64)(e.positions[n:]), at-pos
			p[0], p[1], p[2], p[3] = uint64(pos), uint64(pos+1), uint64(pos+2), uint64(pos+3)
			if run > 4 {
				n += 4
				pos += 4
				continue
			}
			p[run], p[run+1] = uint64(at), uint64(end-crossing)
			n += run + 1 + crossing
			pos = end
			k++
		}
		for n > 0 && e.positions[n-1] >= uint64(last) {
			n--
		}
		e.far.add(e.buf, e.positions[:n])
	}
}
