package registry

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// verify checks what passes through r against a descriptor's size and SHA-256 digest.
func verify(r io.ReadCloser, subject string, d v1.Descriptor) (io.ReadCloser, error) {
	if d.Digest.Algorithm != "sha256" {
		r.Close()
		return nil, fmt.Errorf("%s: digests by %s are not supported; sha256 is", subject, d.Digest.Algorithm)
	}
	return &verified{r: r, subject: subject, want: d, hash: sha256.New()}, nil
}

type verified struct {
	r       io.ReadCloser
	subject string
	want    v1.Descriptor
	hash    hash.Hash
	n       int64
	err     error // the final one
}

func (v *verified) Read(p []byte) (int, error) {
	if v.err != nil {
		return 0, v.err
	}
	n, err := v.r.Read(p)
	v.n += int64(n)
	if v.n > v.want.Size {
		// Bytes over the size are not handed out.
		n -= int(v.n - v.want.Size)
		v.hash.Write(p[:n])
		v.err = v.wrong(fmt.Sprintf("%d bytes", v.want.Size), "more")
		return n, v.err
	}
	v.hash.Write(p[:n])
	if err == io.EOF {
		err = v.check()
	}
	v.err = err
	return n, err
}

func (v *verified) check() error {
	if v.n != v.want.Size {
		return v.wrong(fmt.Sprintf("%d bytes", v.want.Size), fmt.Sprintf("%d", v.n))
	}
	if got := hex.EncodeToString(v.hash.Sum(nil)); got != v.want.Digest.Hex {
		return v.wrong(v.want.Digest.String(), "sha256:"+got)
	}
	return io.EOF
}

func (v *verified) wrong(want, got string) error {
	return &DigestError{Subject: v.subject, Want: want, Got: got}
}

func (v *verified) Close() error { return v.r.Close() }
