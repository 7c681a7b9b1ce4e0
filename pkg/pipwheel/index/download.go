package index

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strconv"
)

// maxWheel bounds a wheel of which the index does not say the size, in bytes.
const maxWheel = 16 << 30

// DownloadOptions say what else a download must be.
type DownloadOptions struct {
	// Hashes are of a lock: all of them must be those of the content.
	Hashes []Hash
	// AnyOf are of a requirement's --hash: one of them must be that of the content.
	AnyOf []Hash
	// Size is what a lock says, 0 for nothing.
	Size int64
	// Progress is told how many bytes of the file are there, each time some arrive. It falls when
	// a download begins anew.
	Progress func(done int64)
}

// Wheel is a downloaded wheel. It must be closed.
type Wheel struct {
	Content
	SHA256 string // hexadecimal, of the content
	// Moved is how many bytes came over the network.
	Moved int64
}

// Download brings a wheel into the store, or finds it there, and verifies its size and every hash
// that the index and the caller give. A broken transfer goes on where it broke off; one that an
// earlier run left, too, where the SHA-256 is known.
//
// What does not match is a [refusal.Error] with a [*MismatchError], and nothing of it is kept. A
// file of the host is verified where it lies.
func (c *Client) Download(ctx context.Context, f File, o DownloadOptions) (*Wheel, error) {
	want, err := expect(f, o)
	if err != nil {
		return nil, err
	}
	if f.URL == "" {
		return c.openLocal(ctx, f, want)
	}
	if c.wheels == nil {
		return nil, errors.New("a wheel is to be downloaded, but nothing was given that keeps it")
	}
	if want.sha256 != "" {
		if w, err := c.wheels.Open(want.sha256); err == nil {
			return want.verified(ctx, w, f)
		}
	}
	u, err := url.Parse(f.URL)
	if err != nil {
		return nil, refuse(f.Filename, "its address is no URL")
	}
	if want.sha256 == "" {
		if w, err := c.unchanged(ctx, f, u, want); w != nil || err != nil {
			return w, err
		}
	}
	if c.offline {
		return nil, &OfflineError{What: f.Filename}
	}
	t := &transfer{client: c, file: f, url: u, want: want, progress: o.Progress}
	return t.download(ctx, c.bodies.join())
}

// download runs the transfer when its turn comes.
func (t *transfer) download(ctx context.Context, turn *place) (*Wheel, error) {
	defer turn.leave()
	if err := turn.wait(ctx); err != nil {
		return nil, err
	}
	release, err := t.client.slot(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	key := t.want.sha256
	if key == "" {
		key = unhashedKey(t.file)
	}
	if t.to, err = t.client.wheels.Partial(key); err != nil {
		return nil, err
	}
	w, err := t.run(ctx)
	return w, errors.Join(err, t.to.Close())
}

// expected is all that is known beforehand of a file's content.
type expected struct {
	sha256 string // empty where it is not known
	size   int64  // 0 where it is not known
	all    []Hash // besides sha256
	any    []Hash
}

// expect joins what index and caller say; where they contradict each other nothing is downloaded.
func expect(f File, o DownloadOptions) (*expected, error) {
	want := &expected{size: f.Size}
	if o.Size > 0 {
		if f.Size > 0 && f.Size != o.Size {
			return nil, mismatch(f.at(), "size", strconv.FormatInt(f.Size, 10), strconv.FormatInt(o.Size, 10))
		}
		want.size = o.Size
	}
	said := map[string]string{}
	for _, h := range append(append([]Hash(nil), o.Hashes...), f.Hashes...) {
		if newHash(h.Algorithm) == nil {
			return nil, refuse(f.at(), "the hash algorithm %.20q is not known", h.Algorithm)
		}
		if before, ok := said[h.Algorithm]; ok && before != h.Hex {
			return nil, mismatch(f.at(), h.Algorithm, h.Hex, before)
		}
		if _, ok := said[h.Algorithm]; !ok && h.Algorithm != "sha256" {
			want.all = append(want.all, h)
		}
		said[h.Algorithm] = h.Hex
	}
	want.sha256 = said["sha256"]
	for _, h := range o.AnyOf {
		if said[h.Algorithm] == h.Hex { // will be verified as one of all
			return want, nil
		}
	}
	if len(o.AnyOf) > 0 && !listed(f.Hashes, o.AnyOf) {
		return nil, mismatch(f.at(), o.AnyOf[0].Algorithm, said[o.AnyOf[0].Algorithm], "one of those that are allowed")
	}
	if want.any = o.AnyOf; len(want.any) == 1 {
		if h := want.any[0]; h.Algorithm == "sha256" {
			want.sha256, want.any = h.Hex, nil
		}
	}
	return want, nil
}

// verified checks a file that was in the store.
func (e *expected) verified(ctx context.Context, w Content, f File) (*Wheel, error) {
	sum := e.sha256
	err := e.checkSize(w.Size(), f)
	if err == nil && len(e.all)+len(e.any) > 0 {
		sum, err = e.read(ctx, w, f)
	}
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return &Wheel{Content: w, SHA256: sum}, nil
}

func (e *expected) checkSize(got int64, f File) error {
	if e.size > 0 && got != e.size {
		return mismatch(f.at(), "size", strconv.FormatInt(got, 10), strconv.FormatInt(e.size, 10))
	}
	return nil
}

// openLocal verifies a file of the host.
func (c *Client) openLocal(ctx context.Context, f File, want *expected) (*Wheel, error) {
	if c.local == nil {
		return nil, errors.New("a file is to be read, but nothing was given that reads files")
	}
	w, err := c.local.Open(f.Path)
	if err != nil {
		return nil, fmt.Errorf("--find-links: %w", err)
	}
	err = want.checkSize(w.Size(), f)
	sum := ""
	if err == nil {
		sum, err = want.read(ctx, w, f)
	}
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return &Wheel{Content: w, SHA256: sum}, nil
}

func decodeSHA256(digest string) (sum [32]byte) {
	_, _ = hex.Decode(sum[:], []byte(digest)) // it was checked to be 64 digits
	return sum
}
