//go:build !purego

package inflate

import "github.com/layerpack/layerpack/pkg/layers/internal/cpuid"

// fast says that the processor has what loop_amd64.s uses.
var fast = cpuid.BMI2()

// What loop_amd64.s has no name for. A constant below zero does not compile.
const (
	_ = uint(distBits-8) + uint(8-distBits) // it looks distances up with one byte of the bit buffer
	_ = uint(Slack - 2 - 48 - 7*32)         // two literals, then a match of 258 copied by 48 bytes, then by 32
	_ = uint(Slack - 2 - 258 - 15)          // the same with a distance under 16: the last 16 begin within the match
	_ = uint(inMargin - 7 - 9 - 8)          // the refill before the first turn, the bits of a turn, one load
)

// symbols decodes literals and matches until the block ends or input or output run out.
func (d *Decoder) symbols() (stop, error) {
	if !fast || d.portable || !d.sound() {
		return d.loop()
	}
	if d.ip > len(d.in)-inMargin {
		return wantsIn, nil
	}
	if d.op > d.limit {
		return wantsOut, nil
	}
	switch why := loopBMI2(d); why {
	case badSymbol:
		return atEnd, ErrSymbol
	case badDistance:
		return atEnd, ErrFarBack
	default:
		return why, nil
	}
}

// sound reports what is always so and what loop_amd64.s, which checks no bounds, relies on, beside
// tables made by build, d.ip <= len(d.in)-inMargin and d.op <= d.limit. Were it ever not so, the loop in Go
// would panic, where that one would write to memory of others.
func (d *Decoder) sound() bool {
	return d.ip >= 0 && d.op >= 0 && d.limit <= len(d.out)-Slack && 0 <= d.matched && d.matched <= len(d.matches)
}

// loopBMI2 is loop, without errors: why may be badSymbol or badDistance too. It cannot be
// preempted; a call lasts as long as input and output do, a few milliseconds for 4 MiB.
//
//go:noescape
func loopBMI2(d *Decoder) (why stop)
