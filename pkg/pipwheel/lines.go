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
	s.Buffer(make([]byte, 0, min(limit, 4<<10)), limit)
	s.Split(splitLine)
	return s
}

func splitLine(data []byte, atEOF bool) (advance int, token []byte, err error) {
	i := bytes.IndexByte(data, '\n')
	if r := bytes.IndexByte(data[:max(i, 0)], '\r'); r >= 0 {
		i = r
	} else if i < 0 {
		i = bytes.IndexByte(data, '\r')
	}
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

const byteOrderMark = "\ufeff"

// clip shortens foreign text for a message.
func clip(s string) string {
	const limit = 80
	if len(s) > limit {
		return s[:limit] + "…"
	}
	return s
}
