package pysource

// File is what one source file says of itself.
type File struct {
	Name    string    // as Parse was told
	Imports []Import  // in the order of the source, those within functions too
	Names   []Name    // bound at module level or in classes there, in the order of the source
	Newer   []Feature // syntax that the interpreter of Env does not know: importing the file fails
	Open    string    // why names may exist that Names does not list, empty when it lists them all

	index map[string]int // the entry of Names that decides for a name
	nodes []node
	tries []try
}

// When says whether a statement is reached when the file is imported.
type When uint8

// The ways of being reached, the surest first.
const (
	Always   When = iota // each time, as far as the text shows: loops and with blocks count as run
	Fallback             // in an except clause, when an import of its try block failed
	Maybe                // under a condition that is not known, or where a failing import is caught
	Lazy                 // not on import: inside a function, or only when run as a script
	Never                // under a condition that is false in the environment of Env
)

// String names it in one word.
func (w When) String() string {
	switch w {
	case Always:
		return "always"
	case Fallback:
		return "fallback"
	case Maybe:
		return "maybe"
	case Lazy:
		return "lazy"
	default:
		return "never"
	}
}

// Import is one module that a file imports.
type Import struct {
	Module  string   // dotted, relative to the package where Level is above 0: then it may be empty
	Level   int      // leading dots of a relative import
	Names   []string // of "from x import a, b": what is taken out of the module, "*" for everything
	From    bool     // a from statement
	Dynamic bool     // importlib.import_module("x") or __import__("x")
	Line    int      // 1 is the first
	When    When
	Why     string // what When follows from, for people; empty for Always

	node int32
}

// Star reports whether it is a star import.
func (i Import) Star() bool { return len(i.Names) == 1 && i.Names[0] == "*" }

// Top returns the top-level module, the only thing that must be found first; empty for a relative
// import.
func (i Import) Top() string {
	if i.Level > 0 {
		return ""
	}
	for k := range i.Module {
		if i.Module[k] == '.' {
			return i.Module[:k]
		}
	}
	return i.Module
}

// Feature is syntax that came with a version of Python.
type Feature struct {
	What  string // "match statement"
	Since string // "3.10"
	Line  int    // the first that uses it
}

// Kind is how a name comes to be.
type Kind uint8

// The kinds of binding.
const (
	Variable  Kind = iota // assigned, or bound by for, with, case or :=
	Function              // def, async def
	Class                 // class
	Imported              // import, from
	TypeAlias             // type X = ...
)

// String names the kind.
func (k Kind) String() string {
	switch k {
	case Function:
		return "function"
	case Class:
		return "class"
	case Imported:
		return "import"
	case TypeAlias:
		return "type alias"
	default:
		return "variable"
	}
}

// Name is one binding of a name. A name that is bound twice is listed twice.
type Name struct {
	Name       string // "flow", or "Class.method" for what a class body binds
	Kind       Kind
	Line       int
	When       When
	From       string // Imported: what it is bound to, "prefect.flow", ".sub.x" when relative
	Decorators []Call // Function, Class: outermost first
	Value      *Call  // Variable: the call whose result it is assigned, if it is one and simple
	Async      bool   // async def
	Derived    bool   // Class: it has bases or keywords, so it may have members of others

	node    int32
	deleted bool
}

// Call is a dotted name and, maybe, the arguments it is called with.
type Call struct {
	Name   string // with imports of the file followed: "prefect.flow" for fl in "from prefect import flow as fl"
	Called bool   // whether parentheses follow
	Title  string // its name= argument, or else the first one, where that is a text literal
	Titled bool   // whether it has such a literal
	Line   int
}
