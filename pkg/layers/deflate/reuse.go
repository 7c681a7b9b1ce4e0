package deflate

import (
	"bytes"
	"encoding/binary"

	"github.com/layerpack/layerpack/pkg/layers/inflate"
)

const (
	// ownEnough is how long a match of the part's own must be to be taken unasked. A longer one of ours that begins
	// with it is mostly found after it, and takes its place then.
	ownEnough = 6
	// farPays is how many literals a match of ours must save if it only shortens the own match
	// that follows: about as many bits as a match takes.
	farPays = 4
	// farLonger is by how many bytes a match of ours has to be longer, since it lies farther off.
	farLonger = 3
)

// reuse takes over the matches of buf[lo:hi], and looks for longer ones in the parts before
// wherever a literal or a short match begins.
func (e *Encoder) reuse(lo, hi int, matches []inflate.Match) {
	buf, t := e.buf, &e.tokens
	// Positions before have eight bytes, and what precedes the part within reach.
	hashed := min(hi-7, lo+Window)
	ours := lo // where the last match of ours ends
	for i, k := lo, 0; i < hi; {
		at, own, dist := hi, 0, 0
		if k < len(matches) {
			m := matches[k]
			at, own, dist = lo+m.Pos(), m.Len(), m.Dist()
			if at < i {
				own -= i - at // a match of ours covers that
				at = i
			}
			if own < 3 || own > min(maxMatch, hi-at) || dist < 1 || dist > min(Window, at) {
				k++
				continue
			}
		}
		if at-i >= blockSymbols-t.n {
			i = e.room(i, at)
		}

		p, n, length, far := i, t.n, 0, 0
		stop := min(at, hashed)
		for ; p < stop; p++ {
			v := binary.LittleEndian.Uint64(buf[p:])
			if h, marks := e.far.like(v); marks != 0 {
				if length, far = e.far.longest(h, buf, p, v, marks, hi, 0); length > 0 {
					if p+length+2 >= at+own || at-p >= farPays {
						break
					}
					length = 0
				}
			}
			t.all[n&(blockSymbols-1)] = literalToken(byte(v))
			n++
			t.unitFreq[byte(v)]++
		}
		t.n = n
		switch {
		case length > 0:
			if p+1 < stop {
				p, length, far = e.later(p, hi, length, far)
			}
		case p < at:
			e.literals(p, at)
			p = at
		case own < ownEnough && p < hashed:
			v := binary.LittleEndian.Uint64(buf[p:])
			if h, marks := e.far.like(v); marks != 0 {
				length, far = e.far.longest(h, buf, p, v, marks, hi, own+farLonger-1)
			}
		}
		if length > 0 {
			e.backwards(p, ours, length, far)
			i = p + length
			ours = i
			continue
		}
		if own > 0 {
			t.match(matchToken(own, dist))
		}
		i = p + own
		k++
	}
	e.learn(lo, hi, matches)
}

// later looks whether a match of ours is more than a byte longer when it begins one byte later.
func (e *Encoder) later(p, hi, length, far int) (int, int, int) {
	v := binary.LittleEndian.Uint64(e.buf[p+1:])
	if h, marks := e.far.like(v); marks != 0 {
		if l, d := e.far.longest(h, e.buf, p+1, v, marks, hi, length+1); l > 0 {
			e.tokens.literal(e.buf[p])
			return p + 1, l, d
		}
	}
	return p, length, far
}

// backwards adds the match of ours at p, in place of the literals and matches of the part's own before it that it covers
// too, those from ours on: not every position is known or looked up, so that a match may begin before it was found.
func (e *Encoder) backwards(p, ours, length, far int) {
	t := &e.tokens
	for t.n > 0 {
		size := t.all[t.n-1].length()
		from := p - size
		if from < ours || far > from || length+size > maxMatch || !bytes.Equal(e.buf[from:p], e.buf[from-far:p-far]) {
			break
		}
		t.drop()
		p = from
		length += size
	}
	t.match(matchToken(length, far))
}

// room closes the block, and more if the bytes from i to at, as literals, leave no room for a match.
// It returns where they then begin.
func (e *Encoder) room(i, at int) int {
	e.closeBlock(i)
	for ; at-i >= blockSymbols; i += blockSymbols {
		e.literals(i, i+blockSymbols)
		e.closeBlock(i + blockSymbols)
	}
	return i
}
