package store

import (
	"context"
	"slices"
	"strings"
	"time"
)

// Usage is what a store holds.
type Usage struct {
	Dir   string `json:"dir"`
	Limit int64  `json:"limit"` // bytes on disk
	Total
	// Collections are sorted by name.
	Collections []Collection `json:"collections"`
	// Unfinished is what is not complete: being written now, or left by runs that were stopped.
	Unfinished Total `json:"unfinished"`
}

// Total counts files.
type Total struct {
	Entries int   `json:"entries"`
	Bytes   int64 `json:"bytes"` // on disk: in whole blocks of 4 KiB
}

// Collection is one kind of entries.
type Collection struct {
	Name string `json:"name"`
	Total
	Oldest time.Time `json:"oldest"` // last use of the entry that was not used for longest
}

func (t *Total) add(it item) {
	t.Entries++
	t.Bytes += it.size
}

// Usage counts what the store holds.
func (s *Store) Usage(ctx context.Context) (*Usage, error) {
	u := &Usage{Dir: s.dir, Limit: s.limit, Collections: []Collection{}}
	if s.dir == "" {
		return u, nil
	}
	items, err := s.scan(ctx)
	if err != nil {
		return nil, err
	}
	var entries []item
	for _, it := range items {
		if it.kind == entry {
			entries = append(entries, it)
		} else {
			u.Unfinished.add(it)
		}
	}
	u.Collections, u.Total = tally(entries)
	return u, nil
}

// tally counts items by collection.
func tally(items []item) (list []Collection, all Total) {
	list = []Collection{}
	for _, it := range items {
		i, ok := slices.BinarySearchFunc(list, it.collection, func(c Collection, name string) int { return strings.Compare(c.Name, name) })
		if !ok {
			list = slices.Insert(list, i, Collection{Name: it.collection, Oldest: it.used})
		}
		list[i].add(it)
		if it.used.Before(list[i].Oldest) {
			list[i].Oldest = it.used
		}
		all.add(it)
	}
	return list, all
}
