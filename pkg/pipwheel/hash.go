package pipwheel

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// digest is a hash that a RECORD row asks for.
type digest struct {
	algorithm string // "sha256", "sha384" or "sha512"
	sum       []byte
}

// newHash returns nil for an algorithm that RECORD may not use or that is unknown.
func newHash(algorithm string) hash.Hash {
	switch algorithm {
	case "sha256":
		return sha256.New()
	case "sha384":
		return sha512.New384()
	case "sha512":
		return sha512.New()
	}
	return nil
}

// parseHash reads a row's hash. An empty one gives nil. Algorithms weaker than SHA-256 are not
// allowed in RECORD; an unknown one cannot be checked: both are errors, as is a digest of the
// wrong length. Digits in hexadecimal, which some build tools wrote, have a length of their own
// and are understood.
func parseHash(s string) (*digest, error) {
	if s == "" {
		return nil, nil //nolint:nilnil // no hash is a normal answer
	}
	algorithm, text, ok := strings.Cut(s, "=")
	algorithm = strings.ToLower(algorithm)
	h := newHash(algorithm)
	if !ok || h == nil {
		return nil, fmt.Errorf("hash %q: the algorithm is not sha256, sha384 or sha512", clip(s))
	}
	if len(text) == 2*h.Size() {
		if sum, err := hex.DecodeString(text); err == nil {
			return &digest{algorithm, sum}, nil
		}
	}
	sum, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil || len(sum) != h.Size() {
		return nil, fmt.Errorf("hash %q: not %d bytes in URL-safe base64", clip(s), h.Size())
	}
	return &digest{algorithm, sum}, nil
}

// parseSHA256 reads a hash into sum if it is one as nearly all rows have: SHA-256 in base64 without
// padding. What it does not read is for parseHash.
func parseSHA256(s string, sum *[sha256.Size]byte) bool {
	text, ok := strings.CutPrefix(s, "sha256=")
	var digits [43]byte
	if !ok || copy(digits[:], text) != len(text) {
		return false
	}
	n, err := base64.RawURLEncoding.Decode(sum[:], digits[:len(text)])
	return err == nil && n == len(sum)
}

// check compares bytes with the digest.
func (d *digest) check(content []byte) error {
	h := newHash(d.algorithm)
	h.Write(content)
	return d.compare(h)
}

func (d *digest) compare(h hash.Hash) error {
	if !bytes.Equal(h.Sum(nil), d.sum) {
		return refusal.New("", fmt.Sprintf("the bytes have not the %s that RECORD gives", d.algorithm), "")
	}
	return nil
}

// hashCheck passes on size bytes and fails when they have not the digest wanted: in place of the
// end, and when it is closed, for readers that ask for no more than size bytes.
type hashCheck struct {
	io.ReadCloser
	hash hash.Hash
	left int64
	want *digest
	bad  error
}

func newHashCheck(r io.ReadCloser, size int64, want *digest) io.ReadCloser {
	return &hashCheck{ReadCloser: r, hash: newHash(want.algorithm), left: size, want: want}
}

func (c *hashCheck) Read(b []byte) (int, error) {
	n, err := c.ReadCloser.Read(b)
	c.hash.Write(b[:n])
	c.left -= int64(n)
	if c.left <= 0 || errors.Is(err, io.EOF) {
		if c.bad = c.want.compare(c.hash); c.bad != nil {
			return n, c.bad
		}
	}
	return n, err
}

// Close closes what is underneath.
func (c *hashCheck) Close() error {
	err := c.ReadCloser.Close()
	if err == nil {
		return c.bad
	}
	return errors.Join(c.bad, err)
}
