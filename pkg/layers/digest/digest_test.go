package digest_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/layers/digest"
)

// engines are the ways to make a digest; where the CPU lacks the SHA extensions both are one.
var engines = map[string]func() *digest.Digest{"New": digest.New, "portable": digest.NewPortable}

// TestVectors has the examples that NIST gives for FIPS 180-4.
func TestVectors(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
		{"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu", "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
		{strings.Repeat("a", 1000000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
	} {
		for name, start := range engines {
			d := start()
			if n, err := d.Write([]byte(tt.in)); n != len(tt.in) || err != nil {
				t.Errorf("%s: Write of %d bytes returned %d, %v", name, len(tt.in), n, err)
			}
			if got := hex.EncodeToString(d.Sum(nil)); got != tt.want {
				t.Errorf("%s of %d bytes: %s, not %s", name, len(tt.in), got, tt.want)
			}
			one := start().Add([]byte(tt.in))
			if got := hex.EncodeToString(one[:]); got != tt.want {
				t.Errorf("%s: Add of %d bytes: %s, not %s", name, len(tt.in), got, tt.want)
			}
		}
	}
}

// TestLengths takes every way to hash every length up to some blocks, at every alignment.
func TestLengths(t *testing.T) {
	all := noise(400)
	for name, start := range engines {
		for n := range 301 {
			p := all[n%64:][:n]
			want := sha256.Sum256(p)
			d, a, b, c := start(), start(), start(), start()
			_, _ = d.Write(p)
			digest.WriteBoth(a, b, p)
			check(t, name+" Write", d, p)
			check(t, name+" WriteBoth, first", a, p)
			check(t, name+" WriteBoth, second", b, p)
			if got := c.Add(p); got != want {
				t.Errorf("%s: Add of %d bytes returned %x, not %x", name, n, got, want)
			}
			check(t, name+" Add", c, p)
		}
	}
}

// TestFills has two digests at every place of a block, and apart there, when they are written
// to together.
func TestFills(t *testing.T) {
	p, q := noise(200), noise(201)
	for name, start := range engines {
		for first := range 66 {
			for second := range 66 {
				for _, n := range []int{0, 1, 62, 63, 64, 65, 200} {
					a, b := start(), start()
					_, _ = a.Write(p[:first])
					_, _ = b.Write(q[:second])
					digest.WriteBoth(a, b, p[:n])
					check(t, name+" first", a, p[:first], p[:n])
					check(t, name+" second", b, q[:second], p[:n])
				}
			}
		}
	}
}

// TestSplits writes large inputs in random pieces.
func TestSplits(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for name, start := range engines {
		for range 30 {
			p := noise(1 + r.IntN(300000))
			before := p[:r.IntN(min(len(p), 200))]
			d, a, b := start(), start(), start()
			_, _ = a.Write(before)
			for rest := p; len(rest) > 0; {
				n := 1 + r.IntN(min(len(rest), 1<<r.IntN(18)))
				_, _ = d.Write(rest[:n])
				digest.WriteBoth(a, b, rest[:n])
				rest = rest[n:]
			}
			check(t, name+" Write", d, p)
			check(t, name+" WriteBoth, first", a, before, p)
			check(t, name+" WriteBoth, second", b, p)
		}
	}
}

// TestTar hashes files at block starts of a stream, as those of a tar are.
func TestTar(t *testing.T) {
	for name, start := range engines {
		d, whole := start(), []byte{}
		for _, n := range []int{0, 1, 511, 512, 513, 70000} {
			content := noise(n)
			padded := append(content, bytes.Repeat([]byte{0}, -n&511)...)
			_, _ = d.Write(noise(512))
			if got, want := d.Add(content), sha256.Sum256(content); got != want {
				t.Errorf("%s: file of %d bytes: %x, not %x", name, n, got, want)
			}
			_, _ = d.Write(padded[n:])
			whole = append(append(whole, noise(512)...), padded...)
		}
		check(t, name, d, whole)
	}
}

// TestMixed writes to digests of both engines together, and twice to one.
func TestMixed(t *testing.T) {
	p := noise(1000)
	a, b := digest.New(), digest.NewPortable()
	digest.WriteBoth(a, b, p)
	digest.WriteBoth(b, a, p[:100])
	digest.WriteBoth(a, a, p)
	digest.WriteBoth(b, b, p)
	check(t, "New", a, p, p[:100], p, p)
	check(t, "portable", b, p, p[:100], p, p)
}

// TestHash is what hash.Hash promises: Sum appends and changes nothing, Reset forgets, and
// the zero value is an empty digest.
func TestHash(t *testing.T) {
	p := noise(777)
	zero := func() *digest.Digest { return &new(struct{ d digest.Digest }).d }
	for _, start := range []func() *digest.Digest{digest.New, digest.NewPortable, zero} {
		var h hash.Hash = start()
		if h.Size() != sha256.Size || h.BlockSize() != sha256.BlockSize {
			t.Errorf("size %d, block size %d", h.Size(), h.BlockSize())
		}
		check(t, "of nothing", h)
		for i := range p {
			check(t, "so far", h, p[:i])
			_, _ = h.Write(p[i : i+1])
		}
		sum := sha256.Sum256(p)
		if got, want := h.Sum([]byte("before ")), append([]byte("before "), sum[:]...); !bytes.Equal(got, want) {
			t.Errorf("Sum gave %x, not %x", got, want)
		}
		h.Reset()
		check(t, "of nothing after Reset", h)
		_, _ = h.Write(p[:70])
		check(t, "after Reset", h, p[:70])
	}
}

func TestAllocations(t *testing.T) {
	p, sum := noise(1000), make([]byte, 0, digest.Size)
	for name, start := range engines {
		a, b := start(), start()
		for what, run := range map[string]func(){
			"Write":     func() { _, _ = a.Write(p) },
			"WriteBoth": func() { digest.WriteBoth(a, b, p) },
			"Add":       func() { a.Add(p) },
			"Sum":       func() { a.Sum(sum) },
			"Reset":     func() { a.Reset() },
		} {
			if n := testing.AllocsPerRun(100, run); n != 0 {
				t.Errorf("%s: %s allocates %v times", name, what, n)
			}
		}
	}
}

// check compares what h says with the SHA-256 of the parts.
func check(t *testing.T, what string, h hash.Hash, parts ...[]byte) {
	t.Helper()
	p := bytes.Join(parts, nil)
	want := sha256.Sum256(p)
	if got := h.Sum(nil); !bytes.Equal(got, want[:]) {
		t.Errorf("%s: SHA-256 of %d bytes is %x, not %x", what, len(p), got, want)
	}
}
