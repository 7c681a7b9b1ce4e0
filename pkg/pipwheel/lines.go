package pipwheel

import (
	"bufio"
	"bytes"
	"io"
)

// newLines reads lines that end as Python's text files do: in "\n", "\r\n" or "\r". A line of
// more than limit bytes is an error.
func newLines(r io.Reader, limit int) *bufio.Scanner {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 0, min(limit, 16<<10)), limit)
	s.Split(splitLine)
	return s
}

func splitLine(data []byte, atEOF bool) (advance int, token []byte, err error) {
	i := lineEnd(data)
	switch {
	case i < 0 && atEOF && len(data) > 0:
		return len(data), data, nil
	case i < 0:
		return 0, nil, nil
	case data[i] == '\n':
		return i + 1, data[:i], nil
	case i+1 == len(data) && !atEOF:
		return 0, nil, nil // a "\n" may follow
	case i+1 < len(data) && data[i+1] == '\n':
		return i + 2, data[:i], nil
	}
	return i + 1, data[:i], nil
}

// lineEnd returns where the first "\n" or "\r" is, or -1. It never looks much farther than that: all that is unread
// lies in data, and many short lines may.
func lineEnd(data []byte) int {
	for n := 256; ; n *= 2 {
		part := data[:min(n, len(data))]
		i := bytes.IndexByte(part, '\n')
		if i >= 0 {
			part = part[:i]
		}
		if r := bytes.IndexByte(part, '\r'); r >= 0 {
			return r
		}
		if i >= 0 || len(part) == len(data) {
			return i
		}
	}
}

const byteOrderMark = "\ufeff"

// clip shortens foreign text for a message.
func clip(s string) string {
	const limit = 80
	if len(s) > limit {
		return s[:limit] + "…"
	}
	return s
}
