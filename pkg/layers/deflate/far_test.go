package deflate

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// find is what the encoder does at a position.
func (t *farTable) find(buf []byte, i, limit, least int) (length, dist int) {
	v := binary.LittleEndian.Uint64(buf[i:])
	b, marks := t.like(v)
	return b.longest(buf, i, v, marks, limit, least)
}

// What the table finds is there, within reach, and as long as it says; what it was told last
// is found.
func TestFarTable(t *testing.T) {
	buf := make([]byte, 0, 200_000)
	seed := uint32(1)
	for len(buf) < 190_000 {
		seed = seed*1664525 + 1013904223
		if len(buf) > 2000 && seed>>30 == 0 {
			at := len(buf) - 1 - int(seed>>8)%2000
			buf = append(buf, buf[at:min(len(buf), at+int(seed>>20&63))]...)
			continue
		}
		buf = append(buf, byte(seed>>24))
	}
	var table farTable
	found := 0
	for i, step := 0, 1000; i+step < len(buf); i += step {
		for at := i; at < i+step-8; at++ {
			n, dist := table.find(buf, at, i+step, 0)
			if n == 0 {
				continue
			}
			found++
			if dist < 1 || dist >= Window || dist > at || n < farBytes || n > maxMatch || at+n > i+step {
				t.Fatalf("at %d: %d bytes %d before", at, n, dist)
			}
			if !bytes.Equal(buf[at:at+n], buf[at-dist:at-dist+n]) {
				t.Fatalf("at %d: the %d bytes %d before are others", at, n, dist)
			}
		}
		table.insert(buf, i, i+step, 2)
	}
	if found < 1000 {
		t.Errorf("%d repetitions found", found)
	}
	copy(buf[180_000:], buf[170_000:170_100])
	table.insert(buf, 170_000, 170_100, 1)
	if n, dist := table.find(buf, 180_000, 180_100, 0); n != 100 || dist != 10_000 {
		t.Errorf("%d bytes %d before", n, dist)
	}
	if n, _ := table.find(buf, 180_000, 180_100, 100); n != 0 {
		t.Errorf("more than 100 bytes asked for, %d found", n)
	}
	// Of two that are as long, the nearer: it takes fewer bits.
	copy(buf[175_000:], buf[170_000:170_100])
	table.insert(buf, 175_000, 175_100, 1)
	if n, dist := table.find(buf, 180_000, 180_100, 0); n != 100 || dist != 5_000 {
		t.Errorf("%d bytes %d before", n, dist)
	}
	clear(table[:])
	if n, _ := table.find(buf, 180_000, 180_100, 0); n != 0 {
		t.Errorf("%d bytes in an empty table", n)
	}
}
