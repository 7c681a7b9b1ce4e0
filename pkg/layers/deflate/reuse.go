package deflate

import "github.com/layerpack/layerpack/pkg/layers/inflate"

const (
	// ownEnough is how long a match of the part's own must be to be taken unasked.
	ownEnough = 16
	// farPays is how many literals a match of ours must save if it only shortens the own match
	// that follows: about as many bits as a match takes.
	farPays = 4
	// farLonger is by how many bytes a match of ours has to be longer, since it lies farther off.
	farLonger = 3
)

// reuse takes over the matches of buf[lo:hi], and looks for longer ones in the parts before
// wherever a literal or a short match begins.
func (e *Encoder) reuse(lo, hi int, matches []inflate.Match) {
	// Positions before have eight bytes, and what precedes the part within reach.
	hashed := min(hi-7, lo+Window)
	for i, done := lo, lo; i < hi; done = i {
		// The next of the part's own matches begins at at, or has been covered up to there.
		at, own, dist := hi, 0, 0
		for len(matches) > 0 {
			m := matches[0]
			at = max(lo+m.Pos(), i)
			own, dist = lo+m.Pos()+m.Len()-at, m.Dist()
			if own >= 3 && own <= min(maxMatch, hi-at) && dist > 0 && dist <= min(Window, at) {
				break
			}
			at, own, matches = hi, 0, matches[1:]
		}
		length, far := 0, 0
		if i, length, far = e.farBefore(i, min(at, hashed), hi, at, own); length > 0 {
			dist = far
		} else {
			if i = at; i == hi {
				break
			}
			length = own
			if own < ownEnough && i < hashed {
				if _, n, far := e.far.find(e.buf, i, i+1, hi, own+farLonger-1); n > 0 {
					length, dist = n, far
				}
			}
		}
		// Not every position is known, so a match may begin before it was found.
		for i > done && dist < i && length < maxMatch && e.buf[i-1] == e.buf[i-1-dist] {
			i--
			length++
		}
		e.emit(i, length, dist)
		i += length
	}
	e.far.insert(e.buf, max(lo, hi-Window), hi-7)
}

// farBefore looks for a match of ours that begins among the literals buf[i:end], which precede an
// own match at at that has own bytes. The match ends before hi; its length is 0 if none pays.
func (e *Encoder) farBefore(i, end, hi, at, own int) (pos, length, dist int) {
	for ; i < end; i++ {
		if i, length, dist = e.far.find(e.buf, i, end, hi, 0); length == 0 {
			break
		}
		if i+length+2 < at+own && at-i < farPays {
			continue
		}
		if i+1 < end {
			if _, n, d := e.far.find(e.buf, i+1, i+2, hi, length+1); n > 0 {
				return i + 1, n, d
			}
		}
		return i, length, dist
	}
	return i, 0, 0
}
