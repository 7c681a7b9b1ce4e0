package index

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"hash"
	"strings"
)

// Hash is what a file's content hashes to.
type Hash struct {
	Algorithm string // as Python's hashlib names it: "sha256"
	Hex       string // lower-case hexadecimal
}

func (h Hash) String() string { return h.Algorithm + ":" + h.Hex }

// Strong reports whether the algorithm is one that pip accepts for --hash: sha256, sha384, sha512.
func (h Hash) Strong() bool {
	return h.Algorithm == "sha256" || h.Algorithm == "sha384" || h.Algorithm == "sha512"
}

// ParseHash reads "algorithm:hex", as requirement and lock files write it. An algorithm that
// cannot be computed here, and a digest of a wrong length, are errors.
func ParseHash(text string) (Hash, error) {
	algorithm, digest, _ := strings.Cut(text, ":")
	h, err := makeHash(strings.ToLower(algorithm), digest)
	if err != nil {
		return Hash{}, fmt.Errorf("hash %.200q: %w", text, err)
	}
	return h, nil
}

var errAlgorithm = errors.New("the algorithm is none of md5, sha1, sha224, sha256, sha384, sha512")

func makeHash(algorithm, digest string) (Hash, error) {
	n := digestLen(algorithm)
	if n == 0 {
		return Hash{}, errAlgorithm
	}
	upper := false
	for i := range len(digest) {
		switch c := digest[i]; {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f':
		case c >= 'A' && c <= 'F':
			upper = true
		default:
			n = 0
		}
	}
	if len(digest) != n {
		return Hash{}, fmt.Errorf("not %d hexadecimal digits", digestLen(algorithm))
	}
	if upper {
		digest = strings.ToLower(digest)
	}
	return Hash{algorithm, digest}, nil
}

// digestLen is the length of a digest in hexadecimal, 0 for an algorithm that is not known.
func digestLen(algorithm string) int {
	switch algorithm {
	case "md5":
		return 2 * md5.Size
	case "sha1":
		return 2 * sha1.Size
	case "sha224":
		return 2 * sha256.Size224
	case "sha256":
		return 2 * sha256.Size
	case "sha384":
		return 2 * sha512.Size384
	case "sha512":
		return 2 * sha512.Size
	}
	return 0
}

// newHash returns nil for an algorithm that is not known. The weak ones are there because old
// indexes give no other; they find accidents.
func newHash(algorithm string) hash.Hash {
	switch algorithm {
	case "md5":
		return md5.New()
	case "sha1":
		return sha1.New()
	case "sha224":
		return sha256.New224()
	case "sha256":
		return sha256.New()
	case "sha384":
		return sha512.New384()
	case "sha512":
		return sha512.New()
	}
	return nil
}
