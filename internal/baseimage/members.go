package baseimage

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/layerpack/layerpack/internal/rootfs"
	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// members is what a layer's tar holds.
type members struct {
	entries  []rootfs.Entry
	contents []*content // entry.Ref-1 is the index of what a file says; 0 is nothing
}

// readMembers reads a layer's tar to its end.
func readMembers(r io.Reader, b *budget) (*members, error) {
	m := &members{}
	var buf bytes.Buffer
	for tr := tar.NewReader(r); ; {
		h, err := tr.Next()
		switch {
		case errors.Is(err, io.EOF):
			return m, nil
		case err != nil && (h == nil || !errors.Is(err, tar.ErrInsecurePath)): // names are judged by rootfs
			return nil, err
		}
		if err := b.entry(); err != nil {
			return nil, err
		}
		e, ok, err := entry(h)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		if rule, ok := ruleFor(e.Path, b.limits); ok && e.Kind == layers.File {
			if err := b.take(min(e.Size, rule.limit)); err != nil {
				return nil, err
			}
			buf.Reset()
			if _, err := buf.ReadFrom(io.LimitReader(tr, rule.limit)); err != nil {
				return nil, err
			}
			if c := rule.parse(buf.Bytes()); c != nil {
				m.contents = append(m.contents, c)
				e.Ref = len(m.contents)
			}
		}
		m.entries = append(m.entries, e)
	}
}

// entry is h in rootfs's words; ok is false for what is no path of the image.
func entry(h *tar.Header) (e rootfs.Entry, ok bool, err error) {
	if h.Typeflag == tar.TypeXGlobalHeader { // runtimes ignore it
		return e, false, nil
	}
	path, err := rootfs.Clean(h.Name)
	if err != nil {
		return e, false, err
	}
	e.Node = rootfs.Node{Path: path, Kind: layers.Kind(h.Typeflag), Mode: uint32(h.Mode & 0o7777), UID: h.Uid, GID: h.Gid}
	switch h.Typeflag {
	case tar.TypeReg, 0:
		e.Kind, e.Size = layers.File, h.Size
	case tar.TypeSymlink:
		e.Target = h.Linkname
	case tar.TypeLink:
		e.Link = h.Linkname
	case tar.TypeDir, tar.TypeChar, tar.TypeBlock, tar.TypeFifo:
	case tar.TypeGNUSparse:
		return e, false, sparse(path)
	default:
		return e, false, refusal.Newf(fmt.Sprintf("%.200q", path), "an entry of type %q, which runtimes do not unpack", rune(h.Typeflag))
	}
	for key := range h.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return e, false, sparse(path)
		}
	}
	return e, true, nil
}

func sparse(path string) error {
	return refusal.New(fmt.Sprintf("%.200q", path), "a sparse file, which not every runtime unpacks", "rebuild the base's layer without sparse files")
}
