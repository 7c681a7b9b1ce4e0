package index

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
)

// packVersion changes with the form of packed pages: those of another are read anew.
const packVersion = 1

// Flags of a packed file.
const (
	packYanked = 1 << iota
	packSHA256
	packHashes // others
	packSize
	packUploaded
	packMetadata
	packMetadataSHA256
	packNamed // the URL ends in the file's name
)

// pack writes a listing so that it can be kept, and read without looking at every file:
//
//	version, status, reason, notes, base, pythons, releases: version text and bytes of its files, then the files
//
// Numbers are varints (encoding/binary), texts have their length before them, and what a file's
// name shares with the one before is left out.
func pack(l *listing, project string) []byte {
	groups, notes := group(l, project)
	base, started := "", false
	pythons, index := []string{}, map[string]uint64{}
	for _, g := range groups {
		for _, f := range g.files {
			if base = base[:common(base, f.URL)]; !started {
				base, started = f.URL, true
			}
			if _, ok := index[f.RequiresPython]; !ok {
				index[f.RequiresPython] = uint64(len(pythons))
				pythons = append(pythons, f.RequiresPython)
			}
		}
	}
	b := binary.AppendUvarint(nil, packVersion)
	b = appendText(b, l.status)
	b = appendText(b, l.reason)
	b = appendTexts(b, notes)
	b = appendText(b, base)
	b = appendTexts(b, pythons)
	b = binary.AppendUvarint(b, uint64(len(groups)))
	body := make([]byte, 0, 128*len(l.files))
	for _, g := range groups {
		start, before := len(body), ""
		for _, f := range g.files {
			body = packFile(body, f, before, base, index)
			before = f.Filename
		}
		b = appendText(b, g.version.String())
		b = binary.AppendUvarint(b, uint64(len(body)-start))
	}
	return append(b, body...)
}

func packFile(b []byte, f *File, before, base string, pythons map[string]uint64) []byte {
	var flags uint64
	set := func(flag uint64, on bool) {
		if on {
			flags |= flag
		}
	}
	sum := f.SHA256()
	var others []string
	for _, h := range f.Hashes {
		if h.Algorithm != "sha256" || h.Hex != sum {
			others = append(others, h.String())
		}
	}
	rest := f.URL[len(base):]
	short, named := strings.CutSuffix(rest, f.Filename)
	set(packYanked, f.Yanked)
	set(packSHA256, sum != "")
	set(packHashes, len(others) > 0)
	set(packSize, f.Size > 0)
	set(packUploaded, !f.Uploaded.IsZero())
	set(packMetadata, f.HasMetadata)
	set(packMetadataSHA256, f.MetadataSHA256 != "")
	set(packNamed, named)
	b = binary.AppendUvarint(b, flags)
	shared := common(before, f.Filename)
	b = binary.AppendUvarint(b, uint64(shared))
	b = appendText(b, f.Filename[shared:])
	b = appendText(b, short)
	b = appendText(b, f.Path)
	b = binary.AppendUvarint(b, pythons[f.RequiresPython])
	if f.Yanked {
		b = appendText(b, f.YankedReason)
	}
	b = appendHex(b, sum)
	if len(others) > 0 {
		b = appendTexts(b, others)
	}
	if f.Size > 0 {
		b = binary.AppendUvarint(b, uint64(f.Size))
	}
	if !f.Uploaded.IsZero() {
		b = binary.AppendVarint(b, f.Uploaded.UnixMilli())
	}
	return appendHex(b, f.MetadataSHA256)
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendTexts(b []byte, list []string) []byte {
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, s := range list {
		b = appendText(b, s)
	}
	return b
}

// appendHex writes the bytes of a digest that was checked to be one; nothing for none.
func appendHex(b []byte, digest string) []byte {
	b, _ = hex.AppendDecode(b, []byte(digest)) // what is no digest does not get here
	return b
}
