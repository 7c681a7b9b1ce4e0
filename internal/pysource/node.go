package pysource

import "fmt"

// nodeKind is a reason why statements of a block may not be reached.
type nodeKind uint8

const (
	root        nodeKind = iota
	conditional          // a condition that is not known
	dead                 // one that is false
	typing               // TYPE_CHECKING
	script               // __name__ == "__main__"
	function
	tryBody
	handler
	orElse
)

// node is a block, or several that are reached under the same circumstances. Its parent comes
// before it.
type node struct {
	kind    nodeKind
	parent  int32
	try     int32 // tryBody, handler, orElse: which try statement
	matched truth // handler: whether it is the first that catches a missing module
	line    int
}

// try is a try statement, or a with statement that lets errors pass.
type try struct {
	line     int
	handler  int   // the line of the clause that catches
	caught   truth // whether any clause catches a missing module
	protects bool  // whether it goes on then, not raising again
	with     bool
}

func (p *parser) node(n node) int32 {
	n.parent = p.at
	p.file.nodes = append(p.file.nodes, n)
	return int32(len(p.file.nodes) - 1)
}

func (p *parser) newTry(t try) int32 {
	p.file.tries = append(p.file.tries, t)
	return int32(len(p.file.tries) - 1)
}

// resolve decides for each import and name when it is reached, and lists what names are left.
func (f *File) resolve() {
	when, why := make([]When, len(f.nodes)), make([]int32, len(f.nodes))
	for i := 1; i < len(f.nodes); i++ {
		n := f.nodes[i]
		when[i], why[i] = when[n.parent], why[n.parent]
		if own := f.own(n); own > when[i] {
			when[i], why[i] = own, int32(i)
		}
	}
	for i := range f.Imports {
		im := &f.Imports[i]
		im.When = when[im.node]
		if im.When != Always {
			im.Why = f.why(f.nodes[why[im.node]])
		}
	}
	f.settle(when)
}

// own is what a node alone does to what it holds.
func (f *File) own(n node) When {
	switch n.kind {
	case conditional:
		return Maybe
	case orElse:
		if f.tries[n.try].caught != no {
			return Maybe
		}
	case dead, typing:
		return Never
	case script, function:
		return Lazy
	case tryBody:
		if f.tries[n.try].protects {
			return Maybe
		}
	case handler:
		if n.matched == yes {
			return Fallback
		}
		return Maybe
	}
	return Always
}

func (f *File) why(n node) string {
	switch n.kind {
	case dead:
		return fmt.Sprintf("under a condition that is false here (line %d)", n.line)
	case typing:
		return fmt.Sprintf("under TYPE_CHECKING (line %d)", n.line)
	case script:
		return fmt.Sprintf("only when run as a script (line %d)", n.line)
	case function:
		return fmt.Sprintf("inside a function (line %d)", n.line)
	case tryBody:
		if f.tries[n.try].with {
			return fmt.Sprintf("in a with block that lets import errors pass (line %d)", n.line)
		}
		return fmt.Sprintf("in a try block whose except clause catches it (line %d)", f.tries[n.try].handler)
	case handler:
		if n.matched == yes {
			return fmt.Sprintf("when an import of the try block fails (line %d)", f.tries[n.try].line)
		}
		return fmt.Sprintf("in an except clause (line %d)", n.line)
	case orElse:
		return fmt.Sprintf("when the try block succeeds (line %d)", f.tries[n.try].line)
	default:
		return fmt.Sprintf("under a condition (line %d)", n.line)
	}
}
