// Package refusal is how every room says that an input cannot become an image.
//
// A refusal is not a failure of the machine or of the network: the same input is refused
// again next time. It says what was refused, why, and what the user can do, in one message.
// Anything else that goes wrong is an ordinary error. Callers tell the two apart with
// [errors.As]; the command line turns a refusal into exit code 4.
package refusal

import (
	"errors"
	"fmt"
)

// Error is one refused input.
type Error struct {
	Input string // what was refused, as the user knows it: a file, a flag's value, a wheel's name
	Cause string // why, lower-case, no full stop
	Fix   string // what to do about it; may be empty and may hold several lines
	Err   error  // the error underneath, if there is one
}

// Error joins the parts to "input: cause: underlying error; fix".
func (e *Error) Error() string {
	s := e.Cause
	if e.Input != "" {
		s = e.Input + ": " + s
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	if e.Fix != "" {
		s += "; " + e.Fix
	}
	return s
}

// Unwrap returns the error underneath.
func (e *Error) Unwrap() error { return e.Err }

// New refuses input because of cause; fix says the way out and may be empty.
func New(input, cause, fix string) *Error {
	return &Error{Input: input, Cause: cause, Fix: fix}
}

// Newf is New without a fix and with a formatted cause.
func Newf(input, format string, args ...any) *Error {
	return &Error{Input: input, Cause: fmt.Sprintf(format, args...)}
}

// Is reports whether err or an error it wraps is a refusal.
func Is(err error) bool {
	var r *Error
	return errors.As(err, &r)
}
