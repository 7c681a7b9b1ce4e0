package flowcheck

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"

	"github.com/layerpack/layerpack/internal/pysource"
)

// pickledModules returns the modules that loading a pickle imports, sorted: those of its globals, and those
// that cloudpickle imports again by name. Nothing is loaded; the operations are read as in CPython's
// pickletools, protocols 0 to 5. What comes after an operation that does not exist is not looked at.
func pickledModules(pickle []byte) []string {
	w := pickleWalk{rest: pickle, memo: map[uint64]string{}, found: map[string]bool{}}
	for w.step() {
	}
	var out []string
	for m := range w.found {
		out = append(out, m)
	}
	slices.Sort(out)
	return out
}

// pickleWalk follows the texts that operations push, as far as it takes to know what STACK_GLOBAL names.
type pickleWalk struct {
	rest   []byte
	memo   map[uint64]string
	texts  [2]string // the last two that were pushed
	isText bool      // the last operation pushed the second of them
	module bool      // the next text is a module that cloudpickle imports
	found  map[string]bool
}

// importer stands on the stack for the function by which cloudpickle imports modules by name.
const importer = "\x00subimport"

func (w *pickleWalk) push(s string) {
	if s == importer {
		w.module = true
	} else if w.module && s != "" {
		w.found[s], w.module = true, false
	}
	w.texts[0], w.texts[1], w.isText = w.texts[1], s, true
}

func (w *pickleWalk) global(module, name string) {
	if module == "" || module == importer {
		return
	}
	w.found[module] = true
	if name == "subimport" && strings.HasPrefix(module, "cloudpickle") {
		w.push(importer)
	}
}

// step reads one operation; false at the end.
func (w *pickleWalk) step() bool {
	if len(w.rest) == 0 {
		return false
	}
	op := w.rest[0]
	w.rest = w.rest[1:]
	text, isText := "", false
	was := w.isText
	w.isText = false
	switch op {
	case '.':
		return false
	case 'X', 0x8c, 0x8d, 'U', 'T':
		b, ok := w.counted(map[byte]int{'X': 4, 0x8c: 1, 0x8d: 8, 'U': 1, 'T': 4}[op])
		if !ok {
			return false
		}
		text, isText = string(b), true
	case 'B', 'C', 0x8e, 0x96, 0x8a, 0x8b:
		_, ok := w.counted(map[byte]int{'B': 4, 'C': 1, 0x8e: 8, 0x96: 8, 0x8a: 1, 0x8b: 4}[op])
		return ok
	case 'V', 'S':
		line, ok := w.line()
		if !ok {
			return false
		}
		text, isText = strings.Trim(line, `'"`), true
	case 'c', 'i':
		module, ok1 := w.line()
		name, ok2 := w.line()
		if !ok1 || !ok2 {
			return false
		}
		w.global(module, name)
	case 0x93: // STACK_GLOBAL
		w.global(w.texts[0], w.texts[1])
	case 'F', 'I', 'L', 'P':
		_, ok := w.line()
		return ok
	case 'g', 'h', 'j', 'p', 'q', 'r', 0x94:
		return w.remember(op, was)
	default:
		size, ok := plainOps(op)
		return ok && w.skip(size)
	}
	if isText {
		w.push(text)
	}
	return true
}

// remember is for the operations of the memo.
func (w *pickleWalk) remember(op byte, was bool) bool {
	key := uint64(len(w.memo))
	switch op {
	case 'g', 'p':
		line, ok := w.line()
		n, err := strconv.ParseUint(line, 10, 64)
		if !ok || err != nil {
			return false
		}
		key = n
	case 'h', 'q':
		if len(w.rest) < 1 {
			return false
		}
		key = uint64(w.rest[0])
		w.rest = w.rest[1:]
	case 'j', 'r':
		if len(w.rest) < 4 {
			return false
		}
		key = uint64(binary.LittleEndian.Uint32(w.rest))
		w.rest = w.rest[4:]
	}
	if op == 'g' || op == 'h' || op == 'j' {
		if s := w.memo[key]; s != "" {
			w.push(s)
		}
		return true
	}
	w.memo[key] = ""
	if was {
		w.memo[key] = w.texts[1]
	}
	w.isText = was
	return true
}

// counted reads a length of some bytes, and as many bytes.
func (w *pickleWalk) counted(size int) ([]byte, bool) {
	if len(w.rest) < size {
		return nil, false
	}
	var b [8]byte
	copy(b[:], w.rest[:size])
	n := binary.LittleEndian.Uint64(b[:])
	w.rest = w.rest[size:]
	if n > uint64(len(w.rest)) {
		return nil, false
	}
	out := w.rest[:n]
	w.rest = w.rest[n:]
	return out, true
}

func (w *pickleWalk) line() (string, bool) {
	b, rest, ok := bytes.Cut(w.rest, []byte("\n"))
	w.rest = rest
	return string(b), ok
}

func (w *pickleWalk) skip(n int) bool {
	if len(w.rest) < n {
		return false
	}
	w.rest = w.rest[n:]
	return true
}

// plainOps are operations whose argument has a fixed size.
func plainOps(op byte) (size int, known bool) {
	switch {
	case strings.IndexByte("(012NQRabde]}los)tu", op) >= 0, op == 0x81, op >= 0x85 && op <= 0x89, op >= 0x8f && op <= 0x92, op == 0x97, op == 0x98:
		return 0, true
	}
	switch op {
	case 'K', 0x80, 0x82:
		return 1, true
	case 'M', 0x83:
		return 2, true
	case 'J', 0x84:
		return 4, true
	case 'G', 0x95:
		return 8, true
	}
	return 0, false
}

// pickledImports looks for the modules that loading the flow imports.
func (i *inspector) pickledImports(file string, f *flowFile) []problem {
	if i.Python == nil || i.major != 1 || f.Protocol < 3 { // older ones name modules as Python 2 had them; Prefect writes 4
		return nil
	}
	s := i.session(nil, nil, "")
	var out []problem
	for _, name := range pickledModules(f.Flow) {
		m := &module{place: place{file: file}}
		out = append(out, located(s.load(name).problems, m, pysource.Import{})...)
	}
	return out
}
