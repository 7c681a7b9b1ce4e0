package layers

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"
)

// What is written beside the caller is what is written at once: all of it, in order, counted and hashed.
func TestOutput(t *testing.T) {
	for _, beside := range []bool{false, true} {
		for _, lens := range [][]int{nil, {0}, {1}, {copyBuffer}, {1, copyBuffer, 3}, {5 * copyBuffer}, {copyBuffer - 1, 2, 3 * copyBuffer, 1}} {
			var got bytes.Buffer
			var want []byte
			o := newOutput(&got, beside)
			for i, n := range lens {
				p := []byte(strings.Repeat(string(rune('a'+i)), n))
				want = append(want, p...)
				if k, err := o.Write(p); k != n || err != nil {
					t.Errorf("%v: wrote %d of %d: %v", lens, k, n, err)
				}
				clear(p)
			}
			if err := errors.Join(o.close(), o.close()); err != nil {
				t.Error(err)
			}
			sum := sha256.Sum256(want)
			if !bytes.Equal(got.Bytes(), want) || o.blob.n != int64(len(want)) || o.blob.hash().Hex != hex.EncodeToString(sum[:]) {
				t.Errorf("beside %t, %v: %d bytes, counted %d", beside, lens, got.Len(), o.blob.n)
			}
		}
	}
}

// A failure is told by a later write, or when all should be written, and nothing is written after it.
func TestOutputFails(t *testing.T) {
	for _, beside := range []bool{false, true} {
		for _, n := range []int{1, copyBuffer, 20 * copyBuffer} {
			for _, room := range []int{0, copyBuffer} {
				w := &full{room}
				o := newOutput(w, beside)
				var err error
				for i := 0; i < n && err == nil; i += copyBuffer {
					_, err = o.Write(make([]byte, min(n, copyBuffer)))
				}
				var unwritten *outputError
				if ended := o.close(); (n > room) != errors.As(ended, &unwritten) || n == 20*copyBuffer && err == nil {
					t.Errorf("beside %t, %d bytes, room for %d: %v, then %v", beside, n, room, err, ended)
				}
			}
		}
		o := newOutput(short{}, beside)
		_, err := o.Write(make([]byte, 2000))
		if ended := o.close(); err != nil || !errors.Is(ended, io.ErrShortWrite) {
			t.Errorf("beside %t, an output that takes half and says nothing: %v", beside, ended)
		}
		o = newOutput(&counting{closed: true}, beside) // it panics when it is written to
		if _, err := o.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		if err := o.drop(); err != nil {
			t.Error(err)
		}
	}
}

type short struct{}

func (short) Write(p []byte) (int, error) { return len(p) / 2, nil }
