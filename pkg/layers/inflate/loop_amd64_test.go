//go:build !purego

package inflate

import (
	"bytes"
	"compress/flate"
	"testing"
)

// What the loop in assembly asks for must always be so, or it is never used.
func TestAlwaysSound(t *testing.T) {
	if !fast {
		t.Log("this processor lacks BMI2: the loop in assembly is not tested")
	}
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, 6)
	if err != nil {
		t.Fatal(err)
	}
	want := bytes.Repeat([]byte("a line that is repeated\n"), 40000)
	if _, err := w.Write(want); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	c := b.Bytes()

	var d Decoder
	for range 2 {
		if _, _, _, err := d.DecodeMatches(nil, c, len(want), nil); err != nil {
			t.Fatal(err)
		}
		emitted := 0
		if _, err := d.Stream(bytes.NewReader(c), int64(len(c)), int64(len(want)), func([]byte) error {
			emitted++
			if !d.sound() {
				t.Error("not sound while streaming")
			}
			return nil
		}); err != nil || emitted < 2 {
			t.Fatalf("%d pieces: %v", emitted, err)
		}
		// Decode, without forgetting the buffers at the end.
		if _, _, _, err := d.DecodeMatches(nil, c, len(want), nil); err != nil {
			t.Fatal(err)
		}
		d.begin(make([]byte, 3+len(want)+Slack), 3, int64(len(c)))
		d.in, d.limit = c, 3+len(want)
		if !d.sound() {
			t.Error("not sound at the beginning, after matches were recorded")
		}
		if err := d.blocks(); err != nil || !bytes.Equal(d.out[3:d.op], want) {
			t.Fatalf("decoding: %v", err)
		}
		if !d.sound() {
			t.Error("not sound at the end")
		}
	}
}
