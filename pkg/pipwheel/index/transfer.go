package index

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

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
	tail     []byte   // the end of the file, which is here and not asked for again
	readers  *arrival // who reads along

	sums      sums   // of all that is there; nil where an earlier run's part is not known
	resumed   bool   // what is there did not come in one piece
	length    int64  // of the file, once it is known, else 0
	validator string // for If-Range: of the answer that began
	said      validators
	moved     int64 // with the tail
	restarts  int
	whole     bool // the next request asks for all
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
		if err == nil || !t.resumed || !refusal.Is(err) || t.readers.read() {
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

// restart begins anew. What someone has read already stays: what comes is compared with it.
func (t *transfer) restart() error {
	if t.restarts++; t.restarts > maxRestarts {
		return fmt.Errorf("%s: the server breaks off and cannot go on where it did; %d times is enough", t.file.at(), t.restarts)
	}
	t.length, t.validator, t.whole = t.want.size, "", true
	forgot, err := t.readers.forget(t.to.Reset)
	if forgot && err == nil {
		t.begin()
	}
	return err
}

// attempt brings what is missing, and commits.
func (t *transfer) attempt(ctx context.Context) (*Wheel, error) {
	for idle := 0; t.length == 0 || t.to.Size() < t.length-int64(len(t.tail)); {
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
	if missing := t.length - t.to.Size(); missing > 0 && missing <= int64(len(t.tail)) {
		if err := t.add(t.tail[int64(len(t.tail))-missing:]); err != nil {
			return nil, err
		}
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
	asked := t.ask(req.Header)
	resp, err := t.client.do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	got, err := t.placed(req, resp, asked)
	if err != nil {
		return err
	}
	t.whole = false
	t.said = validators{resp.Header.Get("ETag"), resp.Header.Get("Last-Modified")}
	if t.validator = strongTag(resp.Header); t.validator == "" {
		t.validator = t.said.modified
	}
	return t.take(ctx, resp.Body, got)
}

// span is a part of the file: from first up to end, which is 0 where it is not known.
type span struct{ first, end int64 }

// ask asks for what is missing: all, or a range.
func (t *transfer) ask(h http.Header) span {
	s := span{first: t.to.Size()}
	if len(t.tail) > 0 {
		s.end = t.length - int64(len(t.tail))
	}
	switch {
	case t.whole || s == span{}:
		return span{}
	case s.end > 0:
		h.Set("Range", fmt.Sprintf("bytes=%d-%d", s.first, s.end-1))
	default:
		h.Set("Range", fmt.Sprintf("bytes=%d-", s.first))
	}
	if t.validator != "" {
		h.Set("If-Range", t.validator)
	}
	return s
}

// placed finds out what an answer holds: what was asked for, or all from the start.
func (t *transfer) placed(req *http.Request, resp *http.Response, asked span) (got span, err error) {
	length, ranged := int64(0), asked != span{}
	switch resp.StatusCode {
	case http.StatusPartialContent:
		first, last, total, ok := contentRange(resp.Header.Get("Content-Range"))
		if asked.end == 0 {
			asked.end = total
		}
		if !ranged || !ok || first != asked.first || last != asked.end-1 {
			// Not what was asked for: the next request asks for all.
			return got, t.again("the server answers with another range than was asked for")
		}
		got, length = asked, total
	case http.StatusOK:
		if ranged && t.to.Size() > 0 {
			if err := t.restart(); err != nil {
				return got, err
			}
		}
		length = max(resp.ContentLength, 0)
	case http.StatusRequestedRangeNotSatisfiable:
		if ranged {
			return got, t.again("the server has less than is here")
		}
		fallthrough
	default:
		discard(resp.Body)
		return got, &StatusError{URL: redact(t.url), Status: resp.StatusCode, Sent: req.Header.Get("Authorization") != ""}
	}
	if resp.Header.Get("Content-Encoding") != "" {
		return got, refuse(t.file.at(), "sent encoded as %.20q, which was not asked for", resp.Header.Get("Content-Encoding"))
	}
	if length > 0 {
		if err := t.want.checkSize(length, t.file); err != nil {
			return got, err
		}
		if t.length = length; length > maxWheel {
			return got, refuse(t.file.at(), "larger than %d GiB", maxWheel>>30)
		}
	}
	if got.end == 0 {
		got.end = t.length
	}
	return got, nil
}

// again begins from the start, by another request.
func (t *transfer) again(cause string) error {
	if err := t.restart(); err != nil {
		return err
	}
	return fmt.Errorf("%s: %w: %s", t.file.at(), errBody, cause)
}
