package index

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// metadataTail is what is asked for first: the directory of all but the largest wheels, and mostly
// METADATA, which tools write near the end.
const metadataTail = 32 << 10

// maxRange bounds what is read of a wheel for its metadata, in bytes, in one piece.
const maxRange = 64 << 20

// errNoRanges is a server that does not answer range requests as it should: the wheel is downloaded.
var errNoRanges = errors.New("the server does not answer range requests")

// ranged is a file on a server that is read by ranges (RFC 9110, 14).
type ranged struct {
	client *Client
	url    *url.URL
	from   *source
	size   int64  // of the file, once it is known
	etag   string // strong, or empty
	start  int64  // what is known of it: from here to the end
	tail   []byte
}

// rangedMetadata reads METADATA out of a wheel on a server: the archive's end, then what of the
// directory and of the member is missing.
func (c *Client) rangedMetadata(ctx context.Context, f File, u *url.URL) ([]byte, error) {
	r := &ranged{client: c, url: u, from: f.from}
	err := r.fetchTail(ctx, metadataTail, f.Size)
	var content []byte
	if err == nil {
		content, err = r.member(ctx)
	}
	if errors.Is(err, errNoRanges) {
		c.unranged.Store(u.Host, true)
	}
	if errors.Is(err, errZip) {
		return nil, refuse(f.at(), "not a wheel that can be read: %v", err)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: reading its metadata: %w", f.at(), err)
	}
	return content, nil
}

// fetchTail asks for the last n bytes by a suffix range: unlike HEAD, that costs nothing where it works, and
// is answered by those alone who mean it.
func (r *ranged) fetchTail(ctx context.Context, n, size int64) error {
	body, start, total, err := r.ask(ctx, fmt.Sprintf("bytes=-%d", n))
	if err != nil {
		return err
	}
	switch {
	case size > 0 && total != size:
		return mismatch(redact(r.url), "size", strconv.FormatInt(total, 10), strconv.FormatInt(size, 10))
	case start+int64(len(body)) != total:
		return errNoRanges
	}
	r.size, r.start, r.tail = total, start, body
	return nil
}

// read returns n bytes at off, out of the tail or by a request.
func (r *ranged) read(ctx context.Context, off, n int64) ([]byte, error) {
	if off < 0 || n < 0 || off > r.size-n || n > maxRange {
		return nil, fmt.Errorf("%w: it points outside, or is too large", errZip)
	}
	if off >= r.start {
		return r.tail[off-r.start:][:n], nil
	}
	body, start, total, err := r.ask(ctx, fmt.Sprintf("bytes=%d-%d", off, off+n-1))
	if err != nil {
		return nil, err
	}
	if start != off || int64(len(body)) != n || total != r.size {
		return nil, errNoRanges
	}
	return body, nil
}

// ask sends a request for a range; where the file has changed since the first, it is not mixed.
func (r *ranged) ask(ctx context.Context, ranges string) (body []byte, start, total int64, err error) {
	release, err := r.client.slot(ctx)
	if err != nil {
		return nil, 0, 0, err
	}
	defer release()
	for try := 1; ; try++ {
		body, start, total, err = r.askOnce(ctx, ranges)
		if err == nil || try == bodyTries || !errors.Is(err, errBody) || ctx.Err() != nil {
			return body, start, total, err
		}
	}
}

func (r *ranged) askOnce(ctx context.Context, ranges string) (body []byte, start, total int64, err error) {
	req, err := r.client.request(ctx, r.url, r.from)
	if err != nil {
		return nil, 0, 0, err
	}
	req.Header.Set("Range", ranges)
	req.Header.Set("Accept-Encoding", "identity")
	if r.etag != "" {
		req.Header.Set("If-Range", r.etag)
	}
	resp, err := r.client.do(req)
	if err != nil {
		return nil, 0, 0, err
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusPartialContent:
	case http.StatusOK, http.StatusBadRequest, http.StatusMethodNotAllowed, http.StatusRequestedRangeNotSatisfiable, http.StatusNotImplemented:
		return nil, 0, 0, errNoRanges // a body of 200 is the whole wheel, and closed unread
	default:
		discard(resp.Body)
		return nil, 0, 0, &StatusError{URL: redact(r.url), Status: resp.StatusCode, Sent: req.Header.Get("Authorization") != ""}
	}
	start, end, total, ok := contentRange(resp.Header.Get("Content-Range"))
	if !ok || resp.Header.Get("Content-Encoding") != "" || end-start >= maxRange {
		return nil, 0, 0, errNoRanges
	}
	r.etag = strongTag(resp.Header)
	body, err = io.ReadAll(io.LimitReader(resp.Body, end-start+2))
	switch n := int64(len(body)); {
	case err != nil || n < end-start+1:
		return nil, 0, 0, fmt.Errorf("%w: %w", errBody, bare(errors.Join(err, io.ErrUnexpectedEOF)))
	case n > end-start+1:
		return nil, 0, 0, errNoRanges
	}
	return body, start, total, nil
}

// contentRange reads "bytes first-last/length" (RFC 9110, 14.4). A length that is not known is of
// no use.
func contentRange(value string) (first, last, length int64, ok bool) {
	rest, ok := strings.CutPrefix(value, "bytes ")
	span, total, ok2 := strings.Cut(rest, "/")
	a, b, ok3 := strings.Cut(span, "-")
	if !ok || !ok2 || !ok3 {
		return 0, 0, 0, false
	}
	var numbers [3]uint64
	for i, text := range []string{a, b, total} {
		n, err := strconv.ParseUint(text, 10, 62)
		if err != nil {
			return 0, 0, 0, false
		}
		numbers[i] = n
	}
	first, last, length = int64(numbers[0]), int64(numbers[1]), int64(numbers[2])
	return first, last, length, first <= last && last < length
}

// strongTag is an ETag that If-Range can carry (RFC 9110, 13.1.5).
func strongTag(h http.Header) string {
	if tag := h.Get("ETag"); strings.HasPrefix(tag, `"`) {
		return tag
	}
	return ""
}
