package version

import (
	"math"
	"strconv"
	"strings"
)

// Version is one version, in normal form. The zero value is no version; it sorts before all versions.
//
// Versions are compared with [Version.Compare]: two that are equal may be written differently (1.0 and 1.0.0).
type Version struct {
	release        [width]uint32 // padded with zeros
	pre, post, dev uint32        // post is its number + 1, or 0 for none; dev is its number, or noDev
	n              uint8         // how many release numbers are written
	rank           rank
	ext            *extension // what does not fit above
}

// width is how many release numbers the compact form holds.
const width = 4

// noDev sorts a version without development segment after all those with one.
const noDev = math.MaxUint32

// rank is the place of a release's phase among the phases with the same release numbers.
type rank uint8

// A development release is only a phase of its own when it is not one of a pre-release or a post-release.
const (
	rankDev rank = iota + 1
	rankAlpha
	rankBeta
	rankCandidate
	rankFinal
)

// extension is the rare part of a version: its local label, and the whole public part when that is too wide for the compact form.
type extension struct {
	local  []string // numbers without leading zeros, words in lower case
	public *public
}

// public is a public version with numbers of any length.
type public struct {
	epoch          string
	release        []string
	rank           rank
	pre, post, dev string // pre is "0" without a pre-release; post and dev are empty when there is none
}

func (v *Version) wide() *public {
	if v.ext == nil {
		return nil
	}
	return v.ext.public
}

// expand returns the public part with all its numbers spelled out.
func (v *Version) expand() public {
	if w := v.wide(); w != nil {
		p := *w
		p.release = append([]string(nil), w.release...)
		return p
	}
	p := public{epoch: "0", release: make([]string, v.n), rank: v.rank, pre: decimal(v.pre)}
	for i := range p.release {
		p.release[i] = decimal(v.release[i])
	}
	if v.post > 0 {
		p.post = decimal(v.post - 1)
	}
	if v.dev != noDev {
		p.dev = decimal(v.dev)
	}
	return p
}

func decimal(n uint32) string { return strconv.FormatUint(uint64(n), 10) }

// version packs p, after setting the rank that its parts give it.
func (p public) version(local []string) Version {
	if p.rank == rankDev || p.rank == rankFinal {
		p.rank = plainRank(p.post != "", p.dev != "")
	}
	v, ok := p.compact()
	if !ok {
		v = Version{rank: p.rank, ext: &extension{public: &p, local: local}}
	} else if local != nil {
		v.ext = &extension{local: local}
	}
	return v
}

// plainRank is the rank of a version without pre-release segment.
func plainRank(post, dev bool) rank {
	if dev && !post {
		return rankDev
	}
	return rankFinal
}

func (p public) compact() (Version, bool) {
	v := Version{n: uint8(min(len(p.release), width)), rank: p.rank, dev: noDev}
	ok := p.epoch == "0" && len(p.release) <= width
	for i := 0; ok && i < len(p.release); i++ {
		v.release[i], ok = small(p.release[i])
	}
	if ok {
		v.pre, ok = small(p.pre)
	}
	if ok && p.post != "" {
		v.post, ok = small(p.post)
		v.post++
	}
	if ok && p.dev != "" {
		v.dev, ok = small(p.dev)
	}
	return v, ok
}

// IsZero reports whether v is the zero value, which is no version.
func (v Version) IsZero() bool { return v.rank == 0 }

// IsPrerelease reports whether v has a pre-release or development segment (PEP 440, "Handling of pre-releases").
func (v Version) IsPrerelease() bool {
	return v.rank >= rankDev && v.rank <= rankCandidate || v.IsDev()
}

// IsPostrelease reports whether v has a post-release segment.
func (v Version) IsPostrelease() bool {
	if w := v.wide(); w != nil {
		return w.post != ""
	}
	return v.post > 0
}

// IsDev reports whether v has a development segment.
func (v Version) IsDev() bool {
	if w := v.wide(); w != nil {
		return w.dev != ""
	}
	return v.dev != noDev && v.rank != 0
}

// Epoch returns the epoch's decimal digits: "0" without one.
func (v Version) Epoch() string {
	if w := v.wide(); w != nil {
		return w.epoch
	}
	return "0"
}

// Release returns the decimal digits of the release numbers, as many as were written: 1.10.0 has "1", "10", "0".
func (v Version) Release() []string { return v.expand().release }

// Number returns release number i, counted from 0; those not written are 0.
// It reports false when the number is 2^32 - 1 or larger.
func (v Version) Number(i int) (uint32, bool) {
	switch w := v.wide(); {
	case w != nil && i < len(w.release):
		return small(w.release[i])
	case w == nil && i < width:
		return v.release[i], true
	}
	return 0, true
}

// Local returns the local version label in normal form, such as "ubuntu.1", or nothing (PEP 440, "Local version identifiers").
func (v Version) Local() string { return strings.Join(v.local(), ".") }

func (v *Version) local() []string {
	if v.ext == nil {
		return nil
	}
	return v.ext.local
}

// Public returns v without its local version label.
func (v Version) Public() Version {
	if w := v.wide(); w != nil {
		v.ext = &extension{public: w}
	} else {
		v.ext = nil
	}
	return v
}

// Base returns the epoch and release numbers of v alone: 1!2.0 for 1!2.0rc1.post3.dev4+x.
func (v Version) Base() Version {
	if v.IsZero() {
		return v
	}
	p := v.expand()
	return p.base().version(nil)
}

func (p public) base() public {
	return public{epoch: p.epoch, release: p.release, rank: rankFinal, pre: "0"}
}
