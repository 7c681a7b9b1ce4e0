//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// loopBMI2 is (*Decoder).loop by hand; what entries and turns are is said there and in table.go.
// Each turn takes the same symbols as there, so that both stop at the same places.
//
//	DI  the Decoder
//	SI  next input       R8  last address of input that a turn may begin at
//	R9  next output      R11 last address of output that a turn may begin at
//	R10 start of output, history included
//	R13 room for the next match
//	BX  bit buffer       CX  how many of its bits count, in its low six bits
//	AX  entry            R14 BX without the bits that the entry uses up
//	DX  the literal or length that follows, if AX is a literal
//	R12 the distance that follows, if AX is a length
//
// Looking both up before it is known which is needed hides the time of the look-up behind that of
// a branch foreseen wrongly, of which every second match has one.
//
// Why all accesses are in bounds:
//
//   - Input: a turn begins with SI <= R8, 32 bytes (inMargin) before the end. When the next bit is at P,
//     56 to 63 bits count after a refill, so that SI is (P+63)/8 then. A turn uses at most 2*11 bits for
//     literals, 15+5 for a length and 15+13 for a distance: 70 bits, SI goes on by at most 9 bytes,
//     and no byte is loaded beyond SI+9+7. The refill before the first turn may go on by 7 more.
//   - Output: a turn begins with R9 <= R11, 320 bytes (Slack) before the end, and writes at most
//     three literals, or two and a match: see at the copies. Nothing is read that the turn may not
//     write, but what lies before it, from R10 on.
//   - Tables: see at the look-ups.
//   - Matches: R13 is compared with the end of the room before each.
//   - The Go side has checked that all of these hold when the first turn begins.

// REFILL makes 56 to 63 bits count. The loaded bits that do not are those that the next refill
// brings again. It loads 8 bytes at SI and adds 0 to 7 to SI.
#define REFILL(tmp) \
	SHLXQ CX, (SI), tmp \
	ORQ   tmp, BX       \
	RORXQ $3, CX, tmp   \
	ANDL  $7, tmp       \
	ADDQ  $7, SI        \
	SUBQ  tmp, SI       \
	ORQ   $56, CX

// FIRST looks up the literal or length that bits begin with: an index of litBits bits, of a table of more
// entries than 1<<litBits.
#define FIRST(bits, tmp, entry) \
	MOVL bits, tmp                      \
	ANDL $const_litMask, tmp            \
	MOVL Decoder_lit(DI)(tmp*4), entry

// AHEAD looks up what may follow the entry AX. The index of a distance is one byte: its table has more
// than 256 entries.
#define AHEAD \
	SHRXQ   AX, BX, R14                  \
	FIRST(R14, R15, DX)                  \
	MOVBLZX R14B, R12                    \
	MOVL    Decoder_dist(DI)(R12*4), R12

// LITERAL writes the literal AX and goes on to the entry DX.
#define LITERAL \
	SUBQ AX, CX   \
	SHRL $16, AX  \
	MOVB AX, (R9) \
	INCQ R9       \
	MOVQ R14, BX  \
	MOVL DX, AX

// func loopBMI2(d *Decoder) (why stop)
TEXT ·loopBMI2(SB), NOSPLIT, $16-16
	MOVQ d+0(FP), DI
	MOVQ Decoder_in(DI), SI
	MOVQ Decoder_in+8(DI), R8
	LEAQ -const_inMargin(SI)(R8*1), R8
	ADDQ Decoder_ip(DI), SI
	MOVQ Decoder_out(DI), R10
	MOVQ R10, R9
	ADDQ Decoder_op(DI), R9
	MOVQ R10, R11
	ADDQ Decoder_limit(DI), R11
	MOVQ R10, AX
	ADDQ Decoder_start(DI), AX
	MOVQ AX, start-8(SP)
	MOVQ Decoder_matches(DI), AX
	MOVQ Decoder_matches+8(DI), R13
	LEAQ (AX)(R13*8), R13
	MOVQ R13, full-16(SP)
	MOVQ Decoder_matched(DI), R13
	LEAQ (AX)(R13*8), R13
	MOVQ Decoder_bits(DI), BX
	MOVQ Decoder_n(DI), CX

	REFILL(R15)
	FIRST(BX, AX, AX)
	PCALIGN $32

turn:
	// 56 bits count, and all 64 are right: enough for a literal (11), a length (11+5) and a distance (8+13), and
	// to look up the next entry (11) too. Second literals and what is in second tables refill.
	AHEAD
	TESTL $const_flagLiteral, AX
	JNZ   literal

