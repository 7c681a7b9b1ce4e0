package store

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// magic begins every file of the store.
const magic = "layerpack-store 2 sha256:"

// header is an entry's first line. It names the key, so that a file under a wrong name is no
// answer, and the content's digest. Its length does not depend on the digest.
func header(collection, key, digest string) string {
	return fmt.Sprintf("%s%s %q", magic, digest, collection+"/"+key)
}

// unfinished stands in the header for the digest of content that is not complete.
var unfinished = strings.Repeat("-", hex.EncodedLen(sha256.Size))

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

const (
	shown  = 100 // bytes of a key in a file's name
	hashed = 16  // hex digits of the hash behind it
)

// fileName makes a name of a key that every file system holds, tells from others whatever
// their case, and keeps in its folder. Keys that are no such name get a hash behind them.
func fileName(key string) string {
	safe := strings.Map(func(r rune) rune {
		if plain(r) {
			return r
		}
		return '_'
	}, key)
	if safe == key && key != "" && len(key) <= shown {
		return key
	}
	return "_" + safe[:min(len(safe), shown)] + "." + sum([]byte(key))[:hashed]
}

func plain(r rune) bool { return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r == '-' || r == '_' }

// isPlain reports whether a name is one that fileName leaves as it is.
func isPlain(name string) bool {
	return name != "" && len(name) <= shown && strings.IndexFunc(name, func(r rune) bool { return !plain(r) }) < 0
}

// isEntry reports whether a name is one that fileName makes.
func isEntry(name string) bool { return isPlain(name) || isHashed(name) }

// isTemp reports whether a name is one that [os.CreateTemp] makes of a prefix: decimal digits follow.
func isTemp(name, prefix string) bool {
	digits, ok := strings.CutPrefix(name, prefix)
	return ok && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// isHashed reports whether a name is one that fileName makes with a hash.
func isHashed(name string) bool {
	dot := strings.LastIndexByte(name, '.')
	if dot < 1 || name[0] != '_' || dot > shown+1 || len(name)-dot-1 != hashed {
		return false
	}
	return strings.Trim(name[dot+1:], "0123456789abcdef") == "" && strings.IndexFunc(name[:dot], func(r rune) bool { return !plain(r) }) < 0
}
