package index

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/layerpack/layerpack/pkg/refusal"
)

const (
	// idleTries is how often a transfer may break off in a row without having moved enough.
	idleTries = 5
	// movedEnough is what makes a try count as progress, in bytes.
	movedEnough = 64 << 10
	// maxRestarts is how often a transfer may begin anew.
	maxRestarts = 3
)

// transfer is one download.
type transfer struct {
	client   *Client
	file     File
	url      *url.URL
	want     *expected
	to       Partial
	progress func(int64)

	sums      sums   // of all that is there; nil where an earlier run's part is not known
	resumed   bool   // what is there did not come in one piece
	length    int64  // of the file, once it is known, else 0
	validator string // for If-Range: of the answer that began
	said      validators
	moved     int64
	restarts  int
}

// run downloads and verifies. What was put together of several pieces and is wrong is downloaded
// once more in one.
func (t *transfer) run(ctx context.Context) (*Wheel, error) {
	t.length = t.want.size
	if t.to.Size() > 0 && (t.want.sha256 == "" || len(t.want.all)+len(t.want.any) > 0) {
		if err := t.to.Reset(); err != nil { // the other hashes need it from the start
			return nil, err
		}
	}
	t.begin()
	for {
		w, err := t.attempt(ctx)
		if err == nil || !t.resumed || !refusal.Is(err) {
			if refusal.Is(err) {
				err = errors.Join(err, t.to.Reset())
			}
			return w, err
		}
		if err := t.restart(); err != nil {
			return nil, err
		}
	}
}

// begin prepares for what is there.
func (t *transfer) begin() {
	t.resumed = t.to.Size() > 0
	t.sums = nil
	if !t.resumed {
		t.sums = t.want.newSums()
	}
}

func (t *transfer) restart() error {
	if t.restarts++; t.restarts > maxRestarts {
		return fmt.Errorf("%s: the server breaks off and cannot go on where it did; %d times is enough", t.file.at(), t.restarts)
	}
	t.length, t.validator = t.want.size, ""
	if err := t.to.Reset(); err != nil {
		return err
	}
	t.begin()
	return nil
}

// attempt brings what is missing, and commits.
func (t *transfer) attempt(ctx context.Context) (*Wheel, error) {
	for idle := 0; t.length == 0 || t.to.Size() < t.length; {
		before := t.moved
		err := t.piece(ctx)
		if err == nil {
			break
		}
		if t.moved-before >= movedEnough {
			idle = 0
		}
		if idle++; idle == idleTries || !errors.Is(err, errBody) {
			return nil, err
		}
		t.resumed = true
	}
	if err := t.want.checkSize(t.to.Size(), t.file); err != nil {
		return nil, err
	}
	return t.commit()
}

func (t *transfer) commit() (*Wheel, error) {
	sum := t.want.sha256
	if t.sums != nil {
		var err error
		if sum, err = t.want.check(t.sums, t.file); err != nil {
			return nil, err
		}
	}
	w, err := t.to.Commit(decodeSHA256(sum))
	if err != nil {
		if t.sums != nil { // what arrived was right
			return nil, fmt.Errorf("keeping %s: %w", t.file.Filename, err)
		}
		return nil, &refusal.Error{Input: t.file.at(), Cause: "not what its index says", Err: err, Fix: "nothing of it is kept; try again"}
	}
	t.remember()
	return &Wheel{Content: w, SHA256: sum, Moved: t.moved}, nil
}

// piece sends one request and takes what comes; an error that is errBody may be gone at the next.
func (t *transfer) piece(ctx context.Context) error {
	req, err := t.client.request(ctx, t.url, t.file.from)
	if err != nil {
		return err
	}
	req.Header.Set("Accept-Encoding", "identity")
	at := t.to.Size()
	if at > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", at))
		if t.validator != "" {
			req.Header.Set("If-Range", t.validator)
		}
	}
	resp, err := t.client.do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if err := t.placed(req, resp, at); err != nil {
		return err
	}
	t.said = validators{resp.Header.Get("ETag"), resp.Header.Get("Last-Modified")}
	if t.validator = strongTag(resp.Header); t.validator == "" {
		t.validator = t.said.modified
	}
	return t.take(ctx, resp.Body)
}

// placed finds out what an answer holds: the rest, or all from the start.
func (t *transfer) placed(req *http.Request, resp *http.Response, at int64) error {
	length := int64(0)
	switch resp.StatusCode {
	case http.StatusPartialContent:
		first, last, total, ok := contentRange(resp.Header.Get("Content-Range"))
		if at == 0 || !ok || first != at || last != total-1 {
			// Not what was asked for: the next request asks for all.
			return t.again("the server answers with another range than was asked for")
		}
		length = total
	case http.StatusOK:
		if at > 0 {
			if err := t.restart(); err != nil {
				return err
			}
		}
		length = max(resp.ContentLength, 0)
	case http.StatusRequestedRangeNotSatisfiable:
		if at > 0 {
			return t.again("the server has less than is here")
		}
		fallthrough
	default:
		discard(resp.Body)
		return &StatusError{URL: redact(t.url), Status: resp.StatusCode, Sent: req.Header.Get("Authorization") != ""}
	}
	if resp.Header.Get("Content-Encoding") != "" {
		return refuse(t.file.at(), "sent encoded as %.20q, which was not asked for", resp.Header.Get("Content-Encoding"))
	}
	if length > 0 {
		if err := t.want.checkSize(length, t.file); err != nil {
			return err
		}
		if t.length = length; length > maxWheel {
			return refuse(t.file.at(), "larger than %d GiB", maxWheel>>30)
		}
	}
	return nil
}

// again begins from the start, by another request.
func (t *transfer) again(cause string) error {
	if err := t.restart(); err != nil {
		return err
	}
	return fmt.Errorf("%s: %w: %s", t.file.at(), errBody, cause)
}

// take writes a body to the store, never more than there should be.
func (t *transfer) take(ctx context.Context, body io.Reader) error {
	limit := t.length
	if limit == 0 {
		limit = maxWheel
	}
	buf := make([]byte, 64<<10)
	for {
		n, err := body.Read(buf)
		if t.to.Size()+int64(n) > limit {
			return mismatch(t.file.at(), "size", "more than that", strconv.FormatInt(limit, 10))
		}
		if n > 0 {
			if _, err := t.to.Write(buf[:n]); err != nil {
				return err
			}
			if t.sums != nil {
				_, _ = t.sums.Write(buf[:n]) // never fails
			}
			if t.moved += int64(n); t.progress != nil {
				t.progress(t.to.Size())
			}
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err == io.EOF {
			if t.to.Size() < t.length {
				err = io.ErrUnexpectedEOF
			} else {
				return nil
			}
		}
		if err != nil {
			return fmt.Errorf("%s: %w after %d bytes: %w", t.file.at(), errBody, t.to.Size(), bare(err))
		}
	}
}
