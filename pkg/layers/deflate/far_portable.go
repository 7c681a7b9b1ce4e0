//go:build !amd64 || purego

package deflate

// add makes positions known; eight bytes of buf follow each.
func (t *farTable) add(buf []byte, positions []uint64) { t.addEach(buf, positions) }
