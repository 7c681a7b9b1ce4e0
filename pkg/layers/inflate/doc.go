// Package inflate decodes raw DEFLATE (RFC 1951) and says where the stream's last block begins.
//
// It is built for one job, joining streams that others compressed into one: the bits of a
// stream can only be copied into a longer one when its last block, its end and its reach
// backwards are known, and no other decoder tells them. It keeps these promises:
//
//   - what zlib refuses is refused: over-subscribed and incomplete codes, a missing
//     end-of-block code, symbols that do not exist, stored lengths that disagree, distances
//     that reach before the first byte;
//   - a stream of more than 64 blocks that average under 64 compressed bytes is refused, as
//     its only use is to cost time;
//   - no input makes it panic, write beyond what was asked for, or use more memory than that;
//   - the whole stream's output is the wanted number of bytes, or an error.
//
// On amd64 processors with BMI2 its inner loop is one in assembly, which takes two thirds of the time;
// the build tag purego leaves it out.
//
// Callers with the whole stream in memory want [Decoder.Decode]; those with streams that are
// too large for that want [Decoder.Stream].
package inflate