match:
	TESTL $const_flagSpecial, AX
	JNZ   special

length:
	// R15 = base + the extra bits, which are above those of the code.
	BZHIQ AX, BX, R15
	RORXL $8, AX, DX
	SHRXQ DX, R15, R15
	SUBQ  AX, CX
	SHRL  $16, AX
	ADDQ  AX, R15
	TESTL $const_flagSpecial, R12
	JNZ   longDistance

distance:
	// DX = base + the extra bits
	BZHIQ R12, R14, DX
	RORXL $8, R12, AX
	SHRXQ AX, DX, DX
	SHRXQ R12, R14, BX
	SUBQ  R12, CX
	SHRL  $16, R12
	ADDQ  R12, DX

	// What the next turn begins with is looked up while the bytes are copied.
	FIRST(BX, AX, AX)
	REFILL(R14)

	// R9-R10 bytes are there to repeat. After this check R9-DX >= R10.
	MOVQ R9, R14
	SUBQ R10, R14
	CMPQ DX, R14
	JHI  farBack

	// Written only below the end of the room, R13 <= full as it goes up by one match at a time.
	CMPQ R13, full-16(SP)
	JHS  copy
	MOVQ R9, R12
	SUBQ start-8(SP), R12
	SHLQ $16, R12
	ORQ  R15, R12
	SHLQ $16, R12
	ORQ  DX, R12
	MOVQ R12, (R13)
	ADDQ $8, R13

copy:
	// Loads begin at R14 = R9-DX, which is at or after R10 and before R9; as many bytes are
	// written as are loaded, so loads end before stores do. These end at most 48+7*32 = 272
	// bytes after the match's beginning, and that is at most two literals after R11. Each load of
	// 16 bytes reads what was stored before it: it ends at or before its store's beginning.
	MOVQ   R9, R14
	SUBQ   DX, R14
	CMPQ   DX, $16
	JLO    near
	MOVUPS (R14), X0
	MOVUPS X0, (R9)
	MOVUPS 16(R14), X1
	MOVUPS X1, 16(R9)
	MOVUPS 32(R14), X2
	MOVUPS X2, 32(R9)
	CMPQ   R15, $48
	JHI    long
	ADDQ   R15, R9

limits:
	CMPQ SI, R8
	JHI  noInput
	CMPQ R9, R11
	JLS  turn
	MOVQ $const_wantsOut, AX
	JMP  save

noInput:
	MOVQ $const_wantsIn, AX

save:
	SUBQ Decoder_in(DI), SI
	MOVQ SI, Decoder_ip(DI)
	SUBQ R10, R9
	MOVQ R9, Decoder_op(DI)
	MOVQ BX, Decoder_bits(DI)
	ANDL $63, CX
	MOVQ CX, Decoder_n(DI)
	SUBQ Decoder_matches(DI), R13
	SHRQ $3, R13
	MOVQ R13, Decoder_matched(DI)
	MOVQ AX, why+8(FP)
	RET

literal:
	// Up to three, one byte each, at R9 <= R11+2. After the second 56 bits count again.
	LITERAL
	AHEAD
	TESTL $const_flagLiteral, AX
	JZ    match
	LITERAL
	REFILL(R15)
	AHEAD
	TESTL $const_flagLiteral, AX
	JZ    match
	LITERAL
	REFILL(R15)
	JMP   limits

long:
	// 48 bytes are copied, the others follow by 32: at most seven times.
	ADDQ R9, R15
	ADDQ $48, R14
	ADDQ $48, R9

longer:
	MOVUPS (R14), X0
	MOVUPS X0, (R9)
	MOVUPS 16(R14), X1
	MOVUPS X1, 16(R9)
	ADDQ   $32, R14
	ADDQ   $32, R9
	CMPQ   R9, R15
	JLO    longer
	MOVQ   R15, R9
	JMP    limits

near:
	// 1 <= DX < 16: the bases of distances begin at 1. 16 bytes from R14 are loaded, of which the DX
	// before R9 are repeated; the others, up to 15 after R9, do not count. The last store
	// begins before the match's end.
	ADDQ    R9, R15
	LEAQ    repeat<>(SB), R12
	MOVBLZX 239(R12)(DX*1), R14
	SHLL    $4, DX
	MOVOU   -16(R12)(DX*1), X1
	SHRL    $4, DX
	MOVQ    R9, R12
	SUBQ    DX, R12
	MOVUPS  (R12), X0
	PSHUFB  X1, X0

