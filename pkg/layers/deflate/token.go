package deflate

// token is a literal or a match, by the symbols and extra bits that stand for it (RFC 1951,
// section 3.2.5):
//
//	bits  0..8   literal or length symbol
//	bits  9..13  extra bits of the length
//	bits 14..18  distance symbol, noDist for a literal
//	bits 19..31  extra bits of the distance
type token uint32

const (
	noDist = 30
	// blockSymbols is how many literals and matches a block has when it is closed, as zlib's.
	blockSymbols = 16 << 10
)

func literalToken(b byte) token { return token(b) | noDist<<14 }

func matchToken(length, dist int) token {
	sym, extra := distSym(uint32(dist - 1))
	return lengthToken[length] | token(sym<<14|extra<<19)
}

// lengthToken is the part of a match's token that its length decides on, by length.
var lengthToken = func() (t [maxMatch + 1]token) {
	for l := 3; l <= maxMatch; l++ {
		s := lengthSym[l]
		t[l] = endSym + 1 + token(s) | (token(l)-token(lengthBase[s]))<<9
	}
	return t
}()

func (t token) symbol() uint32      { return uint32(t & 511) }
func (t token) lengthExtra() uint32 { return uint32(t >> 9 & 31) }
func (t token) distSymbol() uint32  { return uint32(t >> 14 & 31) }
func (t token) distExtra() uint32   { return uint32(t >> 19) }

// tokens are what the open block is made of so far, and how often each symbol comes.
type tokens struct {
	all      [blockSymbols]token
	n        int
	litFreq  [512]uint32 // the first numLit count
	distFreq [32]uint32  // the first numDist count
}

// list returns the tokens.
func (t *tokens) list() []token { return t.all[:t.n] }

// reset forgets all tokens.
func (t *tokens) reset() {
	t.n = 0
	clear(t.litFreq[:])
	clear(t.distFreq[:])
}

// literal adds a byte; there is room for it.
func (t *tokens) literal(b byte) {
	t.all[t.n&(blockSymbols-1)] = literalToken(b)
	t.n++
	t.litFreq[b]++
}

// drop takes back the last token, the literal b.
func (t *tokens) drop(b byte) {
	t.n--
	t.litFreq[b]--
}

// match adds the token of a match; there is room for it.
func (t *tokens) match(m token) {
	t.all[t.n&(blockSymbols-1)] = m
	t.n++
	t.litFreq[m.symbol()]++
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
