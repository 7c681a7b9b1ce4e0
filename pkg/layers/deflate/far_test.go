package deflate

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// find is what the encoder does at a position.
func (t *farTable) find(buf []byte, i, limit, least int) (length, dist int) {
	v := binary.LittleEndian.Uint64(buf[i:])
	h, marks := t.like(v)
	return t.longest(h, buf, i, v, marks, limit, least)
}

// insert makes every step-th of the positions from lo up to hi known.
func (t *farTable) insert(buf []byte, lo, hi, step int) {
	var positions []uint64
	for i := lo; i < hi; i += step {
		positions = append(positions, uint64(i))
	}
	t.add(buf, positions)
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
	table.reset()
	if n, _ := table.find(buf, 180_000, 180_100, 0); n != 0 {
		t.Errorf("%d bytes in an empty table", n)
	}
}

// The two ways to make positions known leave the same table, and neither reads beyond the buffer.
func TestFarTableAdd(t *testing.T) {
	buf := make([]byte, 100_000)
	seed := uint32(1)
	next := func() uint32 {
		seed = seed*1664525 + 1013904223
		return seed >> 8
	}
	for i := range buf {
		buf[i] = byte(next() & 3)
	}
	var one, other farTable
	for n := range 300 {
		positions := make([]uint64, n)
		for i := range positions {
			positions[i] = uint64(next()) % uint64(len(buf)-7)
		}
		one.add(buf, positions)
		other.addEach(buf, positions)
		if one != other {
			t.Fatalf("after %d positions the tables differ", n)
		}
	}
	last := uint64(len(buf) - 8)
	one.add(buf, []uint64{0, last})
	for _, outside := range []uint64{last + 1, last + 9, 1 << 40, ^uint64(0)} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("position %d of %d is taken", outside, len(buf))
				}
			}()
			one.add(buf, []uint64{1, outside, 2})
		}()
	}
}
