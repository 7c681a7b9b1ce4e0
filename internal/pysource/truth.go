package pysource

// truth is a value of Kleene's logic. The zero value is no.
type truth uint8

const (
	no truth = iota
	unknown
	yes
)

func and(a, b truth) truth { return min(a, b) }

func or(a, b truth) truth { return max(a, b) }

func not(a truth) truth { return yes - a }

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}
