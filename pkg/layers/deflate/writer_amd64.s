//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// func writeTokens(c *blockCode, tokens *token, n int, out *byte, limit int, bits uint64, count uint64) (written int, restBits, restCount uint64, left int)
//
//	DI codes    SI tokens   CX how many of them are left
//	R8 output   R11 the last place of it where eight bytes may be written
//	R9 bits that wait       R10 how many, under 8 at each turn's begin
//
// Bounds: what a token's parts are looked up by has 9 and 5 bits, as many as the tables have entries for; R8 is
// compared before each write.
TEXT ·writeTokens(SB), NOSPLIT, $0-88
	MOVQ  c+0(FP), DI
	MOVQ  tokens+8(FP), SI
	MOVQ  n+16(FP), CX
	MOVQ  out+24(FP), R8
	MOVQ  R8, R11
	ADDQ  limit+32(FP), R11
	MOVQ  bits+40(FP), R9
	MOVQ  count+48(FP), R10
	TESTQ CX, CX
	JZ    end

loop:
	CMPQ R8, R11
	JHI  end
	MOVL (SI), AX

	// AX = the distance's code and extra bits, DX how many.
	MOVL    AX, BX
	MOVL    AX, DX
	SHRL    $9, DX
	ANDL    $31, DX
	MOVL    blockCode_dist(DI)(DX*4), DX
	SHRL    $14, AX
	MOVL    DX, R12
	SHRL    $16, R12
	SHLXQ   R12, AX, AX                  // by its low six bits, the length of the code
	MOVWLZX DX, R13
	ORQ     R13, AX
	SHRL    $24, DX

	// The unit's before them, and what waits before that.
	ANDL  $511, BX
	MOVL  blockCode_unit(DI)(BX*4), BX
	MOVL  BX, R12
	SHRL  $24, R12
	ANDL  $0xffffff, BX
	SHLXQ R12, AX, AX
	ORQ   BX, AX
	ADDL  R12, DX
	SHLXQ R10, AX, AX
	ORQ   AX, R9
	ADDQ  DX, R10

	MOVQ  R9, (R8)
	MOVL  R10, R12
	SHRL  $3, R12
	ADDQ  R12, R8
	MOVL  R10, R13
	ANDL  $56, R13
	SHRXQ R13, R9, R9
	ANDL  $7, R10
	ADDQ  $4, SI
	DECQ  CX
	JNZ   loop

end:
	SUBQ out+24(FP), R8
	MOVQ R8, written+56(FP)
	MOVQ R9, restBits+64(FP)
	MOVQ R10, restCount+72(FP)
	MOVQ CX, left+80(FP)
	RET
