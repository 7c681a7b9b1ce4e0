package registry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/internal/transport"
)

const (
	// maxBreaks is how often in a row a download may break without enoughProgress between.
	maxBreaks = 8
	// enoughProgress is what a download must have won for a break not to count, in bytes.
	enoughProgress = 1 << 20
)

// Blob streams a blob. Its length and digest are checked: the last Read returns a [*DigestError] in
// place of [io.EOF] when they are not the descriptor's. A broken connection is taken up where it
// broke, by Range, or by reading anew and dropping what was had where the server knows no Range.
func (c *Client) Blob(ctx context.Context, repo name.Repository, d v1.Descriptor) (io.ReadCloser, error) {
	return c.blob(ctx, places{repo}, d)
}

// VerifyBlob reads a whole blob and checks its digest and size. It is [ErrNotFound] where there is no
// blob, whatever a HEAD says, and a [*DigestError] where its bytes are others.
func (c *Client) VerifyBlob(ctx context.Context, repo name.Repository, d v1.Descriptor) error {
	r, err := c.Blob(ctx, repo, d)
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.Copy(io.Discard, r)
	return err
}

// blob reads from the first of several places that gives the blob; where a connection breaks, it
// goes on at the next, and at the last one as often as it takes.
func (c *Client) blob(ctx context.Context, from places, d v1.Descriptor) (io.ReadCloser, error) {
	subject := blobName(from.origin(), d.Digest)
	r := &download{size: d.Size, tries: c.backoff.Start()}
	r.again = func(tries *transport.Tries, err error) bool {
		if len(from) > 1 && ctx.Err() == nil {
			from = from[1:]
			return true
		}
		return transient(ctx, err) && tries.Again(ctx, 0) == nil
	}
	r.open = func(offset int64) (resp *http.Response, err error) {
		from, err = c.try(ctx, from, func(ctx context.Context, repo name.Repository) error {
			resp, err = c.openBlob(ctx, repo, d, offset)
			return err
		})
		return resp, err
	}
	r.explain = func(err error) error { return explain(subject, from.origin().RegistryStr(), err) }
	if err := r.connect(); err != nil {
		return nil, r.explain(err)
	}
	if len(from) > 1 {
		subject += " (from the mirror " + from[0].RegistryStr() + ")"
	}
	return verify(r, subject, d)
}

func (c *Client) openBlob(ctx context.Context, repo name.Repository, d v1.Descriptor, offset int64) (*http.Response, error) {
	byteRange := ""
	if offset > 0 {
		// With its end: ggcr's registry knows no open ranges.
		byteRange = fmt.Sprintf("bytes=%d-%d", offset, d.Size-1)
	}
	resp, err := c.callBlob(ctx, http.MethodGet, repo, d.Digest, byteRange)
	if err != nil {
		return nil, err
	}
	switch resp.StatusCode {
	case http.StatusOK, http.StatusPartialContent, http.StatusRequestedRangeNotSatisfiable:
		return resp, nil
	}
	return nil, c.statusError(resp)
}

// download reads a blob over as many connections as it takes. It does not look at the bytes.
type download struct {
	size    int64
	tries   *transport.Tries
	again   func(*transport.Tries, error) bool // waits before the next try, false when it is over
	open    func(offset int64) (*http.Response, error)
	explain func(error) error

	body   io.ReadCloser // nil between connections
	offset int64         // of the next byte to hand out
	mark   int64         // offset at the last break that counted anew
	breaks int
}

func (r *download) Read(p []byte) (int, error) {
	for {
		if r.body == nil {
			if err := r.connect(); err != nil {
				return 0, r.explain(err)
			}
		}
		n, err := r.body.Read(p)
		r.offset += int64(n)
		switch {
		case err == io.EOF && r.offset < r.size:
			err = io.ErrUnexpectedEOF
		case err != nil && r.offset >= r.size:
			err = io.EOF // all is there, whatever became of the connection
		}
		if err == nil || err == io.EOF {
			return n, err
		}
		r.body.Close()
		r.body = nil
		if !r.goOn(err) {
			return n, r.explain(fmt.Errorf("broke off after %d of %d bytes: %w", r.offset, r.size, err))
		}
		if n > 0 {
			return n, nil
		}
	}
}

// goOn counts a break and waits; it reports whether to try again.
func (r *download) goOn(err error) bool {
	if r.offset-r.mark >= enoughProgress {
		r.mark, r.breaks = r.offset, 0
		r.tries.Progress()
	}
	r.breaks++
	return r.breaks <= maxBreaks && r.again(r.tries, err)
}

// connect opens the blob at the offset.
func (r *download) connect() error {
	if r.offset == 0 {
		return r.connectFrom(0)
	}
	err := r.connectFrom(r.offset)
	if errors.Is(err, errRange) {
		err = r.connectFrom(0)
	}
	return err
}

// errRange is an answer to a Range that is not what was asked for.
var errRange = errors.New("the registry answers another range than was asked for")

// connectFrom asks for the bytes from a position at or before the offset and drops those before it.
func (r *download) connectFrom(position int64) error {
	resp, err := r.open(position)
	if err != nil {
		return err
	}
	switch resp.StatusCode {
	case http.StatusPartialContent:
		if !rangeIs(resp.Header.Get("Content-Range"), position, r.size) {
			resp.Body.Close()
			return errRange
		}
	case http.StatusOK:
		position = 0
	default:
		resp.Body.Close()
		return errRange
	}
	if r.offset > position {
		if _, err := io.CopyN(io.Discard, resp.Body, r.offset-position); err != nil {
			resp.Body.Close()
			if !r.goOn(err) {
				return err
			}
			return r.connect()
		}
	}
	r.body = resp.Body
	return nil
}

// rangeIs reports whether a Content-Range header (RFC 9110, 14.4) is that of the bytes from start to
// the end of a content of size bytes.
func rangeIs(header string, start, size int64) bool {
	return header == fmt.Sprintf("bytes %d-%d/%d", start, size-1, size) || header == fmt.Sprintf("bytes %d-%d/*", start, size-1)
}

func (r *download) Close() error {
	if r.body == nil {
		return nil
	}
	return r.body.Close()
}
