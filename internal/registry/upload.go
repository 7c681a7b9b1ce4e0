package registry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/internal/transport"
)

const (
	// maxSessions is how often an upload is begun anew.
	maxSessions = 5
	// wholeSessions is how many of them send the blob in one piece. After that smaller ones, of
	// fallbackPiece bytes, lose less when the connection breaks again.
	wholeSessions = 2
	fallbackPiece = 32 << 20
	// maxRenewals is how many tokens in a row may end in the middle of a transfer that gets nowhere.
	maxRenewals = 3
)

// Upload writes a blob: one POST and one PUT of known length, streamed. When the connection breaks or
// the registry fails, the registry is asked how much it has, and the upload goes on from there by
// PATCH, or begins anew.
//
// open gives the blob's bytes from the start and is called for every try; where its result is an
// [io.Seeker], what the registry has is skipped by seeking. An error of the source ends the upload.
// progress (may be nil) is told the bytes just handed to the connection, and, as a negative number,
// those that must go once more because a try broke: the sum is how far the upload has come, and
// the blob's size when Upload returns nil. It must not call back. Every reader from open is closed when
// Upload returns.
//
// A registry is sent [Options].Uploads blobs at a time; further calls wait. A token that ends in the middle is
// replaced, and the upload goes on from where the registry stands.
func (c *Client) Upload(ctx context.Context, repo name.Repository, d v1.Descriptor, open func() (io.ReadCloser, error), progress func(n int64)) error {
	subject := "uploading " + blobName(repo, d.Digest)
	release, err := c.uploadSlot(ctx, repo.Registry)
	if err != nil {
		return fmt.Errorf("%s: %w", subject, err)
	}
	defer release()
	u := &upload{c: c, repo: repo, d: d, source: &source{open: open, size: d.Size, progress: progress}}
	if err := u.run(ctx); err != nil {
		return explain(subject, repo.RegistryStr(), err)
	}
	u.source.moveTo(d.Size, nil) // of an upload whose answer got lost, not all was counted
	return nil
}

type upload struct {
	c      *Client
	repo   name.Repository
	d      v1.Descriptor
	source *source

	sessions int
	renewals int  // of the token, in the middle of a transfer and without progress since
	resumed  bool // the session holds bytes of a try that broke
}

func (u *upload) run(ctx context.Context) error {
	tries := u.c.backoff.Start()
	var s *session
	for {
		if s == nil {
			if u.sessions++; u.sessions > maxSessions {
				return fmt.Errorf("gave up after %d uploads that broke off", maxSessions)
			}
			var err error
			if s, err = u.c.begin(ctx, u.repo); err != nil {
				return err // the transport has tried as long as it may
			}
			u.resumed = false
		}
		had := s.offset
		err := u.send(ctx, s)
		if err == nil {
			return nil
		}
		if !u.goOn(ctx, err) {
			if ctx.Err() == nil {
				u.c.cancel(ctx, s)
			}
			return err
		}
		if stop := tries.Again(ctx, u.asked(err)); stop != nil {
			return fmt.Errorf("%w; %w", err, stop)
		}
		if u.c.locate(ctx, s, u.d.Size) {
			u.resumed = true
			if s.offset > had {
				tries.Progress()
				u.renewals = 0
			}
			continue
		}
		// The answer may be what got lost, not the blob.
		if has, err := u.c.ConfirmBlob(ctx, u.repo, u.d.Digest); err == nil && has {
			return nil
		}
		s = nil
	}
}

// send sends what the session does not have yet and closes it.
func (u *upload) send(ctx context.Context, s *session) error {
	if s.offset == 0 && u.sessions <= wholeSessions {
		return u.finish(ctx, s, 0)
	}
	for s.offset < u.d.Size {
		n := u.d.Size - s.offset
		if u.sessions > wholeSessions {
			n = min(n, max(u.c.piece, s.minChunk))
		}
		if err := u.patch(ctx, s, n); err != nil {
			return err
		}
	}
	return u.finish(ctx, s, u.d.Size)
}

