package pysource

// kind is what a token is.
type kind uint8

const (
	end     kind = iota // of the file, and for ever after an error
	newline             // of a logical line
	indent
	dedent
	word   // an identifier
	number // any literal number
	text   // a string or bytes literal, or where an f-string or t-string ends
	opener // where an f-string or t-string begins: tokens of its expressions follow, then a text
	op     // an operator or delimiter, which one says token.op
	keyword
)

// Operators of one character are that character; keywords and the others have codes of their own.
const (
	opWalrus   = 0x80 + iota // :=
	opAugment                // += and the like
	opArrow                  // ->
	opEllipsis               // ...
	opOther                  // == != <= >= ** // << >>
	opSpec                   // the colon before a format specification
)

// The keywords that matter here, in token.op of a keyword. All others are kwOther.
const (
	kwOther = iota // await, pass and the like
	kwValue        // None, True, False
	kwBool         // and, or
	kwAs
	kwAsync
	kwClass
	kwDef
	kwDel
	kwElif
	kwElse
	kwExcept
	kwFinally
	kwFor
	kwFrom
	kwGlobal
	kwIf
	kwImport
	kwIn
	kwLambda
	kwRaise
	kwTry
	kwWhile
	kwWith
)

// token is one token of the source: where it lies in the decoded bytes.
type token struct {
	kind       kind
	op         uint8
	start, end int
	line       int // of its first byte
}

func (t token) is(c uint8) bool { return t.kind == op && t.op == c }

func (t token) isKeyword(k uint8) bool { return t.kind == keyword && t.op == k }

// operand reports whether a value may end with it.
func (t token) operand() bool {
	switch t.kind {
	case word, number, text:
		return true
	case keyword:
		return t.op == kwValue
	case op:
		return t.op == ')' || t.op == ']' || t.op == '}'
	}
	return false
}

// begins reports whether a value begins with it that cannot follow another value directly.
func (t token) begins() bool {
	switch t.kind {
	case word, number, opener:
		return true
	case text:
		return t.op == 0 // else it ends an f-string
	case keyword:
		return t.op == kwValue
	case op:
		return t.op == '~'
	}
	return false
}

// keywordOf returns the code of a reserved word ("Keywords"), and whether it is one. match, case,
// type and _ are none.
func keywordOf(b []byte) (uint8, bool) {
	if len(b) < 2 || len(b) > 8 {
		return 0, false
	}
	switch string(b) {
	case "None", "True", "False":
		return kwValue, true
	case "and", "or":
		return kwBool, true
	case "assert", "await", "break", "continue", "is", "nonlocal", "not", "pass", "return", "yield":
		return kwOther, true
	case "as":
		return kwAs, true
	case "async":
		return kwAsync, true
	case "class":
		return kwClass, true
	case "def":
		return kwDef, true
	case "del":
		return kwDel, true
	case "elif":
		return kwElif, true
	case "else":
		return kwElse, true
	case "except":
		return kwExcept, true
	case "finally":
		return kwFinally, true
	case "for":
		return kwFor, true
	case "from":
		return kwFrom, true
	case "global":
		return kwGlobal, true
	case "if":
		return kwIf, true
	case "import":
		return kwImport, true
	case "in":
		return kwIn, true
	case "lambda":
		return kwLambda, true
	case "raise":
		return kwRaise, true
	case "try":
		return kwTry, true
	case "while":
		return kwWhile, true
	case "with":
		return kwWith, true
	}
	return 0, false
}
