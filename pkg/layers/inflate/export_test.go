package inflate

// Loops returns a decoder for each inner loop, by its name: the one that this processor gets and
// the one in Go, which may be the same.
func Loops() map[string]*Decoder {
	return map[string]*Decoder{"fastest": {}, "portable": {portable: true}}
}

// Sizes of the buffers of streams, in bytes.
const (
	Window    = window
	StreamIn  = streamIn
	StreamOut = streamOut
)
