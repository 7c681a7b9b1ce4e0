package registry

import (
	"context"
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Source is where a base comes from: a repository or a layout.
type Source interface {
	// Manifest reads what ref names: a tag, a digest ("sha256:..."), or, empty, the default: the tag
	// latest of a repository; the only manifest of a layout, or the one tagged latest.
	Manifest(ctx context.Context, ref string) (Manifest, error)
	// Blob streams a blob, checked against the descriptor's digest and size at its end.
	Blob(ctx context.Context, d v1.Descriptor) (io.ReadCloser, error)
}
