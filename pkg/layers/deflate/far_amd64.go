//go:build !purego

package deflate

// addPositions is addEach for the n positions that begin at positions; it stops at one above limit and returns
// how many are left.
//
//go:noescape
func addPositions(t *farTable, buf *byte, limit uint64, positions *uint64, n int) (left int)

// add makes positions known; eight bytes of buf follow each.
func (t *farTable) add(buf []byte, positions []uint64) {
	if n := len(positions); n > 0 && len(buf) >= 8 {
		left := addPositions(t, &buf[0], uint64(len(buf)-8), &positions[0], n)
		positions = positions[n-left:]
	}
	t.addEach(buf, positions) // nothing, unless a position is outside: that fails there
}
