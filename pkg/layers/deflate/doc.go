// Package deflate is a small DEFLATE encoder (RFC 1951) whose output never changes.
//
// The bytes of a layer must not depend on the version of a library or a compiler, so what
// is not copied from a wheel is encoded here. It keeps these promises:
//
//   - the output is a function of the input alone: no floating point, no map order, no
//     unstable sort, no state from earlier calls; a change is a new [Version] and new golden
//     digests;
//   - every piece ends at a byte boundary without ending the stream, so pieces are joined by
//     writing them one after the other;
//   - what was encoded has been decoded again and compared before it is returned.
//
// Callers fill a buffer with history and input, describe the input as [Part] values and call
// [Encoder.Encode]. Parts that were inflated just before bring their matches along, which are
// used again instead of searched for: that is most of the cost of encoding saved.
package deflate

// Version names the encoder: equal versions encode equal input to equal bytes. It belongs in
// everything that promises bytes.
const Version = 4
