package baseimage

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/layerpack/layerpack/internal/rootfs"
)

// maxHead bounds what DecodeProfile reads of a head, in bytes.
const maxHead = 64 << 20

// maxOwned bounds what DecodeOwned reads, in bytes.
const maxOwned = 1 << 30

// EncodeHead writes everything but the tree as JSON with sorted keys and no white space: small,
// read by every run, the same bytes for the same profile. The tree has its own [rootfs.Tree.Encode].
func (p *Profile) EncodeHead(w io.Writer) error {
	raw, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("writing profile: %w", err)
	}
	var fields any // maps are written with sorted keys
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&fields); err != nil {
		return fmt.Errorf("writing profile: %w", err)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(fields); err != nil {
		return fmt.Errorf("writing profile: %w", err)
	}
	if _, err := w.Write(out.Bytes()); err != nil {
		return fmt.Errorf("writing profile: %w", err)
	}
	return nil
}

// DecodeProfile reads what EncodeHead and [rootfs.Tree.Encode] wrote. tree may be nil when the
// paths are not needed. A head of another [ProfileVersion] is an error.
func DecodeProfile(head, tree io.Reader) (*Profile, error) {
	p := &Profile{}
	d := json.NewDecoder(io.LimitReader(head, maxHead))
	if err := d.Decode(p); err != nil {
		return nil, fmt.Errorf("reading profile: %w", err)
	}
	if p.Version != ProfileVersion {
		return nil, fmt.Errorf("reading profile: version %d, this program writes %d", p.Version, ProfileVersion)
	}
	if tree == nil {
		return p, nil
	}
	var err error
	if p.Tree, err = rootfs.Decode(tree); err != nil {
		return nil, fmt.Errorf("reading profile: %w", err)
	}
	return p, nil
}

// EncodeOwned writes Owned as JSON with sorted keys.
func (p *Profile) EncodeOwned(w io.Writer) error {
	if err := json.NewEncoder(w).Encode(p.Owned); err != nil {
		return fmt.Errorf("writing profile: %w", err)
	}
	return nil
}

// DecodeOwned reads what EncodeOwned wrote.
func DecodeOwned(r io.Reader) (map[string][]OwnedFile, error) {
	var owned map[string][]OwnedFile
	if err := json.NewDecoder(io.LimitReader(r, maxOwned)).Decode(&owned); err != nil {
		return nil, fmt.Errorf("reading profile: %w", err)
	}
	return owned, nil
}
