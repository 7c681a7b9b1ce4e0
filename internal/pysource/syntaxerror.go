package pysource

import "fmt"

// SyntaxError says that Python cannot compile the file.
type SyntaxError struct {
	File   string
	Line   int    // 1 is the first
	Reason string // in CPython's words, where it has any
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s: line %d: %s", e.File, e.Line, e.Reason)
}

// EncodingError says that a file declares an encoding that is not read here (PEP 263). Python may
// well know it: nothing can be said about the file.
type EncodingError struct {
	File     string
	Encoding string // as declared
}

func (e *EncodingError) Error() string {
	return fmt.Sprintf("%s: its declared encoding %q is none that can be read here; save it as UTF-8", e.File, e.Encoding)
}
