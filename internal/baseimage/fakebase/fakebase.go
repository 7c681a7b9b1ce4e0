// Package fakebase makes a small base image that looks like prefecthq/prefect's, for tests and the demo.
//
// It is made of files that layerpack reads and never runs: an interpreter and a C library that
// are ELF headers with nothing behind them, metadata of two distributions, links, folders of
// several modes. The layout is docker-library's Python 3.11 under /usr/local on a Debian with a
// merged /usr. The bytes are the same on every machine and under every Go version, so digests
// made from it can be compared with golden ones.
//
// Most callers want [New] for one platform or [Index] for two.
package fakebase

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Base is the fake base image of one platform.
type Base struct {
	// Tars are the layers uncompressed, the lowest first; their SHA-256 are the DiffIDs.
	Tars [][]byte
	// Blobs are the same layers as gzip streams, as the registry holds them.
	Blobs [][]byte
	// Config is the image's configuration, with fields that only Docker knows.
	Config []byte
	// Architecture and Variant are as in Config: "amd64" and "", "arm64" and "v8".
	Architecture, Variant string
}

// New makes the base for "amd64" or "arm64"; it knows no other architecture.
func New(arch string) (*Base, error) {
	a, ok := archOf(arch)
	if !ok {
		return nil, fmt.Errorf("fake base: no architecture %q, only amd64 and arm64", arch)
	}
	b := &Base{Architecture: arch, Variant: a.variant}
	var diffIDs []string
	for _, files := range [][]File{debian(a), python(a), prefect()} {
		tar, err := Tar(files)
		if err != nil {
			return nil, err
		}
		b.Tars = append(b.Tars, tar)
		b.Blobs = append(b.Blobs, Gzip(tar))
		diffIDs = append(diffIDs, digest(tar))
	}
	b.Config = config(arch, a.variant, diffIDs)
	return b, nil
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}