// patch sends n bytes from the session's offset.
func (u *upload) patch(ctx context.Context, s *session, n int64) error {
	resp, err := u.transfer(ctx, s, call{
		method: http.MethodPatch,
		header: map[string]string{"Content-Range": fmt.Sprintf("%d-%d", s.offset, s.offset+n-1)},
	}, s.offset, n)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusAccepted {
		return u.c.statusError(resp)
	}
	transport.Discard(resp.Body)
	if err := u.c.moveTo(s, resp); err != nil {
		return err
	}
	s.offset += n
	if end, ok := rangeEnd(resp.Header.Get("Range")); ok && end+1 != s.offset {
		return fmt.Errorf("%w: it has %d bytes of an upload that stands at %d", errSession, end+1, s.offset)
	}
	return nil
}

// finish sends the bytes from offset on, all or none, and closes the session.
func (u *upload) finish(ctx context.Context, s *session, offset int64) error {
	resp, err := u.transfer(ctx, s, call{method: http.MethodPut, url: s.closing(u.d.Digest)}, offset, u.d.Size-offset)
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 || resp.StatusCode == http.StatusAccepted {
		return u.c.statusError(resp)
	}
	transport.Discard(resp.Body)
	if said := resp.Header.Get("Docker-Content-Digest"); strings.HasPrefix(said, "sha256:") && said != u.d.Digest.String() {
		return &DigestError{Subject: "what the registry stored", Want: u.d.Digest.String(), Got: u.c.readable(said)}
	}
	return nil
}

// transfer sends a part of the blob as a request's body and waits until nobody reads the source any
// more. An error of the source comes before one of the connection: it is what broke it.
func (u *upload) transfer(ctx context.Context, s *session, k call, offset, n int64) (*http.Response, error) {
	if k.header == nil {
		k.header = map[string]string{}
	}
	k.header["Content-Type"] = "application/octet-stream"
	k.size = n
	if n > 0 {
		k.sent = u.source.sent
		k.body = func() (io.ReadCloser, error) { return u.source.from(offset, n) }
	} else {
		k.body = func() (io.ReadCloser, error) { return http.NoBody, nil }
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	// Redirects aside, nothing below repeats this: the loop above knows where to go on.
	resp, err := u.c.callSession(transport.Once(ctx), s, k)
	if err == nil {
		// The answer may come before the body is through, and then nobody may ever read the rest:
		// with the answer in hand the request is over.
		answer, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody)) // a cut body still tells the status
		resp.Body.Close()
		resp.Body = io.NopCloser(bytes.NewReader(answer))
	}
	cancel()
	if broken := u.source.failure(); broken != nil {
		return nil, broken
	}
	return resp, err
}

// errSession is a session that is not where it should be.
var errSession = errors.New("the registry lost track of the upload")

// goOn reports whether another try may go better.
func (u *upload) goOn(ctx context.Context, err error) bool {
	if _, ok := errors.AsType[*sourceError](err); ok {
		return false
	}
	if _, ok := errors.AsType[*locationError](err); ok {
		return false
	}
	if errors.Is(err, errRenewed) {
		u.renewals++
		return u.renewals <= maxRenewals && ctx.Err() == nil
	}
	status, ok := errors.AsType[*StatusError](err)
	if !ok || transport.RetryableStatus(status.Status) {
		_, wrong := errors.AsType[*DigestError](err)
		return !wrong && transient(ctx, err)
	}
	switch status.Status {
	case http.StatusNotFound, http.StatusRequestedRangeNotSatisfiable:
		return true // the session is lost, or stands elsewhere
	case http.StatusBadRequest:
		// Bytes of two tries may have been mixed up; a clean upload that is refused is wrong itself.
		return u.resumed || slices.Contains(status.Codes, "BLOB_UPLOAD_UNKNOWN") || slices.Contains(status.Codes, "BLOB_UPLOAD_INVALID")
	}
	return false
}

// asked is the wait that the registry asks for.
func (u *upload) asked(err error) time.Duration {
	if status, ok := errors.AsType[*StatusError](err); ok {
		return transport.RetryAfter(status.RetryAfter, u.c.backoff.Time())
	}
	return 0
}
