package registry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/layerpack/layerpack/internal/transport"
)

// MaxManifest is the largest manifest that is read, in bytes (distribution-spec, "Pushing
// Manifests", asks registries to take at least this much).
const MaxManifest = 4 << 20

// accepted are the manifests asked for. Schema 1 is among them so that a registry says what it has
// and it can be refused by name.
var accepted = strings.Join([]string{
	string(types.OCIManifestSchema1),
	string(types.OCIImageIndex),
	string(types.DockerManifestSchema2),
	string(types.DockerManifestList),
	string(types.DockerManifestSchema1Signed),
	string(types.DockerManifestSchema1),
}, ", ")

// Manifest is a manifest or index as it was stored, its bytes checked against the digest.
type Manifest struct {
	Digest    v1.Hash
	MediaType string
	Bytes     []byte
}

// DigestError is content whose bytes are not those of its digest, or not of its size.
type DigestError struct {
	Subject   string // what was read
	Want, Got string // digests or sizes
}

func (e *DigestError) Error() string {
	return fmt.Sprintf("%s: got %s where %s was expected; the source is damaged or was tampered with", e.Subject, e.Got, e.Want)
}

// Manifest reads the manifest or index behind a tag or digest. Errors are [ErrNotFound],
// [ErrUnauthorized], [*StatusError], [*DigestError] or a network's.
func (c *Client) Manifest(ctx context.Context, ref name.Reference) (Manifest, error) {
	tries := c.backoff.Start()
	for {
		m, err := c.readManifest(ctx, ref)
		if errors.Is(err, errBroken) && ctx.Err() == nil {
			if stop := tries.Again(ctx, 0); stop == nil {
				continue
			}
		}
		return m, explainRef(ref, err)
	}
}

// errBroken is an answer that began well and broke off.
var errBroken = errors.New("the answer broke off")

func (c *Client) readManifest(ctx context.Context, ref name.Reference) (Manifest, error) {
	resp, err := c.callManifest(ctx, http.MethodGet, ref)
	if err != nil {
		return Manifest{}, err
	}
	if resp.StatusCode != http.StatusOK {
		return Manifest{}, c.statusError(resp)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, MaxManifest+1))
	switch {
	case err != nil:
		return Manifest{}, fmt.Errorf("%w: %w", errBroken, err)
	case len(raw) > MaxManifest:
		return Manifest{}, fmt.Errorf("manifest is larger than %d bytes", MaxManifest)
	}
	m := Manifest{MediaType: mediaType(resp.Header.Get("Content-Type"), raw), Bytes: raw}
	if m.Digest, _, err = v1.SHA256(bytes.NewReader(raw)); err != nil {
		return Manifest{}, err
	}
	if d, ok := ref.(name.Digest); ok && d.DigestStr() != m.Digest.String() {
		return Manifest{}, &DigestError{Subject: "manifest", Want: d.DigestStr(), Got: m.Digest.String()}
	}
	if said := resp.Header.Get("Docker-Content-Digest"); strings.HasPrefix(said, "sha256:") && said != m.Digest.String() {
		return Manifest{}, &DigestError{Subject: "manifest", Want: c.readable(said), Got: m.Digest.String()}
	}
	return m, nil
}

// Head asks what a tag or digest is without reading it. Where a registry leaves digest, size or media
// type out of the answer, the manifest is read instead.
func (c *Client) Head(ctx context.Context, ref name.Reference) (v1.Descriptor, error) {
	resp, err := c.callManifest(ctx, http.MethodHead, ref)
	if err != nil {
		return v1.Descriptor{}, explainRef(ref, err)
	}
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusMethodNotAllowed, http.StatusNotImplemented:
		closeResponse(resp)
		return c.headByGet(ctx, ref)
	default:
		return v1.Descriptor{}, explainRef(ref, c.statusError(resp))
	}
	closeResponse(resp)
	digest, err := v1.NewHash(resp.Header.Get("Docker-Content-Digest"))
	kind := mediaType(resp.Header.Get("Content-Type"), nil)
	if err != nil || resp.ContentLength <= 0 || kind == "" {
		return c.headByGet(ctx, ref)
	}
	if d, ok := ref.(name.Digest); ok && d.DigestStr() != digest.String() {
		err := &DigestError{Subject: "manifest", Want: d.DigestStr(), Got: digest.String()}
		return v1.Descriptor{}, explainRef(ref, err)
	}
	return v1.Descriptor{MediaType: types.MediaType(kind), Digest: digest, Size: resp.ContentLength}, nil
}

func (c *Client) headByGet(ctx context.Context, ref name.Reference) (v1.Descriptor, error) {
	m, err := c.Manifest(ctx, ref)
	if err != nil {
		return v1.Descriptor{}, err
	}
	return v1.Descriptor{MediaType: types.MediaType(m.MediaType), Digest: m.Digest, Size: int64(len(m.Bytes))}, nil
}

func (c *Client) callManifest(ctx context.Context, method string, ref name.Reference) (*http.Response, error) {
	repo := ref.Context()
	return c.do(ctx, call{
		method: method,
		host:   c.host(repo),
		want:   scopes{repo.RepositoryStr(): false},
		url:    c.url(repo, "manifests/"+ref.Identifier()),
		header: map[string]string{"Accept": accepted},
	})
}

// mediaType is what a header says, or the document itself where the header says nothing of use.
func mediaType(header string, raw []byte) string {
	kind, _, err := mime.ParseMediaType(header)
	if err == nil && strings.Contains(kind, "vnd.") {
		return kind
	}
	var doc struct {
		MediaType     string            `json:"mediaType"`
		SchemaVersion int               `json:"schemaVersion"`
		Manifests     []json.RawMessage `json:"manifests"`
		Config        json.RawMessage   `json:"config"`
		FSLayers      json.RawMessage   `json:"fsLayers"`
	}
	if json.Unmarshal(raw, &doc) != nil {
		return kind
	}
	switch {
	case doc.MediaType != "":
		return doc.MediaType
	case doc.SchemaVersion == 1 && doc.FSLayers != nil:
		return string(types.DockerManifestSchema1)
	case doc.Manifests != nil:
		return string(types.OCIImageIndex)
	case doc.Config != nil:
		return string(types.OCIManifestSchema1)
	}
	return kind
}

// digestRef is a reference to content of a repository by digest.
func digestRef(repo name.Repository, h v1.Hash) name.Digest { return repo.Digest(h.String()) }

// transient reports whether going on may help: the network broke, or the registry said "later".
func transient(ctx context.Context, err error) bool {
	if ctx.Err() != nil || err == nil {
		return false
	}
	if status, ok := errors.AsType[*StatusError](err); ok {
		return transport.RetryableStatus(status.Status)
	}
	return transport.Transient(err)
}
