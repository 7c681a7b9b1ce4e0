package deflate

// token is a literal or a match:
//
//	bits  0..8   the literal, or 256 and the match's length less minLength
//	bits  9..13  distance symbol (RFC 1951, section 3.2.5), noDist for a literal
//	bits 14..26  extra bits of the distance
type token uint32

const (
	minLength = 3 // of a match that DEFLATE can express
	noDist    = 30
	// blockSymbols is how many literals and matches a block has when it is closed, as zlib's.
	blockSymbols = 16 << 10
)

func literalToken(b byte) token { return token(b) | noDist<<9 }

func matchToken(length, dist int) token {
	sym, extra := distSym(uint32(dist - 1))
	return token(256+length-minLength) | token(sym<<9|extra<<14)
}

// length is how many bytes the token stands for.
func (t token) length() int {
	if u := int(t.unit()); u >= 256 {
		return u - 256 + minLength
	}
	return 1
}

func (t token) unit() uint32       { return uint32(t & 511) }
func (t token) distSymbol() uint32 { return uint32(t >> 9 & 31) }
func (t token) distExtra() uint32  { return uint32(t >> 14) }

// tokens are what the open block is made of so far, and how often each literal, length and distance symbol comes.
type tokens struct {
	all      [blockSymbols]token
	n        int
	unitFreq [512]uint32
	distFreq [32]uint32 // the first numDist count
}

// list returns the tokens.
func (t *tokens) list() []token { return t.all[:t.n] }

// reset forgets all tokens.
func (t *tokens) reset() {
	t.n = 0
	clear(t.unitFreq[:])
	clear(t.distFreq[:])
}

// literal adds a byte; there is room for it.
func (t *tokens) literal(b byte) {
	t.all[t.n&(blockSymbols-1)] = literalToken(b)
	t.n++
	t.unitFreq[b]++
}

// drop takes back the last token.
func (t *tokens) drop() {
	t.n--
	m := t.all[t.n&(blockSymbols-1)]
	t.unitFreq[m.unit()]--
	if m.distSymbol() != noDist {
		t.distFreq[m.distSymbol()]--
	}
}

// match adds the token of a match; there is room for it.
func (t *tokens) match(m token) {
	t.all[t.n&(blockSymbols-1)] = m
	t.n++
	t.unitFreq[m.unit()]++
	t.distFreq[m.distSymbol()]++
}

// literals adds buf[lo:hi].
func (e *Encoder) literals(lo, hi int) {
	for i, b := range e.buf[lo:hi] {
		if e.tokens.n == blockSymbols {
			e.closeBlock(lo + i)
		}
		e.tokens.literal(b)
	}
}

// emit adds a match of buf at pos. Nothing is between it and what was added before.
func (e *Encoder) emit(pos, length, dist int) {
	if e.tokens.n == blockSymbols {
		e.closeBlock(pos)
	}
	e.tokens.match(matchToken(length, dist))
}
