package pipwheel

import "strings"

// texts makes many short strings in few allocations. They share memory, so they are to be kept or
// forgotten together.
type texts struct{ b strings.Builder }

const (
	firstTexts = 4 << 10  // bytes of the first piece of memory
	mostTexts  = 32 << 10 // and of the largest, but for a longer string
)

// room makes room for a string of n bytes.
func (t *texts) room(n int) {
	if have := t.b.Cap(); have-t.b.Len() < n {
		t.b.Reset() // the memory stays with the strings in it
		t.b.Grow(max(n, min(2*have, mostTexts), firstTexts))
	}
}

// last returns the n bytes that were written last.
func (t *texts) last(n int) string {
	s := t.b.String()
	return s[len(s)-n:]
}

// of returns p as a string.
func (t *texts) of(p []byte) string {
	t.room(len(p))
	t.b.Write(p)
	return t.last(len(p))
}

// join returns a and b as one string.
func (t *texts) join(a, b string) string {
	t.room(len(a) + len(b))
	t.b.WriteString(a)
	t.b.WriteString(b)
	return t.last(len(a) + len(b))
}
