// Package digest computes SHA-256 (FIPS 180-4) of a stream, and of the parts of that stream
// nearly for free.
//
// In a tar a file's contents begin at a multiple of 512 bytes, so the SHA-256 of the tar and
// that of the file alone run over the same 64-byte message blocks: the message schedule is
// the same and only the state differs. One instruction for two rounds (SHA256RNDS2) has to
// wait for the one before it, and the CPU's unit for it idles half of the time: the rounds of
// a second state fit there.
//
// It is so on amd64 with the SHA extensions. Elsewhere, and with the build tag purego, every
// digest is one of crypto/sha256 and two cost twice. The sums are the same everywhere.
//
// Most callers want Digest.Add: it adds a file's contents to the digest of a layer's tar and
// returns their own SHA-256.
package digest