nearer:
	MOVUPS X0, (R9)
	ADDQ   R14, R9
	CMPQ   R9, R15
	JLO    nearer
	MOVQ   R15, R9
	JMP    limits

special:
	TESTL $const_flagSub, AX
	JZ    end

	// The index is less than 1<<bits above the start of the second table, and buildSecond makes
	// no entry that points to one whose 1<<bits entries are not all in the array.
	SHRQ  $const_litBits, BX
	SUBQ  $const_litBits, CX
	RORXL $8, AX, DX
	ANDL  $15, DX
	BZHIQ DX, BX, DX
	SHRL  $16, AX
	ADDL  DX, AX
	MOVL  Decoder_lit(DI)(AX*4), AX
	REFILL(R15)
	AHEAD
	TESTL $const_flagLiteral, AX
	JNZ   lastLiteral
	TESTL $const_flagSpecial, AX
	JZ    length

end:
	MOVQ  R14, BX
	SUBQ  AX, CX
	TESTL $const_flagEnd, AX
	MOVQ  $const_badSymbol, AX
	JZ    save
	MOVQ  $const_atEnd, AX
	JMP   save

lastLiteral:
	// The third at most, as in Go the last of a turn.
	LITERAL
	REFILL(R15)
	JMP limits

longDistance:
	MOVQ  R14, BX
	TESTL $const_flagSub, R12
	JZ    noDistance

	// Without this a literal (11), a length (11+5) and the distance (15+13) would leave too few bits to look up
	// what follows them. The table is in bounds as with second tables of literals.
	REFILL(DX)
	SHRQ  $const_distBits, BX
	SUBQ  $const_distBits, CX
	MOVQ  BX, R14
	RORXL $8, R12, DX
	ANDL  $15, DX
	BZHIQ DX, BX, DX
	SHRL  $16, R12
	ADDL  DX, R12
	MOVL  Decoder_dist(DI)(R12*4), R12
	TESTL $const_flagSpecial, R12
	JZ    distance

noDistance:
	MOVQ $const_badSymbol, AX
	JMP  save

farBack:
	MOVQ $const_badDistance, AX
	JMP  save

// 15 rows of 16 indices that repeat the first 1 to 15 bytes, then the largest multiples of 1 to 15
// up to 16, which are how far one store may be from the next.
DATA repeat<>+0(SB)/8, $0x0000000000000000
DATA repeat<>+8(SB)/8, $0x0000000000000000
DATA repeat<>+16(SB)/8, $0x0100010001000100
DATA repeat<>+24(SB)/8, $0x0100010001000100
DATA repeat<>+32(SB)/8, $0x0100020100020100
DATA repeat<>+40(SB)/8, $0x0002010002010002
DATA repeat<>+48(SB)/8, $0x0302010003020100
DATA repeat<>+56(SB)/8, $0x0302010003020100
DATA repeat<>+64(SB)/8, $0x0201000403020100
DATA repeat<>+72(SB)/8, $0x0004030201000403
DATA repeat<>+80(SB)/8, $0x0100050403020100
DATA repeat<>+88(SB)/8, $0x0302010005040302
DATA repeat<>+96(SB)/8, $0x0006050403020100
DATA repeat<>+104(SB)/8, $0x0100060504030201
DATA repeat<>+112(SB)/8, $0x0706050403020100
DATA repeat<>+120(SB)/8, $0x0706050403020100
DATA repeat<>+128(SB)/8, $0x0706050403020100
DATA repeat<>+136(SB)/8, $0x0605040302010008
DATA repeat<>+144(SB)/8, $0x0706050403020100
DATA repeat<>+152(SB)/8, $0x0504030201000908
DATA repeat<>+160(SB)/8, $0x0706050403020100
DATA repeat<>+168(SB)/8, $0x04030201000a0908
DATA repeat<>+176(SB)/8, $0x0706050403020100
DATA repeat<>+184(SB)/8, $0x030201000b0a0908
DATA repeat<>+192(SB)/8, $0x0706050403020100
DATA repeat<>+200(SB)/8, $0x0201000c0b0a0908
DATA repeat<>+208(SB)/8, $0x0706050403020100
DATA repeat<>+216(SB)/8, $0x01000d0c0b0a0908
DATA repeat<>+224(SB)/8, $0x0706050403020100
DATA repeat<>+232(SB)/8, $0x000e0d0c0b0a0908
DATA repeat<>+240(SB)/8, $0x100e0c0f100f1010
DATA repeat<>+248(SB)/8, $0x000f0e0d0c0b0a09
GLOBL repeat<>(SB), RODATA|NOPTR, $256
