package index

import (
	"encoding/binary"
	"errors"
	"strings"
	"time"
)

// entryMagic begins what is kept of a page.
const entryMagic = "index page 1\n"

// errEntry is an entry that is damaged or of another version.
var errEntry = errors.New("an entry of the cache cannot be read")

// entry is a page in the cache: the packed page, and what is needed to ask whether it still holds.
type entry struct {
	asked    time.Time
	fresh    time.Duration
	etag     string
	modified string // Last-Modified, as the server wrote it
	missing  bool   // there was no such page: known for --offline alone
	page     string // packed
	unpacked *page  // not part of what is kept; nil where there was no such page
}

// freshAt reports whether the entry may be used without asking. A clock that was turned back makes
// it ask, and so does having none.
func (e *entry) freshAt(now time.Time) bool {
	return !e.missing && !now.IsZero() && !now.Before(e.asked) && now.Sub(e.asked) < e.fresh
}

func (e *entry) encode() []byte {
	b := []byte(entryMagic)
	b = binary.AppendVarint(b, e.asked.Unix())
	b = binary.AppendUvarint(b, uint64(e.fresh/time.Second))
	b = appendText(b, e.etag)
	b = appendText(b, e.modified)
	missing := uint64(0)
	if e.missing {
		missing = 1
	}
	b = binary.AppendUvarint(b, missing)
	return append(b, e.page...)
}

func decodeEntry(content []byte) (*entry, error) {
	text, ok := strings.CutPrefix(string(content), entryMagic)
	if !ok {
		return nil, errEntry
	}
	r := &reader{text: text}
	e := &entry{asked: time.Unix(r.signed(), 0)}
	fresh := r.number()
	if fresh > uint64(maxFresh/time.Second) {
		return nil, errEntry
	}
	e.fresh = time.Duration(fresh) * time.Second
	e.etag, e.modified = r.string(), r.string()
	missing := r.number()
	if e.missing, e.page = missing == 1, r.text; r.bad || missing > 1 {
		return nil, errEntry
	}
	return e, nil
}
