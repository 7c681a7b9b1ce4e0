//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// func addPositions(t *farTable, buf *byte, limit uint64, positions *uint64, n int) (left int)
//
// Bounds: a bucket has farBits bits after the shift, so both arrays of the table hold it; a position above
// limit ends the loop before anything is read there.
TEXT ·addPositions(SB), NOSPLIT, $0-48
	MOVQ t+0(FP), DI
	MOVQ buf+8(FP), BX
	MOVQ limit+16(FP), R13
	MOVQ positions+24(FP), SI
	MOVQ n+32(FP), CX
	MOVQ $const_farFactor, R8
	LEAQ farTable_at(DI), R9
	TESTQ CX, CX
	JZ   end

loop:
	MOVQ    (SI), AX
	CMPQ    AX, R13
	JHI     end
	MOVQ    (BX)(AX*1), DX
	SHLQ    $(64-8*const_farBytes), DX
	IMULQ   R8, DX
	MOVQ    DX, R10
	SHRQ    $(64-const_farBits), DX     // the bucket
	SHRQ    $(64-const_farBits-8), R10
	MOVBLZX R10, R10                    // the tag
	MOVQ    farTable_tags(DI)(DX*8), R11
	SHLQ    $8, R11
	ORQ     R10, R11
	MOVQ    R11, farTable_tags(DI)(DX*8)
	SHLQ    $4, DX
	MOVOU   (R9)(DX*1), X0              // eight positions of 16 bits
	PSLLO   $2, X0
	PINSRW  $0, AX, X0
	MOVOU   X0, (R9)(DX*1)
	ADDQ    $8, SI
	DECQ    CX
	JNZ     loop

end:
	MOVQ CX, left+40(FP)
	RET
