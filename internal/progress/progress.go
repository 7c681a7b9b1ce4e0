// Package progress carries what happens from the rooms to whoever watches.
//
// Rooms send [Event] values to a [Sink] and never print. A renderer of this package turns
// them into a terminal's status line, plain lines, JSON lines or nothing.
package progress

// Kind says what an event is.
type Kind string

// The kinds of events.
const (
	// Step is something that was begun or done: one line.
	Step Kind = "step"
	// Note is what a user should know of the result.
	Note Kind = "note"
	// Warning is what a user probably did not mean.
	Warning Kind = "warning"
	// Detail is for those who asked for more (-v).
	Detail Kind = "detail"
	// Bytes tells how far a transfer is: Done of Total bytes of Item.
	Bytes Kind = "bytes"
)

// Event is one thing that happened.
type Event struct {
	Kind  Kind   `json:"kind"`
	Text  string `json:"text,omitempty"`
	Item  string `json:"item,omitempty"`  // what is transferred: a short digest or a name
	Done  int64  `json:"done,omitempty"`  // bytes
	Total int64  `json:"total,omitempty"` // bytes
}

// Sink takes events, from any goroutine.
type Sink interface{ Send(Event) }

// Discard takes events and forgets them.
type Discard struct{}

// Send forgets e.
func (Discard) Send(Event) {}
