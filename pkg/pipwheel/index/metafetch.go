package index

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/layerpack/layerpack/pkg/pipwheel"
)

const (
	// metadataCollection is where metadata is kept.
	metadataCollection = "index-metadata"
	// maxMetadata bounds METADATA with its description, in bytes.
	maxMetadata = 16 << 20
)

// Metadata returns what a wheel requires: from the file beside it (PEP 658), verified by its hash;
// else by range requests into the wheel; else out of the wheel, which is downloaded.
//
// It is known for good for a wheel whose SHA-256 the index gives. Whoever opens the wheel compares
// ([Metadata.Compare]). The value is shared and must not be changed.
func (c *Client) Metadata(ctx context.Context, f File) (*Metadata, error) {
	if !f.IsWheel() {
		return nil, refuse(f.at(), "not a wheel: what it requires is known only when it is built")
	}
	key := metadataKey(f)
	return c.metadata.do(ctx, key, func() (*Metadata, error) {
		kept := f.SHA256() != "" && f.URL != "" && c.pages != nil
		if kept {
			if content, err := c.pages.Get(metadataCollection, key); err == nil {
				if m, err := decodeMetadata(content); err == nil && m.check(f) == nil {
					return m, nil
				}
			}
		}
		m, err := c.askMetadata(ctx, f)
		if err != nil {
			return nil, err
		}
		if kept {
			_ = c.pages.Put(metadataCollection, key, m.encode()) // the next run asks again
		}
		return m, nil
	})
}

func metadataKey(f File) string {
	return keyOf(f.URL) + f.Path + "#" + f.SHA256() + "#" + f.MetadataSHA256
}

// Forget throws away what is kept of a file and of the page that offered it. It is for a file that turned out not to be
// what was said: the next run asks anew, and without conditions.
func (c *Client) Forget(f File) error {
	if c.pages == nil {
		return nil
	}
	errs := []error{c.pages.Delete(metadataCollection, metadataKey(f))}
	if name, _, err := f.nameVersion(); err == nil && f.from != nil && f.from.url != nil {
		key := keyOf(f.from.page(name).String())
		errs = append(errs, c.pages.Delete(pageCollection, key), c.pages.Delete(pageCollection, "flat "+key))
	}
	return errors.Join(errs...)
}

func (c *Client) askMetadata(ctx context.Context, f File) (*Metadata, error) {
	if f.URL == "" {
		return c.localMetadata(f)
	}
	if sum := f.SHA256(); sum != "" && c.wheels != nil {
		if w, err := c.wheels.Open(sum); err == nil {
			defer w.Close()
			return readWheel(w, f)
		}
	}
	if c.offline {
		return nil, &OfflineError{What: "the metadata of " + f.Filename}
	}
	u, err := url.Parse(f.URL)
	if err != nil {
		return nil, refuse(f.Filename, "its address is no URL")
	}
	if f.HasMetadata {
		m, err := c.besideMetadata(ctx, f, u)
		if m != nil || err != nil {
			return m, err
		}
	}
	if _, no := c.unranged.Load(u.Host); !no {
		content, err := c.rangedMetadata(ctx, f, u)
		if err == nil {
			return readMetadata(content, f)
		}
		if !errors.Is(err, errNoRanges) {
			return nil, err
		}
	}
	return c.openMetadata(ctx, f)
}

// besideMetadata fetches the file beside the wheel. It returns nothing where there is none after
// all, as behind proxies that pass pages on unchanged.
func (c *Client) besideMetadata(ctx context.Context, f File, u *url.URL) (*Metadata, error) {
	beside := *u
	beside.Path += ".metadata"
	if beside.RawPath != "" {
		beside.RawPath += ".metadata"
	}
	for try := 1; ; try++ {
		a, err := c.get(ctx, &beside, f.from, nil, maxMetadata)
		if err != nil {
			return nil, err
		}
		if a.status != http.StatusOK {
			return nil, nil
		}
		sum := sha256.Sum256(a.body)
		got := hex.EncodeToString(sum[:])
		if f.MetadataSHA256 == "" || got == f.MetadataSHA256 {
			return readMetadata(a.body, f)
		}
		if try == 2 { // once more, for what was cut on its way
			return nil, mismatch(redact(&beside), "sha256", got, f.MetadataSHA256)
		}
	}
}

// openMetadata reads the metadata of a wheel that is here, or is downloaded for it.
func (c *Client) openMetadata(ctx context.Context, f File) (*Metadata, error) {
	w, err := c.Download(ctx, f, DownloadOptions{})
	if err != nil {
		return nil, err
	}
	defer w.Close()
	return readWheel(w, f)
}

// localMetadata reads the metadata of a wheel of the host, whose hash nobody needs yet.
func (c *Client) localMetadata(f File) (*Metadata, error) {
	if c.local == nil {
		return nil, errors.New("a file is to be read, but nothing was given that reads files")
	}
	w, err := c.local.Open(f.Path)
	if err != nil {
		return nil, fmt.Errorf("--find-links: %w", err)
	}
	defer w.Close()
	return readWheel(w, f)
}

func readWheel(w Content, f File) (*Metadata, error) {
	opened, err := pipwheel.Open(w, w.Size(), f.Filename, pipwheel.Options{})
	if err != nil {
		return nil, err
	}
	m := MetadataOf(opened.Metadata)
	return &m, m.check(f)
}
