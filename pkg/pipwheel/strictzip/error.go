package strictzip

import "fmt"

// Error is the refusal of an archive. Failures of reading are other errors.
type Error struct {
	Rule   Rule   // what the archive breaks
	Entry  string // the name of the entry, empty for the archive as a whole
	Detail string // what was found, lower-case, no full stop
}

// Error says entry, detail and rule in one line; names are quoted, they may hold anything.
func (e *Error) Error() string {
	if e.Entry == "" {
		return fmt.Sprintf("%s (%s)", e.Detail, e.Rule)
	}
	return fmt.Sprintf("entry %.200q: %s (%s)", e.Entry, e.Detail, e.Rule)
}

func refuse(rule Rule, entry, format string, args ...any) *Error {
	return &Error{Rule: rule, Entry: entry, Detail: fmt.Sprintf(format, args...)}
}
