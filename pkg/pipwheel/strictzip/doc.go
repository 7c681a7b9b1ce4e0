// Package strictzip reads zip archives that every reader understands the same way, and refuses all others.
//
// A zip archive tells each thing twice (local header and central directory) and is found from its
// end, so that two honest readers can see two different archives in the same bytes (CVE-2025-54368,
// GHSA-pqhf-p39g-3x64, CVE-2026-3219). [Open] walks both descriptions over the whole file and
// accepts it only if they agree and every byte is accounted for:
//
//   - the local entries follow each other from byte 0 to the central directory, in any order of
//     the directory, without prefix, gap, overlap or trailer; there is one end record, at the end;
//   - names are what any system reads as the same relative path, and unique; nothing is repaired;
//   - sizes, checksums, methods and flags agree, ZIP64 fields (APPNOTE 4.5.3) included, data
//     descriptors (APPNOTE 4.3.9) too;
//   - only regular files and folders; methods stored, DEFLATE (RFC 1951) and zstd (RFC 8878);
//   - what it declares stays within [Limits], and what an entry inflates to is exactly that:
//     length, CRC-32 and the last compressed byte are checked by [Archive.Reader].
//
// The format is PKWARE's APPNOTE 6.3.10; the rules are those of PyPI for uploads and of uv,
// but data descriptors, which private indexes hold, are accepted. Each refusal is an [*Error] with
// a [Rule]; [Rules] lists them.
//
// The archive is read with ReadAt, in pieces; nothing is mapped or extracted. Memory is some
// 300 bytes per entry while opening and half of it later. An [Archive] may be used from several goroutines.
// Of one that is still arriving, [OpenDirectory] tells what its end says.
//
// Most callers want [Open], [Archive.Entries] and [Archive.Reader]; who copies compressed bytes
// wants [Archive.Section].
package strictzip
