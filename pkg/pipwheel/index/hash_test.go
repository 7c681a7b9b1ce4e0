package index

import (
	"encoding/hex"
	"strings"
	"testing"
)

func TestParseHash(t *testing.T) {
	for _, algorithm := range []string{"md5", "sha1", "sha224", "sha256", "sha384", "sha512"} {
		sum := hex.EncodeToString(newHash(algorithm).Sum(nil))
		h, err := ParseHash(strings.ToUpper(algorithm + ":" + sum))
		if err != nil || h.Algorithm != algorithm || h.Hex != sum || len(sum) != digestLen(algorithm) {
			t.Errorf("%s: %+v, %v", algorithm, h, err)
		}
		if h.Strong() != (digestLen(algorithm) >= 64) {
			t.Errorf("%s: strong is %v", algorithm, h.Strong())
		}
		for _, wrong := range []string{sum[1:], sum + "0", "g" + sum[1:], ""} {
			if _, err := ParseHash(algorithm + ":" + wrong); err == nil {
				t.Errorf("%s of %d digits was accepted", algorithm, len(wrong))
			}
		}
	}
	for _, text := range []string{"", "blake2b:00", "sha3_256:" + sum64, "sha256=" + sum64} {
		if _, err := ParseHash(text); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}
