package version

import "cmp"

// cut is a place between versions on the line of all versions. Sets of versions are spans from one cut to another, so
// that no bound needs to be called inclusive or exclusive, and equal sets have equal cuts.
type cut struct {
	v  Version
	at place
}

// place says where a cut lies; the zero value is below all versions.
type place uint8

const (
	bottom place = iota
	below        // directly below v
	above        // directly above v, and so below the longer local labels of v
	beyond       // above the final version v with all its local labels and post-releases
	top          // above all versions
)

// least is the least of all versions, so that nothing lies below it.
func least() Version { return Version{n: 1, rank: rankDev} }

func cutBelow(v Version) cut {
	if v.Compare(least()) == 0 {
		return cut{}
	}
	return cut{v: v, at: below}
}

// cutAboveLocals lies above v with all its local labels.
func cutAboveLocals(v Version) cut { return cutBelow(v.next()) }

// cutAbovePosts lies above v with its local labels and, unless v is itself a post-release or development release, above
// its post-releases: the cut of ">v" (PEP 440, "Exclusive ordered comparison").
func cutAbovePosts(v Version) cut {
	if v.IsDev() || v.IsPostrelease() {
		return cutAboveLocals(v)
	}
	if v.rank == rankFinal {
		return cut{v: v.Public(), at: beyond}
	}
	p := v.expand()
	p.pre, p.dev = increment(p.pre), "0"
	return cutBelow(p.version(nil))
}

// cutBelowPhases lies below v and, unless v is a pre-release, below the pre-releases of v: the cut of "<v".
func cutBelowPhases(v Version) cut {
	if v.IsPrerelease() {
		return cutBelow(v)
	}
	return cutBelow(v.firstDev())
}

// isBelow reports whether the cut lies below the version v.
func (c cut) isBelow(v Version) bool {
	switch c.at {
	case bottom:
		return true
	case below:
		return c.v.Compare(v) <= 0
	case above:
		return c.v.Compare(v) < 0
	case beyond:
		return compareTrunk(&c.v, &v) < 0
	}
	return false
}

func (c cut) compare(o cut) int {
	if c.at == bottom || c.at == top || o.at == bottom || o.at == top {
		return cmp.Compare(c.reach(), o.reach())
	}
	if c.at == beyond || o.at == beyond {
		if d := compareTrunk(&c.v, &o.v); d != 0 {
			return d
		}
		return cmp.Compare(c.at, o.at)
	}
	if d := c.v.Compare(o.v); d != 0 {
		return d
	}
	return cmp.Compare(c.at, o.at)
}

// reach orders the two ends of the line around everything between them.
func (c cut) reach() int {
	switch c.at {
	case bottom:
		return -1
	case top:
		return 1
	}
	return 0
}
