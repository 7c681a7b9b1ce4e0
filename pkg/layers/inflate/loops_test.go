package inflate_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/layers/inflate"
)

// pair decodes with both inner loops, in buffers that begin and end at memory that nobody may touch.
type pair struct {
	loops map[string]*inflate.Decoder
	in    *guarded
	out   map[string]*guarded
}

const (
	pairIn  = 1 << 20
	pairOut = 2 << 20
)

func newPair(t testing.TB) *pair {
	p := &pair{loops: inflate.Loops(), in: newGuarded(t, pairIn), out: map[string]*guarded{}}
	for name := range p.loops {
		p.out[name] = newGuarded(t, pairOut)
	}
	return p
}

// result is all that decoding tells, errors with the position in their text.
type result struct {
	out     []byte
	matches []inflate.Match
	info    inflate.Info
	err     string
}

func (r result) String() string {
	return fmt.Sprintf("%d bytes, %d matches, %+v, error %q", len(r.out), len(r.matches), r.info, r.err)
}

// compare decodes c after history as want bytes and fails if not everything is the same.
func (p *pair) compare(t testing.TB, what string, history, c []byte, want int) result {
	t.Helper()
	var first *result
	var firstName string
	for name, d := range p.loops {
		for _, recorded := range []bool{true, false} {
			got := p.decode(t, d, p.out[name], history, c, want, recorded)
			if first == nil {
				first, firstName = &got, name
			}
			if !recorded {
				got.matches = first.matches
			}
			if !bytes.Equal(got.out, first.out) || !slices.Equal(got.matches, first.matches) || got.info != first.info || got.err != first.err {
				t.Fatalf("%s, %d bytes wanted: %s: %v, %s: %v", what, want, firstName, first, name, got)
			}
		}
	}
	return *first
}

func (p *pair) decode(t testing.TB, d *inflate.Decoder, room *guarded, history, c []byte, want int, recorded bool) (r result) {
	t.Helper()
	src := p.in.last(len(c))
	copy(src, c)
	// Output at the end of the guarded memory, so that nothing may be written beyond Slack; where
	// it begins nothing may be read, so only the history's first byte can be the first of a match.
	whole := room.last(len(history) + want + inflate.Slack)
	dst := append(whole[:0], history...)
	before := room.before(whole)
	var err error
	if recorded {
		r.out, r.matches, r.info, err = d.DecodeMatches(dst, src, want, nil)
	} else {
		r.out, r.info, err = d.Decode(dst, src, want)
	}
	if err != nil {
		r.err = err.Error()
	}
	if !bytes.Equal(src, c) || !bytes.HasPrefix(whole, history) || !before.untouched() {
		t.Fatal("wrote outside its room")
	}
	return r
}

func TestLoopsAgree(t *testing.T) {
	p := newPair(t)
	for name, b := range samples() {
		for level := -2; level <= 9; level++ {
			c := deflated(t, level, b)
			if r := p.compare(t, fmt.Sprintf("%s, level %d", name, level), nil, c, len(b)); r.err != "" || !bytes.Equal(r.out, b) {
				t.Fatalf("%s, level %d: %v", name, level, r)
			}
		}
	}
	for _, h := range hostile {
		for want := range 12 {
			p.compare(t, h.name, nil, h.b.p, want)
			p.compare(t, h.name+", after history", []byte("history"), h.b.p, want)
		}
	}
}

// Every length of output, so that the limit comes at every place of a turn, and every length of input.
func TestLoopsAgreeAtLimits(t *testing.T) {
	p := newPair(t)
	b := slices.Concat(text(1500, 1), noise(60, 2), bytes.Repeat([]byte("x"), 600), text(500, 1), bytes.Repeat([]byte("abcde"), 100))
	for _, level := range levels {
		c := deflated(t, level, b)
		for want := range len(b) + 4 {
			p.compare(t, fmt.Sprintf("level %d", level), nil, c, want)
		}
		for n := range c {
			p.compare(t, fmt.Sprintf("level %d, %d of %d bytes", level, n, len(c)), nil, c[:n], len(b))
		}
	}
}

func TestLoopsAgreeOnDamage(t *testing.T) {
	p := newPair(t)
	b := slices.Concat(text(1200, 1), noise(40, 2), bytes.Repeat([]byte("xyz"), 90), text(400, 1))
	history := text(300, 9)
	for _, level := range []int{-2, 1, 6, 9} {
		c := deflated(t, level, b)
		for bit := range 8 * len(c) {
			damaged := bytes.Clone(c)
			damaged[bit/8] ^= 1 << (bit & 7)
			p.compare(t, fmt.Sprintf("level %d, bit %d flipped", level, bit), history[:bit%len(history)], damaged, len(b))
		}
	}
}

// Random codes, most of them long, and all distances allowed after enough history.
func TestLoopsAgreeOnRandomCodes(t *testing.T) {
	p := newPair(t)
	r := rand.New(rand.NewPCG(1, 2))
	history := noise(33000, 1)
	seen := map[string]int{}
	for k := range 400 {
		c, want := randomStream(r, 1+r.IntN(1000))
		h := history[:[]int{0, 1, 300, len(history), len(history), len(history)}[k%6]]
		got := p.compare(t, fmt.Sprintf("random stream %d", k), h, c, want)
		for n := range 12 {
			p.compare(t, fmt.Sprintf("random stream %d", k), h, c[:len(c)*n/12], want)
		}
		cause, _, _ := strings.Cut(got.err, " (")
		seen[cause]++
	}
	if seen[""] < 100 {
		t.Errorf("only %d random streams are decoded to their end: %v", seen[""], seen)
	}
	for _, err := range []error{inflate.ErrFarBack, inflate.ErrSymbol, inflate.ErrTooLong, inflate.ErrTooShort, inflate.ErrTruncated} {
		if seen[err.Error()] == 0 {
			t.Errorf("no random stream ended because %v, but %v", err, seen)
		}
	}
	if seen[inflate.ErrCodes.Error()] > 0 {
		t.Errorf("random codes are not complete: %v", seen)
	}
}
