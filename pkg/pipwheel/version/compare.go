package version

import (
	"cmp"
	"strings"
)

// Compare orders versions as PEP 440 does ("Summary of permitted suffixes and relative ordering"): -1, 0 or 1.
func (v Version) Compare(o Version) int {
	if c := comparePublic(&v, &o); c != 0 || v.ext == nil && o.ext == nil {
		return c
	}
	return compareLocal(v.local(), o.local())
}

// Equal reports whether v and o are the same version, if perhaps written with more or fewer trailing zeros.
func (v Version) Equal(o Version) bool { return v.Compare(o) == 0 }

// comparePublic ignores local version labels.
func comparePublic(v, o *Version) int {
	if v.wide() != nil || o.wide() != nil {
		return compareWide(v, o)
	}
	if c := compareTrunk(v, o); c != 0 {
		return c
	}
	if v.post != o.post {
		return cmp.Compare(v.post, o.post)
	}
	return cmp.Compare(v.dev, o.dev)
}

// compareTrunk compares what post-releases and development releases of one version have in common: epoch, release and pre-release.
func compareTrunk(v, o *Version) int {
	if v.wide() != nil || o.wide() != nil {
		return compareWideTrunk(v, o)
	}
	for i := range v.release {
		if v.release[i] != o.release[i] {
			return cmp.Compare(v.release[i], o.release[i])
		}
	}
	if v.rank != o.rank {
		return cmp.Compare(v.rank, o.rank)
	}
	return cmp.Compare(v.pre, o.pre)
}

func compareWideTrunk(v, o *Version) int {
	if v.IsZero() || o.IsZero() {
		return cmp.Compare(v.rank, o.rank)
	}
	a, b := v.expand(), o.expand()
	if c := compareNumbers(a.epoch, b.epoch); c != 0 {
		return c
	}
	for i := range max(len(a.release), len(b.release)) {
		if c := compareNumbers(at(a.release, i), at(b.release, i)); c != 0 {
			return c
		}
	}
	if c := cmp.Compare(a.rank, b.rank); c != 0 {
		return c
	}
	return compareNumbers(a.pre, b.pre)
}

func compareWide(v, o *Version) int {
	if c := compareWideTrunk(v, o); c != 0 {
		return c
	}
	a, b := v.expand(), o.expand()
	if c := compareNumbers(a.post, b.post); c != 0 { // none, the empty string, is the shortest
		return c
	}
	if (a.dev == "") != (b.dev == "") {
		if a.dev == "" {
			return 1
		}
		return -1
	}
	return compareNumbers(a.dev, b.dev)
}

func at(release []string, i int) string {
	if i < len(release) {
		return release[i]
	}
	return "0"
}

// compareLocal orders local labels: none first, words before numbers, a prefix before what continues it.
func compareLocal(a, b []string) int {
	for i := range min(len(a), len(b)) {
		x, y := digits(a[i]), digits(b[i])
		c := 0
		switch {
		case x && y:
			c = compareNumbers(a[i], b[i])
		case x:
			c = 1
		case y:
			c = -1
		default:
			c = strings.Compare(a[i], b[i])
		}
		if c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}
