package inflate

// Why the inner loop stopped.
type stop int

const (
	atEnd    stop = iota // at the block's end
	wantsIn              // fewer than inMargin bytes of input are left
	wantsOut             // output is at its limit

	// Of the loop in assembly, which makes no errors:
	badSymbol   // at a code that stands for nothing
	badDistance // at a distance that reaches too far back
)

const (
	// inMargin is how many bytes one turn of the loop may load: three refills.
	inMargin = 32
	// Slack is how many bytes beyond its limit one turn of the loop may write: some literals,
	// a match of 258 bytes and what copying 8 to 48 bytes at a time writes too much.
	Slack = 320
)

// loop decodes literals and matches until the block ends or input or output run out.
//
// The bit buffer keeps more bits than n counts: those above are the same bits that the next
// refill brings, so it may or them in again. Only the low six bits of n count.
//
// Where there is a loop in assembly, this one says what that has to do, and takes its place on
// processors that it does not fit.
func (d *Decoder) loop() (stop, error) {
	in, out := d.in, d.out
	ip, op := d.ip, d.op
	buf, n := d.bits, d.n
	inLimit, outLimit := len(in)-inMargin, d.limit
	lit, dist := &d.lit, &d.dist
	matches, matched, start := d.matches, d.matched, d.start
	why, err := wantsOut, error(nil)

	if ip > inLimit {
		return wantsIn, nil
	}
	if op > outLimit {
		return wantsOut, nil
	}
	// A turn begins with 56 bits and the first entry: looking it up before the match of the turn before
	// is copied costs no time.
	buf |= load64(in, ip) << (n & 63)
	ip += int(^n & 63 >> 3)
	n |= 56
	e := uint64(lit[buf&litMask])
	for more := true; more; more = ip <= inLimit && op <= outLimit {
		if e&flagLiteral != 0 {
			buf >>= e & 63
			n -= e
			out[op] = byte(e >> 16)
			op++
			e = uint64(lit[buf&litMask])
			if e&flagLiteral != 0 {
				buf >>= e & 63
				n -= e
				out[op] = byte(e >> 16)
				op++
				e = uint64(lit[buf&litMask])
				if e&flagLiteral != 0 {
					buf >>= e & 63
					n -= e
					out[op] = byte(e >> 16)
					op++
					buf |= load64(in, ip) << (n & 63)
					ip += int(^n & 63 >> 3)
					n |= 56
					e = uint64(lit[buf&litMask])
					continue
				}
			}
		}
		if e&flagSpecial != 0 {
			if e&flagSub == 0 {
				if e&flagEnd == 0 {
					err = ErrSymbol
				}
				buf >>= e & 63
				n -= e
				why = atEnd
				break
			}
			buf >>= litBits
			n -= litBits
			e = uint64(lit[e>>16+buf&(1<<(e>>8&15)-1)])
			if e&flagLiteral != 0 {
				buf >>= e & 63
				n -= e
				out[op] = byte(e >> 16)
				op++
				buf |= load64(in, ip) << (n & 63)
				ip += int(^n & 63 >> 3)
				n |= 56
				e = uint64(lit[buf&litMask])
				continue
			}
			if e&flagSpecial != 0 {
				if e&flagEnd == 0 {
					err = ErrSymbol
				}
				buf >>= e & 63
				n -= e
				why = atEnd
				break
			}
		}
		length := int(e>>16 + buf&(1<<(e&63)-1)>>(e>>8&15))
		buf >>= e & 63
		n -= e

		if n&63 < 28 {
			buf |= load64(in, ip) << (n & 63)
			ip += int(^n & 63 >> 3)
			n |= 56
		}
		e = uint64(dist[buf&distMask])
		if e&flagSpecial != 0 {
			if e&flagSub == 0 {
				why, err = atEnd, ErrSymbol
				break
			}
			buf >>= distBits
			n -= distBits
			e = uint64(dist[e>>16+buf&(1<<(e>>8&15)-1)])
			if e&flagSpecial != 0 {
				why, err = atEnd, ErrSymbol
				break
			}
		}
		far := int(e>>16 + buf&(1<<(e&63)-1)>>(e>>8&15))
		buf >>= e & 63
		n -= e
		from := op - far
		if from < 0 {
			why, err = atEnd, ErrFarBack
			break
		}
		if matched < len(matches) {
			matches[matched] = NewMatch(op-start, length, far)
			matched++
		}

		buf |= load64(in, ip) << (n & 63)
		ip += int(^n & 63 >> 3)
		n |= 56
		e = uint64(lit[buf&litMask])

		end := op + length
		if far >= 8 {
			for {
				// Each load sees the stores before: the two may overlap.
				s, t := out[from:from+24], out[op:op+24]
				store64(t, 0, load64(s, 0))
				store64(t, 8, load64(s, 8))
				store64(t, 16, load64(s, 16))
				if length <= 24 {
					break
				}
				length -= 24
				from += 24
				op += 24
			}
		} else if far == 1 {
			v := uint64(out[from]) * 0x0101010101010101
			for ; op < end; op += 8 {
				store64(out, op, v)
			}
		} else {
			// Each store leaves far right bytes behind, the rest is written again.
			for ; op < end; op += far {
				store64(out, op, load64(out, from))
				from += far
			}
		}
		op = end
	}
	if why == wantsOut && ip > inLimit {
		why = wantsIn
	}
	d.ip, d.op, d.bits, d.n = ip, op, buf, n&63
	d.matched = matched
	return why, err
}
