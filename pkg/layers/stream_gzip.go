package layers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"runtime"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/pkg/layers/splice"
)

// StreamEncoder names how [GzipStream] writes; see [Compression.Encoder].
const StreamEncoder = "stream-1/" + Encoder

// streamChunk is what is encoded at a time, in bytes. It decides on the output.
const streamChunk = 64 << 10

// StreamKey identifies what [GzipStream] makes of the tar with that DiffID: the SHA-256 of the
// two's JSON form, as [Recipe.Key] is of a recipe's.
func StreamKey(diffID v1.Hash) (Key, error) {
	b, err := json.Marshal(struct {
		Format  int    `json:"format"`
		Encoder string `json:"encoder"`
		DiffID  string `json:"diffID"`
	}{RecipeFormat, StreamEncoder, diffID.String()})
	if err != nil {
		return "", fmt.Errorf("making a layer's key: %w", err)
	}
	sum := sha256.Sum256(b)
	return Key("sha256:" + hex.EncodeToString(sum[:])), nil
}

// GzipStream writes a layer that others have made, an uncompressed tar, to w as one gzip member
// (RFC 1952) and returns its record with its [StreamKey]. The output depends on the bytes of r
// alone, not on how they come. Memory stays at a few MiB for each core.
func GzipStream(ctx context.Context, w io.Writer, r io.Reader) (*Record, error) {
	blob, sum := newMeter(w), sha256.New()
	zip := splice.NewParallel(blob, runtime.GOMAXPROCS(0)-1)
	size, err := feedStream(ctx, io.MultiWriter(sum, zip), r)
	// Encoders that still run have to end, whatever has happened.
	if ended := zip.Close(); err == nil {
		err = ended
	}
	if err != nil {
		return nil, fmt.Errorf("compressing a layer: %w", err)
	}
	diffID := hashOf(sum)
	key, err := StreamKey(diffID)
	if err != nil {
		return nil, err
	}
	return &Record{
		Key: key, Digest: blob.hash(), Size: blob.n, DiffID: diffID, TarSize: size, MediaType: Gzip.mediaType(),
	}, nil
}

// feedStream copies r to w in chunks of the same length but for the last.
func feedStream(ctx context.Context, w io.Writer, r io.Reader) (int64, error) {
	chunk, size := make([]byte, streamChunk), int64(0)
	for {
		if err := ctx.Err(); err != nil {
			return size, err
		}
		n, err := io.ReadFull(r, chunk)
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return size, err
		}
		if n > 0 {
			size += int64(n)
			if _, err := w.Write(chunk[:n]); err != nil {
				return size, err
			}
		}
		if n < len(chunk) {
			return size, nil
		}
	}
}
