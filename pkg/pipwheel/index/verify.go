package index

import (
	"context"
	"encoding/hex"
	"hash"
	"io"
)

// sums hashes a content in all the ways that are asked for at once.
type sums map[string]hash.Hash

// newSums has SHA-256 always.
func (e *expected) newSums() sums {
	s := sums{"sha256": newHash("sha256")}
	for _, list := range [][]Hash{e.all, e.any} {
		for _, h := range list {
			if sum := newHash(h.Algorithm); s[h.Algorithm] == nil && sum != nil {
				s[h.Algorithm] = sum
			}
		}
	}
	return s
}

// Write never fails.
func (s sums) Write(b []byte) (int, error) {
	for _, h := range s {
		h.Write(b)
	}
	return len(b), nil
}

func (s sums) hex(algorithm string) string {
	h := s[algorithm]
	if h == nil {
		return ""
	}
	return hex.EncodeToString(h.Sum(nil))
}

// check compares the digests with what is expected, and returns the SHA-256.
func (e *expected) check(s sums, f File) (string, error) {
	sum := s.hex("sha256")
	if e.sha256 != "" && sum != e.sha256 {
		return "", mismatch(f.at(), "sha256", sum, e.sha256)
	}
	for _, h := range e.all {
		if got := s.hex(h.Algorithm); got != h.Hex {
			return "", mismatch(f.at(), h.Algorithm, got, h.Hex)
		}
	}
	if len(e.any) == 0 {
		return sum, nil
	}
	for _, h := range e.any {
		if s.hex(h.Algorithm) == h.Hex {
			return sum, nil
		}
	}
	return "", mismatch(f.at(), "sha256", sum, "one of those that are allowed")
}

// read hashes a content that is here.
func (e *expected) read(ctx context.Context, w Content, f File) (string, error) {
	s := e.newSums()
	if _, err := io.Copy(s, &contextReader{ctx, io.NewSectionReader(w, 0, w.Size())}); err != nil {
		return "", err
	}
	return e.check(s, f)
}

// contextReader stops between two reads when its context ends.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (r *contextReader) Read(b []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	return r.r.Read(b)
}
