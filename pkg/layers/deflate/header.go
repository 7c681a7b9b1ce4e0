package deflate

// searchHeader finds matches in the tar header buf[lo:hi]: most of it is zeros, or stands at
// the same place in the header before.
func (e *Encoder) searchHeader(lo, hi int) {
	delta := lo - e.header
	if e.header < 0 || delta >= Window {
		delta = 0
	}
	e.header = lo
	buf := e.buf
	for i := lo; i < hi; {
		limit := min(hi, i+maxMatch)
		length, dist := 0, 0
		if delta > 0 {
			length, dist = common(buf, i-delta, i, limit), delta
		}
		if i > 0 && buf[i] == 0 && buf[i-1] == 0 {
			if n := common(buf, i-1, i, limit); n > 0 && n >= length {
				length, dist = n, 1
			}
		}
		if i+4 <= len(buf) && buf[i] != 0 {
			c := e.insert(i)
			if c >= 0 && i-c < Window && length < niceLength {
				if n := common(buf, c, i, limit); n > length+2 {
					length, dist = n, i-c
				}
			}
		}
		if length < 3 || length == 3 && dist > 1<<10 {
			e.literals(i, i+1)
			i++
			continue
		}
		e.emit(i, length, dist)
		i += length
	}
}

// zeros covers buf[lo:hi], which is all zero.
func (e *Encoder) zeros(lo, hi int) {
	i := lo
	if lo < hi && (i == 0 || e.buf[i-1] != 0) {
		e.literals(i, i+1)
		i++
	}
	for hi-i >= 3 {
		n := min(hi-i, maxMatch)
		e.emit(i, n, 1)
		i += n
	}
	e.literals(i, hi)
}
