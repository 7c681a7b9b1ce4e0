package spec

import (
	"fmt"
	"math"
	"math/big"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// ParseSize reads a number of bytes: "500MB" and "1.5GB" are powers of ten, "500MiB" and, as
// Docker's memory flags have it, "500m" powers of two; case does not matter, and a number alone is bytes.
func ParseSize(s string) (int64, error) {
	number := strings.TrimRight(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ")
	factor, known := unit(strings.TrimSpace(s[len(number):]))
	n, ok := decimal(number)
	if !ok || !known {
		return 0, fmt.Errorf("%q is no size; write one such as 500MB, 2GiB or 1073741824", s)
	}
	n.Mul(n, new(big.Rat).SetInt64(factor))
	whole := new(big.Int).Quo(n.Num(), n.Denom())
	if !whole.IsInt64() {
		return 0, fmt.Errorf("%q is more than %d bytes", s, int64(math.MaxInt64))
	}
	return whole.Int64(), nil
}

// decimal reads digits with at most one point among them.
func decimal(s string) (*big.Rat, bool) {
	const longest = 40 // characters
	if len(s) > longest || strings.Trim(s, "0123456789.") != "" || strings.Count(s, ".") > 1 || strings.HasPrefix(s, ".") || strings.HasSuffix(s, ".") {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

// unit is what a number stands for that has the letters behind it, in bytes.
func unit(letters string) (int64, bool) {
	letters = strings.ToLower(letters)
	if letters == "" || letters == "b" {
		return 1, true
	}
	power := strings.IndexByte("kmgt", letters[0])
	if power < 0 {
		return 0, false
	}
	base := int64(0)
	switch letters[1:] {
	case "b":
		base = 1000
	case "", "ib":
		base = 1024
	default:
		return 0, false
	}
	factor := base
	for range power {
		factor *= base
	}
	return factor, true
}

func (b *Build) layerSize(f Flags) (err error) {
	if f.MaxLayerSize == "" {
		return nil
	}
	if b.MaxLayerSize, err = ParseSize(f.MaxLayerSize); err != nil {
		return usage("--max-layer-size: %w", err)
	}
	if b.MaxLayerSize == 0 {
		return usage("--max-layer-size %s: nothing fits into it; leave it out for layers of any size", f.MaxLayerSize)
	}
	return nil
}

func (b *Build) expect(f Flags) error {
	if f.Expect == "" {
		return nil
	}
	digest, err := v1.NewHash(f.Expect)
	if err != nil {
		return usage("--expect %s: write a digest such as sha256:4d5a…, as --print digest has it", f.Expect)
	}
	b.Expect = digest.String()
	return nil
}
