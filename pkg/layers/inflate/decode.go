package inflate

// Decoder holds tables and buffers between streams. Its zero value is ready; it is large
// and worth keeping, and for one goroutine at a time.
type Decoder struct {
	lit  [litEntries]uint32
	dist [distEntries]uint32
	pre  [1 << preBits]uint32
	lens [numLit + numDist + 8]uint8

	in    []byte // compressed bytes; at least inMargin of them after ip while decoding
	ip    int
	bits  uint64
	n     uint64 // how many of bits count
	base  int64  // offset of in[0] in the stream
	real  int    // if final: where in in the stream ends; zeros follow
	final bool
	size  int64 // of the compressed stream and what follows it, in bytes

	out   []byte // history, then output
	op    int
	start int // of the output in out
	limit int // the loop may begin a turn while op <= limit

	fixedTables bool
	info        Info
	matches     []Match // room for matches, none if nobody asks for them
	matched     int
	stream      *stream // nil when all is in memory
	spare       *stream
	portable    bool // use the loop in Go even where there is one in assembly
	tail        [4 * inMargin]byte
}

// Decode appends the want bytes that src begins with a stream of to dst. Matches may reach
// back into what dst holds, and no further. When dst has room for want+[Slack] more bytes its
// array is used and the bytes after the result are overwritten; otherwise a larger one is
// made. src may go on after the stream: compare its length to [Info.Consumed]. On errors,
// which are of type [*Error], the returned slice is dst.
func (d *Decoder) Decode(dst, src []byte, want int) ([]byte, Info, error) {
	start := len(dst)
	out := dst
	if want < 0 {
		return dst, Info{}, &Error{Err: ErrTooLong}
	}
	if cap(dst)-start < want+Slack {
		out = make([]byte, start, start+want+Slack)
		copy(out, dst)
	}
	d.begin(out[:start+want+Slack], start, int64(len(src)))
	d.in, d.limit = src, start+want
	if err := d.blocks(); err != nil {
		return dst, Info{}, d.failed(err)
	}
	if d.op < d.limit {
		return dst, Info{}, d.failed(ErrTooShort)
	}
	if d.op > d.limit {
		return dst, Info{}, d.failed(ErrTooLong)
	}
	out = d.out[:d.op]
	d.in, d.out = nil, nil
	return out, d.info, nil
}

// begin forgets the stream before.
func (d *Decoder) begin(out []byte, start int, size int64) {
	d.in, d.ip, d.bits, d.n = nil, 0, 0, 0
	d.base, d.real, d.final, d.size = 0, 0, false, size
	d.out, d.op, d.start, d.limit = out, start, start, start
	d.info, d.stream, d.matched = Info{}, nil, 0
}

func (d *Decoder) failed(err error) error {
	at := (d.position() + 7) / 8
	if d.beyond() {
		err = ErrTruncated // whatever the zeros were taken for
	}
	if d.final {
		at = min(at, d.base+int64(d.real))
	}
	d.in, d.out, d.stream = nil, nil, nil
	return &Error{Byte: at, Err: err}
}

// more brings further input, so that inMargin bytes follow ip. After the stream's last bytes
// it brings zeros, once.
func (d *Decoder) more() error {
	if d.final {
		return ErrTruncated
	}
	d.unread()
	if d.stream != nil {
		if done, err := d.stream.read(d); !done || err != nil {
			return err
		}
	}
	rest := copy(d.tail[:], d.in[d.ip:])
	clear(d.tail[rest:])
	d.base += int64(d.ip)
	d.in, d.ip, d.real, d.final = d.tail[:rest+2*inMargin], 0, rest, true
	return nil
}

// room makes room for output.
func (d *Decoder) room() error {
	if d.stream == nil {
		return ErrTooLong
	}
	return d.stream.flush(d)
}
