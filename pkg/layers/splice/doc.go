// Package splice writes one gzip member (RFC 1952) out of streams that are compressed already
// and bytes that are not.
//
// A zip member and a gzip stream hold the same raw DEFLATE, so the bits of a zip member are
// copied instead of compressed again: its last block is no longer marked as last, and an empty
// stored block brings it to a byte boundary (the method of zlib's examples/gzjoin.c). What
// stands between goes through the encoder of package deflate. It keeps these promises:
//
//   - one member (or those asked for with [Writer.Next]), header MTIME 0, XFL 0, OS 255: decoders see nothing unusual;
//   - the output is a function of the sequence of calls, not of time, threads or versions;
//   - a stream is copied only after it was decoded to its end with the declared length and
//     CRC-32, and reaches back to nothing before its own start;
//   - memory is bounded whatever is written.
//
// Callers prepare the members with [Buffers.Prepare], on as many goroutines as they have
// buffers, and hand them in order to [Writer.Join]; members too large for memory go through
// [Buffers.PrepareLarge] to [Writer.JoinLarge]; the bytes between them to [Writer.Header] and [Writer.Write].
//
// Formats that need places at which decoding can begin call [Writer.Next] there, and get a
// member for what follows; with [Writer.Copy] every stream is copied, however short.
package splice
