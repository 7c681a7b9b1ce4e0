package inflate_test

import (
	"bytes"
	"errors"
	"testing"
	"testing/iotest"

	"github.com/layerpack/layerpack/pkg/layers/inflate"
)

func TestStream(t *testing.T) { eachLoop(t, testStream) }

func testStream(t *testing.T, d *inflate.Decoder) {
	all := samples()
	all["long"] = append(append(text(600000, 1), noise(300000, 2)...), make([]byte, 900000)...)
	for name, p := range all {
		for _, level := range levels {
			c := deflated(t, level, p)
			_, want, err := d.Decode(nil, c, len(p))
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			emit := func(b []byte) error { got.Write(b); return nil }
			info, err := d.Stream(bytes.NewReader(c), int64(len(c)), int64(len(p)), emit)
			if err != nil || info != want || !bytes.Equal(got.Bytes(), p) {
				t.Errorf("%s, level %d: %+v, want %+v: %v", name, level, info, want, err)
			}
			got.Reset()
			more := append(c, noise(100, 1)...)
			info, err = d.Stream(iotest.DataErrReader(iotest.HalfReader(bytes.NewReader(more))), int64(len(c)), int64(len(p)), emit)
			if err != nil || info != want || !bytes.Equal(got.Bytes(), p) {
				t.Errorf("%s, level %d, in small reads: %+v: %v", name, level, info, err)
			}
		}
	}
}

func TestStreamPassesErrors(t *testing.T) { eachLoop(t, testStreamPassesErrors) }

func testStreamPassesErrors(t *testing.T, d *inflate.Decoder) {
	p := text(700000, 1)
	c := deflated(t, 6, p)
	own := errors.New("disk full")
	if _, err := d.Stream(bytes.NewReader(c), int64(len(c)), int64(len(p)), func([]byte) error { return own }); err != own {
		t.Errorf("error of emit: %v", err)
	}
	if _, err := d.Stream(iotest.ErrReader(own), int64(len(c)), int64(len(p)), func([]byte) error { return nil }); err != own {
		t.Errorf("error of the reader: %v", err)
	}
	if _, err := d.Stream(bytes.NewReader(c), int64(len(c))-1, int64(len(p)), func([]byte) error { return nil }); !errors.Is(err, inflate.ErrTruncated) {
		t.Errorf("cut by its length: %v", err)
	}
	// Too much is noticed before it is emitted.
	n := 0
	_, err := d.Stream(bytes.NewReader(c), int64(len(c)), 1000, func(b []byte) error { n += len(b); return nil })
	if !errors.Is(err, inflate.ErrTooLong) || n > 1000 {
		t.Errorf("%d bytes of 1000 emitted: %v", n, err)
	}
}
