package cache

import (
	"fmt"
	"strconv"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/layerpack/layerpack/pkg/layers"
)

// schema begins the history comments that are ours, and names their version. Fields may be added
// to it, none may change its meaning.
const schema = "layerpack/1"

// maxComment bounds the comments that are read, in bytes.
const maxComment = 1024

// The annotations that a layer's record may have (stargz-snapshotter, docs/estargz.md).
const (
	tocAnnotation  = "containerd.io/snapshot/stargz/toc.digest"
	sizeAnnotation = "io.containers.estargz.uncompressed-size"
)

// Comment is what the history of an image has to say of a layer, so that [FromImage] knows it again (image-spec,
// "Image Configuration", history.comment): pull and push by Docker and podman keep it, while they
// drop annotations. baseLayers is the number of layers below the first that this build has put
// on its base, the same for all of them. A record with annotations that are not eStargz's has none.
//
//	layerpack/1 key=sha256:… digest=sha256:… tar=10240 base=5 toc=sha256:…
func Comment(r *layers.Record, baseLayers int) string {
	toc, ok := tocOf(r.Annotations, r.TarSize)
	if !ok {
		return ""
	}
	s := fmt.Sprintf("%s key=%s digest=%s tar=%d base=%d", schema, r.Key, r.Digest, r.TarSize, baseLayers)
	if toc != "" {
		s += " toc=" + toc
	}
	return s
}

// statement is a comment that was understood.
type statement struct {
	key     layers.Key
	digest  v1.Hash
	tarSize int64
	base    int
	toc     string
}

// parseComment reads what Comment wrote. Fields that it does not know are passed over.
func parseComment(s string) (statement, bool) {
	rest, ok := strings.CutPrefix(s, schema+" ")
	if !ok || len(s) > maxComment {
		return statement{}, false
	}
	fields := map[string]string{}
	for f := range strings.SplitSeq(rest, " ") {
		name, value, ok := strings.Cut(f, "=")
		if _, twice := fields[name]; !ok || twice {
			return statement{}, false
		}
		fields[name] = value
	}
	key, ok1 := parseKey(fields["key"])
	digest, ok2 := parseHash(fields["digest"])
	tar, ok3 := parseNumber(fields["tar"], 63)
	base, ok4 := parseNumber(fields["base"], 31)
	toc, eStargz := fields["toc"]
	if _, ok := parseHash(toc); eStargz && !ok || !ok1 || !ok2 || !ok3 || !ok4 {
		return statement{}, false
	}
	return statement{key, digest, tar, int(base), toc}, true
}

// parseHash reads a digest in the one form that we write: "sha256:" and 64 digits, lower-case.
func parseHash(s string) (v1.Hash, bool) {
	h, err := v1.NewHash(s)
	return h, err == nil && h.Algorithm == "sha256" && h.String() == s
}

func parseKey(s string) (layers.Key, bool) {
	_, ok := parseHash(s)
	return layers.Key(s), ok
}

// parseNumber reads digits without sign or leading zeros.
func parseNumber(s string, bits int) (int64, bool) {
	n, err := strconv.ParseUint(s, 10, bits)
	return int64(n), err == nil && strconv.FormatUint(n, 10) == s
}

// tocOf returns the digest of an eStargz layer's table of contents, empty for other layers. ok says
// that the annotations are one or the other's.
func tocOf(annotations map[string]string, tarSize int64) (toc string, ok bool) {
	if len(annotations) == 0 {
		return "", true
	}
	toc = annotations[tocAnnotation]
	_, ok = parseHash(toc)
	return toc, ok && len(annotations) == 2 && annotations[sizeAnnotation] == strconv.FormatInt(tarSize, 10)
}

// annotationsOf is the inverse of tocOf.
func annotationsOf(toc string, tarSize int64) map[string]string {
	if toc == "" {
		return nil
	}
	return map[string]string{tocAnnotation: toc, sizeAnnotation: strconv.FormatInt(tarSize, 10)}
}

// mediaTypeOf is what a record calls a layer of the media type: Docker's names are those of the
// same bytes. Other types are of no layer that we make.
func mediaTypeOf(t types.MediaType) (types.MediaType, bool) {
	switch t {
	case types.OCILayer, types.DockerLayer:
		return types.OCILayer, true
	case types.OCILayerZStd, "application/vnd.docker.image.rootfs.diff.tar.zstd":
		return types.OCILayerZStd, true
	}
	return "", false
}
