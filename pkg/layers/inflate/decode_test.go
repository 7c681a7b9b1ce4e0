package inflate_test

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/layerpack/layerpack/pkg/layers/inflate"
)

func TestDecode(t *testing.T) { eachLoop(t, testDecode) }

func testDecode(t *testing.T, d *inflate.Decoder) {
	for name, p := range samples() {
		for _, level := range levels {
			c := deflated(t, level, p)
			got, info, err := d.Decode(nil, c, len(p))
			if err != nil {
				t.Fatalf("%s, level %d: %v", name, level, err)
			}
			if !bytes.Equal(got, p) {
				t.Errorf("%s, level %d: other bytes", name, level)
			}
			if info.Consumed() != int64(len(c)) {
				t.Errorf("%s, level %d: consumed %d of %d bytes", name, level, info.Consumed(), len(c))
			}
		}
	}
}

// The reported positions are right when a stream whose last block is unmarked goes on.
func TestInfo(t *testing.T) { eachLoop(t, testInfo) }

func testInfo(t *testing.T, d *inflate.Decoder) {
	for name, p := range samples() {
		for _, level := range levels {
			c := deflated(t, level, p)
			_, info, err := d.Decode(nil, c, len(p))
			if err != nil {
				t.Fatal(err)
			}
			if c[info.LastBlock/8]>>(info.LastBlock&7)&1 != 1 {
				t.Fatalf("%s, level %d: bit %d is not set", name, level, info.LastBlock)
			}
			c[info.LastBlock/8] &^= 1 << (info.LastBlock & 7)
			b := &bits{p: c[:info.Consumed()], n: int(info.End)}
			b.put(3, 10) // an empty last block with the fixed codes
			got, err := io.ReadAll(flate.NewReader(bytes.NewReader(b.p)))
			if err != nil || !bytes.Equal(got, p) {
				t.Errorf("%s, level %d: the stream does not go on at bit %d: %v", name, level, info.End, err)
			}
			got, more, err := d.Decode(nil, b.p, len(p))
			if err != nil || !bytes.Equal(got, p) || more.Blocks != info.Blocks+1 || more.LastBlock != info.End {
				t.Errorf("%s, level %d: %+v, then %+v: %v", name, level, info, more, err)
			}
		}
	}
}

func TestDecodeUsesRoom(t *testing.T) { eachLoop(t, testDecodeUsesRoom) }

func testDecodeUsesRoom(t *testing.T, d *inflate.Decoder) {
	p := text(5000, 1)
	c := deflated(t, 6, p)
	room := make([]byte, 0, len(p)+inflate.Slack)
	got, _, err := d.Decode(room, c, len(p))
	if err != nil || &got[0] != &room[:1][0] {
		t.Fatalf("result is not in the room given: %v", err)
	}
	if n := testing.AllocsPerRun(10, func() { _, _, _ = d.Decode(room, c, len(p)) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestDecodeHistory(t *testing.T) { eachLoop(t, testDecodeHistory) }

func testDecodeHistory(t *testing.T, d *inflate.Decoder) {
	history, p := text(40000, 1), text(3000, 1)
	var b bytes.Buffer
	w, err := flate.NewWriterDict(&b, 6, history)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(p); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got, _, err := d.Decode(history, b.Bytes(), len(p))
	if err != nil || !bytes.Equal(got[len(history):], p) || !bytes.Equal(got[:len(history)], history) {
		t.Fatalf("after its history: %v", err)
	}
	if _, _, err := d.Decode(nil, b.Bytes(), len(p)); !errors.Is(err, inflate.ErrFarBack) {
		t.Fatalf("without its history: %v", err)
	}
}

func TestDecodeMatches(t *testing.T) { eachLoop(t, testDecodeMatches) }

func testDecodeMatches(t *testing.T, d *inflate.Decoder) {
	for name, p := range samples() {
		for _, level := range levels {
			before := []inflate.Match{inflate.NewMatch(1, 2, 3)}
			got, matches, _, err := d.DecodeMatches([]byte("history"), deflated(t, level, p), len(p), before)
			if err != nil || !bytes.Equal(got[7:], p) || matches[0] != before[0] {
				t.Fatalf("%s, level %d: %v", name, level, err)
			}
			if err := replay(p, matches[1:]); err != nil {
				t.Errorf("%s, level %d: %v", name, level, err)
			}
			if name == "zeros" && level == 6 && len(matches) < 300 {
				t.Errorf("%s: only %d matches", name, len(matches))
			}
		}
	}
}

// replay checks that matches are in order and true.
func replay(p []byte, matches []inflate.Match) error {
	at := 0
	for _, m := range matches {
		if m.Pos() < at || m.Len() < 3 || m.Len() > 258 || m.Dist() > m.Pos() || m.Pos()+m.Len() > len(p) {
			return fmt.Errorf("match of %d at %d, %d back, after %d", m.Len(), m.Pos(), m.Dist(), at)
		}
		for at = m.Pos(); at < m.Pos()+m.Len(); at++ {
			if p[at] != p[at-m.Dist()] {
				return fmt.Errorf("match of %d at %d, %d back, is wrong at %d", m.Len(), m.Pos(), m.Dist(), at)
			}
		}
	}
	return nil
}
