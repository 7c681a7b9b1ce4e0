package inflate

import "encoding/binary"

// preOrder is the order in which the lengths of the code length code are sent (RFC 1951, 3.2.7).
var preOrder = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// refill makes at least 48 bits available, those beyond the stream's end zero.
func (d *Decoder) refill() error {
	if d.n >= 48 {
		return nil
	}
	if d.ip > len(d.in)-inMargin {
		if err := d.more(); err != nil {
			return err
		}
	}
	d.bits |= load64(d.in, d.ip) << d.n
	d.ip += int((63 - d.n) >> 3)
	d.n |= 56
	return nil
}

// take returns the next n bits; n is at most what refill left.
func (d *Decoder) take(n uint64) uint64 {
	v := d.bits & (1<<n - 1)
	d.bits >>= n
	d.n -= n
	return v
}

// blocks decodes blocks to the end of the stream.
func (d *Decoder) blocks() error {
	for last := false; !last; {
		if err := d.refill(); err != nil {
			return err
		}
		d.info.LastBlock = d.position()
		d.info.Blocks++
		if bomb(d.info.Blocks, d.size) {
			return ErrBomb
		}
		last = d.take(1) == 1
		var err error
		switch d.take(2) {
		case 0:
			err = d.stored()
		case 1:
			if err = d.fixed(); err == nil {
				err = d.compressed()
			}
		case 2:
			if err = d.dynamic(); err == nil {
				err = d.compressed()
			}
		default:
			err = ErrBlockType
		}
		if err != nil {
			return err
		}
		if d.beyond() {
			return ErrTruncated
		}
	}
	d.info.End = d.position()
	if bomb(d.info.Blocks, d.info.Consumed()) {
		return ErrBomb
	}
	return nil
}

// position is the bit of the stream that is decoded next.
func (d *Decoder) position() int64 { return (d.base+int64(d.ip))*8 - int64(d.n) }

// beyond reports whether zeros after the stream's last byte were decoded.
func (d *Decoder) beyond() bool { return d.final && d.position() > (d.base+int64(d.real))*8 }

// compressed decodes the symbols of a block whose tables stand.
func (d *Decoder) compressed() error {
	for {
		why, err := d.symbols()
		if err != nil {
			return err
		}
		switch why {
		case atEnd:
			return nil
		case wantsIn:
			err = d.more()
		case wantsOut:
			err = d.room()
		}
		if err != nil {
			return err
		}
	}
}

// stored copies a stored block.
func (d *Decoder) stored() error {
	d.unread()
	d.bits, d.n = 0, 0 // the rest of the byte is padding
	if err := d.refill(); err != nil {
		return err
	}
	length := int(d.take(16))
	if length^0xffff != int(d.take(16)) {
		return ErrStored
	}
	d.unread()
	for length > 0 {
		if d.op > d.limit {
			if err := d.room(); err != nil {
				return err
			}
		}
		end := len(d.in)
		if d.final {
			end = d.real
		}
		if d.ip >= end {
			if err := d.more(); err != nil {
				return err
			}
			d.unread()
			continue
		}
		// The limit may be passed by a byte, so that too long a stream is noticed.
		k := copy(d.out[d.op:d.limit+1], d.in[d.ip:min(end, d.ip+length)])
		d.op += k
		d.ip += k
		length -= k
	}
	return nil
}

// unread gives whole bytes of the bit buffer back.
func (d *Decoder) unread() {
	d.ip -= int(d.n >> 3)
	d.n &= 7
	d.bits &= 1<<d.n - 1
}

// fixed sets the tables of blocks with fixed codes.
func (d *Decoder) fixed() error {
	if d.fixedTables {
		return nil
	}
	var lens [numLit]uint8
	for s := range lens {
		switch {
		case s < 144 || s >= 280:
			lens[s] = 8
		case s < 256:
			lens[s] = 9
		default:
			lens[s] = 7
		}
	}
	if err := build(d.lit[:], lens[:], litEntry[:], litBits, false); err != nil {
		return err
	}
	for s := range numDist {
		lens[s] = 5
	}
	d.fixedTables = true
	return build(d.dist[:], lens[:numDist], distEntry[:], distBits, false)
}

// dynamic reads the code lengths of a block and sets its tables.
func (d *Decoder) dynamic() error {
	d.fixedTables = false
	nlit, ndist, npre := int(d.take(5))+257, int(d.take(5))+1, int(d.take(4))+4
	if nlit > 286 || ndist > 30 {
		return ErrCodes
	}
	var pre [19]uint8
	for i := range npre {
		if i&7 == 0 {
			if err := d.refill(); err != nil {
				return err
			}
		}
		pre[preOrder[i]] = uint8(d.take(3))
	}
	if err := build(d.pre[:], pre[:], preEntry[:], preBits, true); err != nil {
		return err
	}
	if err := d.lengths(nlit + ndist); err != nil {
		return err
	}
	if d.lens[endSym] == 0 {
		return ErrNoEnd
	}
	if err := build(d.lit[:], d.lens[:nlit], litEntry[:], litBits, false); err != nil {
		return err
	}
	return build(d.dist[:], d.lens[nlit:nlit+ndist], distEntry[:], distBits, false)
}

// lengths reads n code lengths.
func (d *Decoder) lengths(n int) error {
	for i := 0; i < n; {
		if err := d.refill(); err != nil {
			return err
		}
		// 48 bits hold three symbols of at most 14.
		for k := 0; k < 3 && i < n; k++ {
			e := d.pre[d.bits&(1<<preBits-1)]
			d.take(uint64(e & 63))
			sym := uint8(e >> 16)
			if sym < 16 {
				d.lens[i] = sym
				i++
				continue
			}
			value, repeat := uint8(0), 0
			switch sym {
			case 16:
				if i == 0 {
					return ErrCodes
				}
				value, repeat = d.lens[i-1], 3+int(d.take(2))
			case 17:
				repeat = 3 + int(d.take(3))
			default:
				repeat = 11 + int(d.take(7))
			}
			if i+repeat > n {
				return ErrCodes
			}
			v := 0x0101010101010101 * uint64(value)
			for j := i; j < i+repeat; j += 8 {
				binary.LittleEndian.PutUint64(d.lens[j:], v)
			}
			i += repeat
		}
	}
	return nil
}
