package index

import (
	"context"
	"fmt"
	"net/url"
	"slices"
)

const (
	// firstTail is asked for first of a wheel that is read while it arrives, in bytes: directory and
	// metadata of nearly all wheels.
	firstTail = 256 << 10
	// maxTail bounds what is kept in memory of one, in bytes. What lies before arrives with the rest.
	maxTail = 8 << 20
	// maxInfo is how far before the directory metadata may begin to be part of the tail, in bytes.
	maxInfo = 2 << 20
	// smallWheel is one whose tail is not asked for, in bytes. On a new connection, which begins with
	// some 14 KiB and doubles them, the whole takes seven round trips, the tail five, and the tail
	// with the rest eight.
	smallWheel = 1 << 20
)

// wheelTail asks for the end of a wheel: its directory, and its metadata where tools write it, right
// before. size is 0 where it is not known. It is [errNoRanges] where there is no such end to be had.
func (c *Client) wheelTail(ctx context.Context, f File, u *url.URL, size int64) (*ranged, error) {
	if _, no := c.unranged.Load(u.Host); no {
		return nil, errNoRanges
	}
	r := &ranged{client: c, url: u, from: f.from}
	if err := r.fetchTail(ctx, firstTail, size); err != nil {
		return nil, err
	}
	r.grow(ctx)
	return r, nil
}

// grow asks for what the tail lacks of directory and metadata. Where that fails it stays as it is:
// what it lacks comes later.
func (r *ranged) grow(ctx context.Context) {
	off, size, err := r.directory(ctx)
	if err != nil || off > r.size || size > r.size-off {
		return
	}
	// Metadata, most of it RECORD, is mostly smaller than the directory: it comes with the same request.
	if off < r.start && !r.extend(ctx, max(off-size, min(off, r.size-maxTail), 0)) {
		return
	}
	if directory, err := r.read(ctx, off, size); err == nil {
		if start := infoStart(directory, off); off-start <= maxInfo {
			r.extend(ctx, start)
		}
	}
}

// extend brings the tail to begin at off, if that is not too far.
func (r *ranged) extend(ctx context.Context, off int64) bool {
	if off >= r.start {
		return true
	}
	if off < 0 || off < r.size-maxTail {
		return false
	}
	before, start, total, err := r.ask(ctx, fmt.Sprintf("bytes=%d-%d", off, r.start-1))
	if err != nil || start != off || total != r.size || int64(len(before)) != r.start-off {
		return false
	}
	r.start, r.tail = off, slices.Concat(before, r.tail)
	return true
}
