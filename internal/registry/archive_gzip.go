package registry

import (
	"compress/gzip"
	"fmt"
	"io"
)

const (
	// maxInflation is how many bytes one byte of a compressed archive may become. Images come to 2 to 5, those of
	// text alone to 20; gzip itself can do 1032.
	maxInflation = 200
	// freeInflation is what may come out of an archive at any ratio, in bytes.
	freeInflation = 64 << 20
)

// errInflates is a stream that unpacks to more than an image's does.
var errInflates = fmt.Errorf("decompressed, it has more than %d times its size", maxInflation)

// counted counts what is read.
type counted struct {
	r io.Reader
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// inflated is a decompressed stream that ends with errInflates before it gets out of proportion: what it is written
// to has no other bound.
type inflated struct {
	from io.Reader
	in   *counted
	out  int64
}

// gunzip decompresses from; in counts what from takes.
func gunzip(from io.Reader, in *counted) (io.Reader, error) {
	r, err := gzip.NewReader(from)
	if err != nil {
		return nil, err
	}
	return &inflated{from: r, in: in}, nil
}

func (r *inflated) Read(p []byte) (int, error) {
	n, err := r.from.Read(p)
	if r.out += int64(n); r.out-freeInflation > maxInflation*r.in.n {
		return 0, errInflates
	}
	return n, err
}
