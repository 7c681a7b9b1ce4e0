package pipwheel

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestParseHash(t *testing.T) {
	sum256, sum384, sum512 := sha256.Sum256([]byte("x")), sha512.Sum384([]byte("x")), sha512.Sum512([]byte("x"))
	text := base64.RawURLEncoding.EncodeToString
	for _, c := range []struct {
		name, hash string
		want       []byte
		fails      bool
	}{
		{"none", "", nil, false},
		{"sha256", "sha256=" + text(sum256[:]), sum256[:], false},
		{"upper case", "SHA256=" + text(sum256[:]), sum256[:], false},
		{"padded", "sha256=" + base64.URLEncoding.EncodeToString(sum256[:]), sum256[:], false},
		{"sha384", "sha384=" + text(sum384[:]), sum384[:], false},
		{"sha512", "sha512=" + text(sum512[:]), sum512[:], false},
		{"hexadecimal", "sha256=" + hex.EncodeToString(sum256[:]), sum256[:], false},
		{"md5", "md5=" + text(sum256[:16]), nil, true},
		{"unknown", "blake3=" + text(sum256[:]), nil, true},
		{"no algorithm", text(sum256[:]), nil, true},
		{"too short", "sha256=" + text(sum256[:31]), nil, true},
		{"of another algorithm", "sha512=" + text(sum256[:]), nil, true},
		{"standard alphabet", "sha256=" + strings.Repeat("+", 43), nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := parseHash(c.hash)
			if (err != nil) != c.fails {
				t.Fatalf("error %v", err)
			}
			if c.want == nil && got != nil || c.want != nil && !bytes.Equal(got.sum, c.want) {
				t.Errorf("got %v, want %x", got, c.want)
			}
		})
	}
}

func TestHashCheck(t *testing.T) {
	const body = "some bytes"
	good := sha512.Sum512([]byte(body))
	for _, c := range []struct {
		name string
		sum  []byte
		take int // bytes that are asked for
		ok   bool
	}{
		{"right", good[:], len(body) + 1, true},
		{"wrong", make([]byte, 64), len(body) + 1, false},
		{"wrong, read without asking for the end", make([]byte, 64), len(body), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newHashCheck(io.NopCloser(strings.NewReader(body)), int64(len(body)), &digest{"sha512", c.sum})
			_, err := io.ReadFull(r, make([]byte, c.take))
			if errors.Is(err, io.ErrUnexpectedEOF) {
				err = nil
			}
			if closed := r.Close(); c.ok != (closed == nil) || c.ok && err != nil {
				t.Errorf("reading: %v, closing: %v", err, closed)
			}
			if !c.ok && c.take > len(body) && err == nil {
				t.Error("the end was read")
			}
		})
	}
}
