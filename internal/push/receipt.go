// Package push brings an image to where it shall be: registries and OCI layouts.
//
// Nothing moves that is already there, and a tag is written last: it never points to an image
// that is not complete. What was done with every blob is told in a [Receipt].
package push

import (
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// How says how a blob came to be at the destination.
type How string

// The ways of a blob.
const (
	Present  How = "present"  // it was there
	Mounted  How = "mounted"  // linked from another repository of the same registry
	Uploaded How = "uploaded" // sent, from this machine
	Streamed How = "streamed" // sent, while being read from the base's registry
	Written  How = "written"  // written to a folder
)

// Receipt tells what was done for one destination.
type Receipt struct {
	Reference string  `json:"reference"`
	Digest    v1.Hash `json:"digest"`
	Blobs     []Blob  `json:"blobs"`

	tagged bool // the tag held the image before
}

// Blob is one blob of an image at a destination.
type Blob struct {
	Digest v1.Hash `json:"digest"`
	Size   int64   `json:"size"` // in bytes
	How    How     `json:"how"`
	Why    string  `json:"why"`
}

// Moved is the number of bytes that were sent or written.
func (r *Receipt) Moved() int64 {
	var n int64
	for _, b := range r.Blobs {
		n += b.Moved()
	}
	return n
}

// Moved is the number of bytes that were sent or written for the blob.
func (b *Blob) Moved() int64 {
	if b.How == Uploaded || b.How == Streamed || b.How == Written {
		return b.Size
	}
	return 0
}
