package deflate

import (
	"math/bits"
	"testing"
)

func TestLengthsOf(t *testing.T) {
	fibonacci := make([]uint32, 30)
	fibonacci[0], fibonacci[1] = 1, 1
	for i := 2; i < len(fibonacci); i++ {
		fibonacci[i] = fibonacci[i-1] + fibonacci[i-2]
	}
	for name, c := range map[string]struct {
		freq  []uint32
		limit int
	}{
		"none":      {make([]uint32, 30), 15},
		"one":       {[]uint32{0, 0, 0, 7, 0}, 15},
		"two":       {[]uint32{9, 0, 1}, 15},
		"equal":     {[]uint32{5, 5, 5, 5, 5, 5, 5}, 15},
		"fibonacci": {fibonacci, 15},
		"cut to 7":  {fibonacci[:19], 7},
		"all":       {make288(), 15},
	} {
		lens := make([]uint8, len(c.freq))
		lengthsOf(c.freq, lens, c.limit)
		space := 0
		for s, l := range lens {
			if int(l) > c.limit || c.freq[s] > 0 && l == 0 {
				t.Errorf("%s: symbol %d has %d bits", name, s, l)
			}
			if l > 0 {
				space += 1 << (c.limit - int(l))
			}
			for r, k := range lens {
				if c.freq[s] > c.freq[r] && k > 0 && l > k {
					t.Errorf("%s: %d is more frequent than %d and longer", name, s, r)
				}
			}
		}
		if space != 1<<c.limit {
			t.Errorf("%s: %d of %d codes", name, space, 1<<c.limit)
		}
		codes := make([]uint16, len(lens))
		codesOf(lens, codes)
		seen := map[[2]int]bool{}
		for s, l := range lens {
			if l == 0 {
				continue
			}
			for short := 1; short <= int(l); short++ {
				if seen[[2]int{int(codes[s]) & (1<<short - 1), short}] {
					t.Errorf("%s: a code is the start of another", name)
				}
			}
			seen[[2]int{int(codes[s]), int(l)}] = true
		}
	}
}

func make288() []uint32 {
	f := make([]uint32, 286)
	for i := range f {
		f[i] = uint32(bits.Reverse8(uint8(i))) * 100
	}
	return f
}

func TestSymbols(t *testing.T) {
	for d := range 32768 {
		s, extra := distSym(uint32(d))
		base := s
		if s >= 4 {
			base = (2 + s&1) << distExtra(int(s))
		}
		if base+extra != uint32(d) || extra >= 1<<distExtra(int(s)) || s >= numDist {
			t.Fatalf("distance %d: symbol %d", d+1, s)
		}
	}
	for l := 3; l <= maxMatch; l++ {
		s := lengthSym[l]
		if over := l - int(lengthBase[s]); over < 0 || over >= 1<<lengthExtra[s] {
			t.Fatalf("length %d: symbol %d", l, s)
		}
	}
}

// Positions that grow beyond what is kept start again, and nothing shows.
func TestPositionsStartAgain(t *testing.T) {
	var fresh, old Encoder
	p := make([]byte, 50000)
	for i := range p {
		p[i] = byte(i * i >> 9 & 31)
	}
	parts := []Part{{Len: 30000}, {Len: 20000, Kind: Parsed}}
	want, err := fresh.Encode(nil, p, 0, -1, parts)
	if err != nil {
		t.Fatal(err)
	}
	old.base = 1<<31 - 10
	old.used = 5
	for range 3 {
		got, err := old.Encode(nil, p, 0, -1, parts)
		if err != nil || string(got) != string(want) {
			t.Fatalf("at base %d: %d bytes, want %d: %v", old.base, len(got), len(want), err)
		}
	}
}
