package pysource

// Missing returns the imports that would fail, and the file with them, in an environment where
// exactly the imports are found that found says. It understands alternatives: of
//
//	try:
//	    import tomllib
//	except ImportError:
//	    import tomli as tomllib
//
// it returns the second when neither is found, and nothing when one of them is. Imports are taken
// for the only thing that can fail. One under a condition that is not known is never returned, and those
// that come after one that is returned are judged as if that were found.
func (f *File) Missing(found func(Import) bool) []Import {
	var missing []Import
	failed := make([]truth, len(f.tries)) // whether an import of the try block fails
	for _, im := range f.Imports {
		reached := f.reached(im.node, failed)
		if reached == no || found(im) {
			continue
		}
		if last := f.catcher(im.node); last >= 0 {
			f.propagate(im.node, last, reached, failed)
		} else if reached == yes {
			missing = append(missing, im)
		}
	}
	return missing
}

// reached follows the blocks from the inside out.
func (f *File) reached(at int32, failed []truth) truth {
	reached := yes
	for ; at != 0; at = f.nodes[at].parent {
		switch n := f.nodes[at]; n.kind {
		case dead, typing, script, function:
			return no
		case conditional:
			reached = and(reached, unknown)
		case tryBody, orElse:
			reached = and(reached, not(failed[n.try]))
		case handler:
			reached = and(reached, and(n.matched, failed[n.try]))
		}
	}
	return reached
}

// catcher returns the node of the innermost try block that catches a missing module and goes on,
// -1 when none does.
func (f *File) catcher(at int32) int32 {
	for ; at != 0; at = f.nodes[at].parent {
		if n := f.nodes[at]; n.kind == tryBody && f.tries[n.try].protects {
			return at
		}
	}
	return -1
}

// propagate marks all try blocks that an import error leaves on its way to the one that catches it.
func (f *File) propagate(at, last int32, reached truth, failed []truth) {
	for {
		if n := f.nodes[at]; n.kind == tryBody {
			failed[n.try] = or(failed[n.try], reached)
		}
		if at == last {
			return
		}
		at = f.nodes[at].parent
	}
}
