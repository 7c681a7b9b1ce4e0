package version

import "math"

// The neighbours of a version are where the cuts of clauses lie. Each has a short way for compact versions; the long way
// is for numbers of any length.

// next returns the least public version above v and all its local versions.
func (v Version) next() Version {
	if v.wide() == nil {
		n := v.Public()
		switch {
		case v.dev < noDev-1:
			n.dev++
			return n
		case v.dev == noDev && v.post < math.MaxUint32:
			n.post, n.dev = v.post+1, 0
			return n
		}
	}
	p := v.expand()
	switch {
	case p.dev != "":
		p.dev = increment(p.dev)
	case p.post != "":
		p.post, p.dev = increment(p.post), "0"
	default:
		p.post, p.dev = "0", "0"
	}
	return p.version(nil)
}

// firstDev returns the development release 0 of v.
func (v Version) firstDev() Version {
	if v.wide() == nil {
		n := v.Public()
		n.dev = 0
		if n.rank == rankFinal {
			n.rank = plainRank(n.post > 0, true)
		}
		return n
	}
	p := v.expand()
	p.dev = "0"
	return p.version(nil)
}

// prefix returns the least version whose release numbers begin with the first n of v, and the least above all those.
func (v Version) prefix(n int) (first, after Version) {
	if v.wide() == nil && v.release[n-1] < math.MaxUint32-1 {
		first = Version{n: uint8(n), rank: rankDev}
		copy(first.release[:n], v.release[:])
		after = first
		after.release[n-1]++
		return first, after
	}
	p := v.expand()
	p = public{epoch: p.epoch, release: p.release[:n], rank: rankDev, pre: "0", dev: "0"}
	first = p.version(nil)
	p = first.expand()
	p.release[n-1] = increment(p.release[n-1])
	return first, p.version(nil)
}

// releases returns how many release numbers of v are written.
func (v Version) releases() int {
	if w := v.wide(); w != nil {
		return len(w.release)
	}
	return int(v.n)
}
