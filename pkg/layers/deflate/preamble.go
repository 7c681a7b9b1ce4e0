package deflate

// preamble is the start of a block with codes of its own: their lengths, run-length encoded
// (RFC 1951, section 3.2.7).
type preamble struct {
	nlit, ndist, npre int
	runs              [numLit + numDist]run
	n                 int
	lens              [19]uint8
}

type run struct{ sym, extra uint8 }

var order = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// plan sets the preamble for these code lengths and returns its size in bits.
func (p *preamble) plan(lit, dist []uint8) (bits int) {
	p.nlit, p.ndist = len(lit), len(dist)
	for p.nlit > 257 && lit[p.nlit-1] == 0 {
		p.nlit--
	}
	for p.ndist > 1 && dist[p.ndist-1] == 0 {
		p.ndist--
	}
	var all [numLit + numDist]uint8
	n := copy(all[:], lit[:p.nlit])
	n += copy(all[n:], dist[:p.ndist])

	var freq [19]uint32
	p.n = 0
	add := func(sym, extra int) {
		p.runs[p.n] = run{uint8(sym), uint8(extra)}
		p.n++
		freq[sym]++
	}
	for i := 0; i < n; {
		l := all[i]
		same := 1
		for i+same < n && all[i+same] == l {
			same++
		}
		i += same
		if l == 0 {
			for ; same >= 11; same -= min(same, 138) {
				add(18, min(same, 138)-11)
			}
			if same >= 3 {
				add(17, same-3)
				same = 0
			}
		} else {
			add(int(l), 0)
			for same--; same >= 3; same -= min(same, 6) {
				add(16, min(same, 6)-3)
			}
		}
		for ; same > 0; same-- {
			add(int(l), 0)
		}
	}
	lengthsOf(freq[:], p.lens[:], 7)
	p.npre = 19
	for p.npre > 4 && p.lens[order[p.npre-1]] == 0 {
		p.npre--
	}
	bits = 14 + 3*p.npre
	for s, f := range freq {
		bits += int(f) * (int(p.lens[s]) + extraOf(s))
	}
	return bits
}

// extraOf is how many extra bits follow a symbol of the code length code.
func extraOf(sym int) int {
	switch sym {
	case 16:
		return 2
	case 17:
		return 3
	case 18:
		return 7
	}
	return 0
}

func (p *preamble) write(w *writer) {
	w.put(uint64(p.nlit-257), 5)
	w.put(uint64(p.ndist-1), 5)
	w.put(uint64(p.npre-4), 4)
	for _, s := range order[:p.npre] {
		w.put(uint64(p.lens[s]), 3)
	}
	var codes [19]uint16
	codesOf(p.lens[:], codes[:])
	for _, r := range p.runs[:p.n] {
		w.put(uint64(codes[r.sym]), uint64(p.lens[r.sym]))
		w.put(uint64(r.extra), uint64(extraOf(int(r.sym))))
	}
}
