package layers

import (
	"bytes"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/layers/deflate"
)

// entriesFrom makes entries out of any bytes: names, kinds and contents that a layer may have.
func entriesFrom(p []byte) (out []Entry) {
	var enc deflate.Encoder
	take := func() (c byte) {
		if len(p) > 0 {
			c, p = p[0], p[1:]
		}
		return c
	}
	folder := ""
	for i := 0; len(p) > 0 && i < 40; i++ {
		kind, n := take(), min(int(take())*int(1+take()), 20_000)
		name := folder + strings.Repeat("n", int(take()%120)) + string([]rune{'a' + rune(i), rune(0x80 + int(kind))})
		text := prose(uint32(n), n)
		if kind&0x40 != 0 {
			text = strings.Repeat(text[:n/3], 3)
		}
		switch kind % 6 {
		case 0:
			out = append(out, dir(name))
			folder = name + "/"
		case 1:
			out = append(out, link(name, "../"+name))
		case 2:
			out = append(out, Entry{Path: name, Kind: Whiteout})
		case 3:
			out = append(out, file(name, text))
		case 4:
			out = append(out, compressedFile(name, text, stored(text)))
		case 5:
			raw, err := enc.Encode(nil, []byte(text), 0, -1, []deflate.Part{{Len: len(text)}})
			if err != nil {
				panic(err)
			}
			out = append(out, compressedFile(name, text, append(raw, 3, 0)))
		}
	}
	return out
}

// Whatever the entries are, each format is what its record says and depends on nothing else, and
// eStargz is opened and verified by its own library.
func FuzzFormats(f *testing.F) {
	f.Add([]byte(nil))
	f.Add([]byte("0000\x051\x0220\x03zz~\x04zz\x07\x00\x00\x011111\x02222@333\x05\xff\xff\x01"))
	f.Fuzz(func(t *testing.T, p []byte) {
		entries := entriesFrom(p)
		if _, err := Sort(entries); err != nil {
			return // a name that is too long
		}
		for _, c := range formats() {
			o := Options{Compression: c}
			if c == EStargz && len(p)%2 == 1 {
				o.Prioritize = prioritized(entries)
			}
			var b bytes.Buffer
			rec, err := NewBuilder(2).WriteAs(t.Context(), &b, entries, o)
			if err != nil {
				t.Fatal(err)
			}
			plain := decode(t, c, b.Bytes())
			if rec.DiffID.Hex != hexOf(plain) || rec.TarSize != int64(len(plain)) {
				t.Fatalf("%s holds %d bytes, the record says %+v", c, len(plain), rec)
			}
			again, err := NewBuilder(1).WriteAs(t.Context(), io.Discard, entries, o)
			if err != nil || !reflect.DeepEqual(again, rec) {
				t.Fatalf("%s: %+v, then %+v, %v", c, rec, again, err)
			}
		}
		_, _, r, v := lazily(t, entries)
		for i := range entries {
			if e := &entries[i]; e.Kind == File && e.Size > 0 {
				ce, ok := r.ChunkEntryForOffset(e.Path, 0)
				if !ok {
					t.Fatalf("%s has no chunk", e.Path)
				}
				verifier, err := v.Verifier(ce)
				if err != nil {
					t.Fatal(err)
				}
				sr, err := r.OpenFile(e.Path)
				if err != nil {
					t.Fatal(err)
				}
				if n, err := io.Copy(verifier, sr); err != nil || n != e.Size || !verifier.Verified() {
					t.Fatalf("%s: %d of %d bytes, %v", e.Path, n, e.Size, err)
				}
			}
		}
	})
}
