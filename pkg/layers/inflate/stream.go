package inflate

import (
	"errors"
	"io"
)

const (
	window    = 32 << 10 // the farthest that a match reaches back
	streamOut = 256 << 10
	streamIn  = 64 << 10
)

// stream is what decoding needs when neither input nor output is in memory as a whole.
type stream struct {
	r    io.Reader
	emit func([]byte) error
	left int64 // bytes that may still be emitted
	sent int   // bytes of the decoder's out that were emitted, or are history
	in   [streamIn]byte
	out  [window + streamOut + Slack]byte
}

// Stream decodes the stream that r begins with, whose compressed length is at most size bytes
// and which holds want bytes. It hands the output to emit piece by piece, each valid during
// the call only; emit's error ends it. r is read to its end or size. Memory is bounded by
// about 360 KiB, kept for the next call. Errors of the stream are of type [*Error]; those of r
// and emit are returned as they are.
func (d *Decoder) Stream(r io.Reader, size, want int64, emit func([]byte) error) (Info, error) {
	if d.spare == nil {
		d.spare = new(stream)
	}
	s := d.spare
	s.r, s.emit, s.left, s.sent = io.LimitReader(r, size), emit, want, 0
	defer func() { s.r, s.emit = nil, nil }()
	d.begin(s.out[:], 0, size)
	d.in, d.limit, d.stream = s.in[:0], window+streamOut, s
	err := d.blocks()
	if err == nil {
		err = s.pass(d)
	}
	if err == nil && s.left > 0 {
		err = ErrTooShort
	}
	var foreign *outside
	if errors.As(err, &foreign) {
		d.failed(err)
		return Info{}, foreign.err
	}
	if err != nil {
		return Info{}, d.failed(err)
	}
	d.in, d.out, d.stream = nil, nil, nil
	return d.info, nil
}

// outside marks an error of the reader or of emit.
type outside struct{ err error }

func (o *outside) Error() string { return o.err.Error() }

// read moves unread input to the front and fills up; done means that there is no more to read
// and what is left is short.
func (s *stream) read(d *Decoder) (done bool, err error) {
	rest := copy(s.in[:], d.in[d.ip:])
	d.base += int64(d.ip)
	k, err := io.ReadFull(s.r, s.in[rest:])
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return false, &outside{err}
	}
	d.in, d.ip = s.in[:rest+k], 0
	return rest+k <= inMargin, nil
}

// pass emits what was decoded.
func (s *stream) pass(d *Decoder) error {
	b := d.out[s.sent:d.op]
	if int64(len(b)) > s.left {
		return ErrTooLong
	}
	s.left -= int64(len(b))
	s.sent = d.op
	if len(b) == 0 {
		return nil
	}
	if err := s.emit(b); err != nil {
		return &outside{err}
	}
	return nil
}

// flush emits what was decoded and keeps the window of it.
func (s *stream) flush(d *Decoder) error {
	if err := s.pass(d); err != nil {
		return err
	}
	d.op = copy(d.out, d.out[d.op-window:d.op])
	s.sent = d.op
	return nil
}
