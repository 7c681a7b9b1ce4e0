package deflate

import (
	"bytes"
	"testing"
)

// What the table finds is there, within reach, and as long as it says; what it was told last
// is found.
func TestFarTable(t *testing.T) {
	buf := make([]byte, 0, 100_000)
	seed := uint32(1)
	for len(buf) < 90_000 {
		seed = seed*1664525 + 1013904223
		if len(buf) > 2000 && seed>>30 == 0 {
			at := len(buf) - 1 - int(seed>>8)%2000
			buf = append(buf, buf[at:min(len(buf), at+int(seed>>20&63))]...)
			continue
		}
		buf = append(buf, byte(seed>>24))
	}
	var table farTable
	table.reset()
	found := 0
	for i, step := 0, 1000; i+step < len(buf); i += step {
		for at := i; at < i+step-8; at++ {
			pos, n, dist := table.find(buf, at, at+1, i+step, 0)
			if n == 0 {
				continue
			}
			found++
			if pos != at || dist < 1 || dist >= Window || n < farBytes || n > maxMatch || at+n > i+step {
				t.Fatalf("at %d: %d bytes %d before", at, n, dist)
			}
			if !bytes.Equal(buf[at:at+n], buf[at-dist:at-dist+n]) {
				t.Fatalf("at %d: the %d bytes %d before are others", at, n, dist)
			}
		}
		table.insert(buf, i, i+step)
	}
	if found < 1000 {
		t.Errorf("%d repetitions found", found)
	}
	copy(buf[80_000:], buf[70_000:70_100])
	table.insert(buf, 70_000, 70_100)
	if pos, n, dist := table.find(buf, 80_000, 80_050, 80_100, 0); pos != 80_000 || n != 100 || dist != 10_000 {
		t.Errorf("at %d: %d bytes %d before", pos, n, dist)
	}
	if _, n, _ := table.find(buf, 80_000, 80_001, 80_100, 100); n != 0 {
		t.Errorf("more than 100 bytes asked for, %d found", n)
	}
	table.reset()
	if pos, n, _ := table.find(buf, 80_000, 80_050, 80_100, 0); pos != 80_050 || n != 0 {
		t.Errorf("after reset: at %d, %d bytes", pos, n)
	}
}

// Whatever matches a part brings, the encoder's own account of them holds: what is written
// is verified, so that a wrong one is an error.
func TestReach(t *testing.T) {
	history := bytes.Repeat([]byte("0123456789abcdefghijklmnopqrstuvwxyz\n"), 900)
	start := len(history)
	buf := append(bytes.Clone(history), history[:5000]...)
	var e Encoder
	if _, err := e.Encode(nil, buf, start, -1, []Part{{Len: 5000, Kind: Parsed}}); err != nil {
		t.Fatal(err)
	}
	if e.reach <= 0 || e.reach > Window {
		t.Errorf("matches reach %d bytes into the history", e.reach)
	}
	if _, err := e.Encode(nil, []byte("history, then nothing of it"), 9, -1, []Part{{Len: 18}}); err != nil || e.reach > 9 {
		t.Errorf("reach %d: %v", e.reach, err)
	}
}
