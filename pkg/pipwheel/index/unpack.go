package index

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"time"

	"github.com/layerpack/layerpack/pkg/pipwheel/version"
)

// errPacked is a packed page that is damaged, or of another version of the form.
var errPacked = errors.New("a page in the cache cannot be read")

// unpack reads what pack wrote, but for the files.
func unpack(text string, from *source) (*page, error) {
	r := &reader{text: text}
	if r.number() != packVersion {
		return nil, errPacked
	}
	p := &page{from: from, status: r.string(), reason: r.string(), notes: r.strings(), base: r.string(), pythons: r.strings()}
	n := r.count(2)
	p.releases = make([]packed, 0, n)
	sizes := make([]int, 0, n)
	for range n {
		v, err := version.Parse(r.string())
		if err != nil {
			return nil, errPacked
		}
		p.releases = append(p.releases, packed{version: v})
		sizes = append(sizes, r.count(1))
		if i := len(p.releases) - 1; i > 0 && p.releases[i-1].version.Compare(v) <= 0 {
			return nil, errPacked
		}
	}
	for i, size := range sizes {
		p.releases[i].files = r.bytes(size)
	}
	if r.bad || r.text != "" {
		return nil, errPacked
	}
	return p, nil
}

// files unpacks the files of one version. Damage ends the list: what is in the cache has passed its
// checksum, so there is none.
func (p *page) files(text string) []File {
	r := &reader{text: text}
	var files []File
	before := ""
	for r.text != "" {
		f := p.file(r, before)
		if r.bad {
			break
		}
		before = f.Filename
		files = append(files, f)
	}
	return files
}

func (p *page) file(r *reader, before string) File {
	flags := r.number()
	has := func(flag uint64) bool { return flags&flag != 0 }
	f := File{Yanked: has(packYanked), HasMetadata: has(packMetadata), from: p.from}
	shared := r.number()
	if shared > uint64(len(before)) {
		r.bad = true
		return f
	}
	f.Filename = before[:shared] + r.string()
	f.URL = p.base + r.string()
	if has(packNamed) {
		f.URL += f.Filename
	}
	f.Path = r.string()
	python := r.number()
	if python >= uint64(len(p.pythons)) {
		r.bad = true
		return f
	}
	f.RequiresPython = p.pythons[python]
	if f.Yanked {
		f.YankedReason = r.string()
	}
	if has(packSHA256) {
		f.Hashes = []Hash{{"sha256", r.hex()}}
	}
	if has(packHashes) {
		for _, text := range r.strings() {
			h, err := ParseHash(text)
			r.bad = r.bad || err != nil
			f.Hashes = append(f.Hashes, h)
		}
		f.Hashes = sortHashes(f.Hashes)
	}
	if has(packSize) {
		f.Size = int64(r.number() & (1<<63 - 1))
	}
	if has(packUploaded) {
		f.Uploaded = time.UnixMilli(r.signed()).UTC()
	}
	if has(packMetadataSHA256) {
		f.MetadataSHA256 = r.hex()
	}
	return f
}

// reader takes packed values off a text. What it returns after damage is meaningless, and bad is set.
type reader struct {
	text string
	bad  bool
}

func (r *reader) number() uint64 {
	var v uint64
	for i := 0; i < len(r.text) && i < binary.MaxVarintLen64; i++ {
		c := r.text[i]
		v |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			r.text = r.text[i+1:]
			return v
		}
	}
	r.bad, r.text = true, ""
	return 0
}

func (r *reader) signed() int64 {
	v := r.number()
	return int64(v>>1) ^ -int64(v&1)
}

// count is a number of things that take at least so many bytes each of what is left.
func (r *reader) count(each int) int {
	n := r.number()
	if n > uint64(len(r.text)/each) {
		r.bad, r.text = true, ""
		return 0
	}
	return int(n)
}

func (r *reader) bytes(n int) string {
	if n > len(r.text) {
		r.bad, r.text = true, ""
		return ""
	}
	s := r.text[:n]
	r.text = r.text[n:]
	return s
}

func (r *reader) string() string { return r.bytes(r.count(1)) }

func (r *reader) strings() []string {
	list := make([]string, r.count(1))
	for i := range list {
		list[i] = r.string()
	}
	return list
}

func (r *reader) hex() string {
	return hex.EncodeToString([]byte(r.bytes(32)))
}
