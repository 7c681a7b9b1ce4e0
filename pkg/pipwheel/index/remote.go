package index

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"sync"
)

// Remote is a wheel on a server that can be read while it arrives: its end, where archives keep
// their directory and wheels their metadata, is here from the start; the rest comes when it is asked
// for, from the beginning on. Its methods may be called from several goroutines. It must be closed.
//
// What is read is not verified until [Remote.Wait] has returned without an error: that says that all
// that ReadAt ever returned, before and after, is of the file with the promised SHA-256. Whoever
// meets an error in what was read asks Wait first, which knows of broken transfers and false bytes.
type Remote struct {
	size   int64
	start  int64 // of what was here from the start
	sha256 string

	state *arrival
	begin func()
	once  sync.Once
	stop  context.CancelCauseFunc
	close func() error
}

// Remote opens a wheel that is read while it is downloaded. Hashes, sizes, progress and store are
// those of [Client.Download]; ctx is also that of the download, which does not begin yet.
//
// What is in the store, or on the host, is verified and read there. What cannot be read in part is
// downloaded before Remote returns: wheels without a SHA-256, or with further hashes to be checked,
// and wheels of an unknown size on a server that answers no range requests.
func (c *Client) Remote(ctx context.Context, f File, o DownloadOptions) (*Remote, error) {
	want, err := expect(f, o)
	if err != nil {
		return nil, err
	}
	if f.URL == "" || c.wheels == nil || want.sha256 == "" || len(want.all)+len(want.any) > 0 {
		return c.arrived(c.Download(ctx, f, o))
	}
	if w, err := c.wheels.Open(want.sha256); err == nil {
		return c.arrived(want.verified(ctx, w, f))
	}
	if c.offline {
		return nil, &OfflineError{What: f.Filename}
	}
	u, err := url.Parse(f.URL)
	if err != nil {
		return nil, refuse(f.Filename, "its address is no URL")
	}
	t := &transfer{client: c, file: f, url: u, want: want, progress: o.Progress}
	if want.size == 0 || want.size > smallWheel {
		r, err := c.wheelTail(ctx, f, u, want.size)
		switch {
		case err == nil && r.size > maxWheel:
			return nil, refuse(f.at(), "larger than %d GiB", maxWheel>>30)
		case err == nil:
			want.size, t.tail, t.validator = r.size, r.tail, r.etag
		case !errors.Is(err, errNoRanges):
			return nil, fmt.Errorf("%s: reading its end: %w", f.at(), err)
		default:
			c.unranged.Store(u.Host, true)
		}
	}
	if want.size == 0 {
		return c.arrived(c.Download(ctx, f, o))
	}
	return t.remote(ctx), nil
}

// arrived is a wheel that is here in full.
func (c *Client) arrived(w *Wheel, err error) (*Remote, error) {
	if err != nil {
		return nil, err
	}
	r := &Remote{size: w.Size(), sha256: w.SHA256, state: newArrival(w.Size(), nil), stop: func(error) {}}
	r.state.grow(w, 0, w.Moved)
	r.begin = func() {}
	r.close = sync.OnceValue(w.Close)
	r.once.Do(func() { r.state.finish(w, nil) })
	return r, nil
}

// remote makes a transfer one that is read along and begins later.
func (t *transfer) remote(ctx context.Context) *Remote {
	ctx, stop := context.WithCancelCause(ctx)
	t.moved = int64(len(t.tail))
	t.readers = newArrival(t.want.size, t.tail)
	var here io.Closer // set before state is finished, used after
	r := &Remote{
		size: t.want.size, start: t.want.size - t.moved, sha256: t.want.sha256, state: t.readers, stop: stop,
		begin: func() {
			turn := t.client.bodies.join() // in the order of Start
			go func() {
				w, err := t.readable(ctx, turn)
				if err == nil {
					here = w
				}
				t.tail = nil // what keeps the Remote need not keep the tail
				t.readers.finish(w, err)
			}()
		},
	}
	r.close = sync.OnceValue(func() error {
		if here == nil {
			return nil
		}
		return here.Close()
	})
	return r
}

// readable downloads a wheel whose tail has been read, and compares the two.
func (t *transfer) readable(ctx context.Context, turn *place) (*Wheel, error) {
	w, err := t.download(ctx, turn)
	if err != nil {
		return nil, err
	}
	same, err := sameTail(t.tail, w, t.want.size-int64(len(t.tail)))
	if err == nil && !same {
		err = mismatch(t.file.at(), "end", "other bytes when it was asked for alone", "those of the file")
	}
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// Size is the length of the wheel in bytes.
func (r *Remote) Size() int64 { return r.size }

// Moved is how many bytes came over the network until now.
func (r *Remote) Moved() int64 {
	r.state.mu.Lock()
	defer r.state.mu.Unlock()
	return r.state.moved
}

// Start begins the download, if it has not begun. No more run at a time than the client's Options
// say; others begin in the order in which they were started.
func (r *Remote) Start() { r.once.Do(r.begin) }

// Wait starts the download and returns when the wheel is verified and in the store, with its
// SHA-256 in hexadecimal and the bytes that came over the network, or when that has failed. A wheel
// that is not what it should be is a [refusal.Error] with a [*MismatchError].
func (r *Remote) Wait(ctx context.Context) (sha256 string, moved int64, err error) {
	r.Start()
	select {
	case <-r.state.finished:
	case <-ctx.Done():
		return "", r.Moved(), context.Cause(ctx)
	}
	if err := r.state.result(); err != nil {
		return "", r.Moved(), err
	}
	return r.sha256, r.Moved(), nil
}

// ReadAt reads bytes that are here, or starts the download and waits for them. It fails when the
// download fails, and after Close.
func (r *Remote) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, fmt.Errorf("reading before the wheel's start, at %d", off)
	}
	if off < r.start && len(p) > 0 {
		r.Start()
	}
	want := p[:max(0, min(int64(len(p)), r.size-off))]
	for n < len(want) && err == nil {
		var k int
		k, err = r.state.readAt(want[n:], off+int64(n))
		n += k
	}
	if err == nil && n < len(p) {
		err = io.EOF
	}
	return n, err
}

// Close ends the download, if it is under way: what has arrived stays for a later run. Readings
// that wait, and later ones, fail.
func (r *Remote) Close() error {
	r.state.close()
	r.stop(errClosed)
	r.once.Do(func() { r.state.finish(nil, errClosed) })
	<-r.state.finished
	return r.close()
}
