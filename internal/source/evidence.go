package source

import (
	"bytes"
	"io"
	"os"
	"slices"
	"syscall"
)

// evidenceLimit is how much of a file is read to judge it, in bytes. A chain of certificates
// with a key at its end is some kilobytes.
const evidenceLimit = 1 << 20

// isEnvironment finds folders that hold a Python: PEP 405's pyvenv.cfg, conda's conda-meta.
func isEnvironment(c candidate) bool {
	if !c.info.IsDir() {
		return false
	}
	if cfg, err := c.in.Lstat(c.name + "/pyvenv.cfg"); err == nil && cfg.Mode().IsRegular() {
		return true
	}
	meta, err := c.in.Lstat(c.name + "/conda-meta")
	return err == nil && meta.IsDir()
}

// isCache finds folders marked by the Cache Directory Tagging Specification, as pytest, mypy,
// ruff, uv and cargo mark theirs.
func isCache(c candidate) bool {
	const tag, signature = "/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55"
	if !c.info.IsDir() {
		return false
	}
	info, err := c.in.Lstat(c.name + tag)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	return bytes.HasPrefix(start(c.in, c.name+tag, int64(len(signature))), []byte(signature))
}

// hasModule finds compiled modules whose source lies beside them.
func hasModule(c candidate) bool {
	source := c.name[:len(c.name)-1] // x.pyc, x.pyo -> x.py
	_, found := slices.BinarySearch(c.names, source)
	return found && c.info.Mode().IsRegular()
}

// holdsPrivateKey finds files with a private key in text form (RFC 7468, OpenSSH, OpenPGP).
func holdsPrivateKey(c candidate) bool {
	return c.info.Mode().IsRegular() && bytes.Contains(start(c.in, c.name, evidenceLimit), []byte("PRIVATE KEY"))
}

// notPublic finds .key files that are not known to be public: all but text with a certificate
// or a public key and no private one. What is neither may be a key in binary form or a token.
func notPublic(c candidate) bool {
	if !c.info.Mode().IsRegular() {
		return false
	}
	text := start(c.in, c.name, evidenceLimit)
	return bytes.Contains(text, []byte("PRIVATE KEY")) || !bytes.Contains(text, []byte("-----BEGIN "))
}

// start returns up to limit first bytes of a file, and none if it cannot be read. Nothing is
// lost by that: a file judged part of the source is read again for the image, where it fails.
func start(in *os.Root, name string, limit int64) []byte {
	f, err := in.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil
	}
	data, err := io.ReadAll(io.LimitReader(f, limit))
	if cerr := f.Close(); err != nil || cerr != nil {
		return nil
	}
	return data
}
