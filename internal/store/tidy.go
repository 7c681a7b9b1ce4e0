package store

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// recounted is how long a store's size is reckoned from what runs say that they wrote, before
// it is counted again: a run that was killed says nothing.
const recounted = 24 * time.Hour

// Tidy is for the end of a run. It keeps the store within its limit: where this run wrote
// something and the sum of what runs wrote has come to the limit, or was not counted for a day,
// the store is counted and what was not used for longest goes. Otherwise it costs next to
// nothing. A store without a clock is left alone.
func (s *Store) Tidy(ctx context.Context) error {
	wrote := s.written.Swap(0)
	if s.dir == "" || s.now == nil || wrote == 0 {
		return nil
	}
	size, counted, err := s.addTally(wrote)
	now := s.now()
	if err == nil && size <= s.limit && now.Sub(counted) < recounted && !counted.After(now.Add(recounted)) {
		return nil
	}
	items, err := s.scan(ctx)
	if err != nil {
		return err
	}
	most := s.limit
	if _, all := tally(items); all.Bytes > s.limit {
		most = s.limit / 10 * 9 // so that the next runs need not
	}
	_, err = s.prune(ctx, items, PruneOptions{MaxSize: most})
	return err
}

// The tally is a file of lines: the first is tallyHead, the others are "SECONDS BYTES", which is the
// last count and then what runs wrote since. A line is added by one write, so processes do not
// disturb each other.
const (
	tallyName = ".layerpack-tally"
	tallyHead = magic + "tally"
)

// addTally adds a line and returns the sum, and when the store was counted. An error says
// that there is no count to go by.
func (s *Store) addTally(wrote int64) (size int64, counted time.Time, err error) {
	f, err := os.OpenFile(filepath.Join(s.dir, tallyName), os.O_RDWR|os.O_APPEND|syscall.O_NONBLOCK, 0)
	if err != nil {
		return 0, counted, err
	}
	defer f.Close() //nolint:errcheck // a line that is lost is found by the next count
	head := make([]byte, len(tallyHead)+1)
	if _, err := f.ReadAt(head, 0); err != nil || string(head) != tallyHead+"\n" {
		return 0, counted, errors.Join(errors.New("the tally does not begin as one"), err)
	}
	if _, err := fmt.Fprintf(f, "%d %d\n", s.now().Unix(), wrote); err != nil {
		return 0, counted, err
	}
	if _, err := f.Seek(int64(len(head)), io.SeekStart); err != nil {
		return 0, counted, err
	}
	lines := bufio.NewScanner(f)
	for first := true; lines.Scan(); first = false {
		var seconds, n int64
		if _, err := fmt.Sscanf(lines.Text(), "%d %d", &seconds, &n); err != nil || n < 0 || n > math.MaxInt64-size {
			return 0, counted, fmt.Errorf("the tally has a line %q", lines.Text())
		}
		if first {
			counted = time.Unix(seconds, 0)
		}
		size += n
	}
	return size, counted, lines.Err()
}

// setTally begins the tally anew, with what has just been counted.
func (s *Store) setTally(size int64) error {
	if s.now == nil {
		return nil
	}
	path := filepath.Join(s.dir, tallyName)
	if have, err := readHead(path); err == nil && len(have) > 0 && string(have) != magic {
		return fmt.Errorf("%s is not the cache's", path)
	}
	f, err := os.CreateTemp(s.dir, tallyName+"-*")
	if err != nil {
		return ignoreGone(err) // there is no store
	}
	_, err = fmt.Fprintf(f, tallyHead+"\n%d %d\n", s.now().Unix(), size)
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err == nil {
		err = replace(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, ignoreGone(os.Remove(f.Name())))
	}
	return nil
}
