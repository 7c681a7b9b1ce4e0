package index

import (
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
	"github.com/layerpack/layerpack/pkg/pipwheel/tag"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// File is one file that an index offers: a wheel or a source distribution.
type File struct {
	Filename string
	// URL is absolute, without credentials and fragment; empty for a file of the host.
	URL string
	// Path is that of a file of the host.
	Path string
	// Hashes are what the index says of the content, sorted by algorithm.
	Hashes []Hash
	// Size is in bytes, 0 where the index does not say.
	Size int64
	// Uploaded is zero where the index does not say (PEP 700).
	Uploaded time.Time
	// RequiresPython is the specifiers as published, empty without any (PEP 345).
	RequiresPython string
	// Yanked files are for those who pin them (PEP 592).
	Yanked       bool
	YankedReason string
	// HasMetadata says that METADATA lies beside the file (PEP 658), with MetadataSHA256 if that is known.
	HasMetadata    bool
	MetadataSHA256 string

	from *source
}

// IsWheel reports whether the file is a wheel by its name.
func (f File) IsWheel() bool { return strings.HasSuffix(f.Filename, ".whl") }

// SHA256 returns the hash in hexadecimal, empty where the index does not say.
func (f File) SHA256() string {
	for _, h := range f.Hashes {
		if h.Algorithm == "sha256" {
			return h.Hex
		}
	}
	return ""
}

// Source names the index, page or folder that the file is from, without credentials.
func (f File) Source() string {
	if f.from == nil {
		return ""
	}
	return f.from.String()
}

// Local reports whether the file comes from --find-links, whose files are not dated and are taken
// before those of an index.
func (f File) Local() bool { return f.from != nil && f.from.flat }

// at names the file for messages.
func (f File) at() string {
	if f.URL == "" {
		return f.Path
	}
	if u, err := url.Parse(f.URL); err == nil {
		return redact(u)
	}
	return f.Filename
}

// FileAt returns the wheel that a direct reference names (PEP 508, "name @ URL"; PEP 610): an http,
// https or file: URL whose fragment may hold hashes ("#sha256=...").
func FileAt(text string) (File, error) {
	s, err := parseSource(text)
	if err != nil {
		return File{}, err
	}
	f := File{from: s, Path: s.path}
	name := path.Base(s.path)
	if s.url != nil {
		f.URL, name = s.url.String(), path.Base(s.url.Path)
	}
	f.Filename = name
	if _, err := tag.ParseFilename(name); err != nil {
		return File{}, &refusal.Error{Input: f.at(), Cause: "not the address of a wheel", Err: err, Fix: "build one with pip wheel on a machine like the image"}
	}
	_, fragment, _ := strings.Cut(text, "#")
	for pair := range strings.SplitSeq(fragment, "&") {
		algorithm, hex, _ := strings.Cut(pair, "=")
		if h, err := ParseHash(algorithm + ":" + hex); err == nil {
			f.Hashes = append(f.Hashes, h)
		}
	}
	f.Hashes = sortHashes(f.Hashes)
	return f, nil
}

// nameVersion returns the normalised name and the version that a wheel's file name gives.
func (f File) nameVersion() (name, ver string, err error) {
	w, err := tag.ParseFilename(f.Filename)
	if err != nil {
		return "", "", fmt.Errorf("%s: %w", f.at(), err)
	}
	return distname.Normalize(w.Name), w.Version, nil
}

func sortHashes(hashes []Hash) []Hash {
	if len(hashes) < 2 {
		return hashes
	}
	slices.SortFunc(hashes, func(a, b Hash) int { return strings.Compare(a.Algorithm+":"+a.Hex, b.Algorithm+":"+b.Hex) })
	return slices.Compact(hashes)
}
