package pysource

// Missing returns the imports that would fail, and the file with them, in an environment where
// exactly the imports are found that found says; Possible is what may be found and fail all the same, and is returned
// where nothing catches its failure. It understands alternatives: of
//
//	try:
//	    import tomllib
//	except ImportError:
//	    import tomli as tomllib
//
// it returns the second when neither is found, and nothing when one of them is. Imports are taken
// for the only thing that can fail. One under a condition that is not known is never returned, and those
// that come after one that is returned are judged as if that were found.
func (f *File) Missing(found func(Import) Presence) []Import {
	var missing []Import
	failed := make([]truth, len(f.tries))  // whether an import of the try block fails
	doubtful := make([]bool, len(f.tries)) // whether one that is found may fail all the same
	for _, im := range f.Imports {
		reached := f.reached(im.node, failed, doubtful)
		if reached == no {
			continue
		}
		presence := found(im)
		if presence == Present {
			continue
		}
		if last := f.catcher(im.node); last >= 0 {
			f.leave(im.node, last, func(try int32) {
				if presence == Possible {
					doubtful[try] = true
				} else {
					failed[try] = or(failed[try], reached)
				}
			})
		} else if reached == yes {
			missing = append(missing, im)
		}
	}
	return missing
}

// reached follows the blocks from the inside out.
func (f *File) reached(at int32, failed []truth, doubtful []bool) truth {
	reached := yes
	for ; at != 0; at = f.nodes[at].parent {
		switch n := f.nodes[at]; n.kind {
		case dead, typing, script, function:
			return no
		case conditional:
			reached = and(reached, unknown)
		case tryBody, orElse:
			reached = and(reached, not(failed[n.try]))
			if n.kind == orElse && doubtful[n.try] {
				reached = and(reached, unknown)
			}
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

// leave calls mark for all try blocks that an import error leaves on its way to the one that catches it.
func (f *File) leave(at, last int32, mark func(try int32)) {
	for {
		if n := f.nodes[at]; n.kind == tryBody {
			mark(n.try)
		}
		if at == last {
			return
		}
		at = f.nodes[at].parent
	}
}
