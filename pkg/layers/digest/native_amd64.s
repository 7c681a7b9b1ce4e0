//go:build !purego

#include "textflag.h"

// The constants K(0) to K(63) of FIPS 180-4, 4.2.2, each line two, the first in the low half.
DATA k<>+0(SB)/8, $0x71374491428a2f98
DATA k<>+8(SB)/8, $0xe9b5dba5b5c0fbcf
DATA k<>+16(SB)/8, $0x59f111f13956c25b
DATA k<>+24(SB)/8, $0xab1c5ed5923f82a4
DATA k<>+32(SB)/8, $0x12835b01d807aa98
DATA k<>+40(SB)/8, $0x550c7dc3243185be
DATA k<>+48(SB)/8, $0x80deb1fe72be5d74
DATA k<>+56(SB)/8, $0xc19bf1749bdc06a7
DATA k<>+64(SB)/8, $0xefbe4786e49b69c1
DATA k<>+72(SB)/8, $0x240ca1cc0fc19dc6
DATA k<>+80(SB)/8, $0x4a7484aa2de92c6f
DATA k<>+88(SB)/8, $0x76f988da5cb0a9dc
DATA k<>+96(SB)/8, $0xa831c66d983e5152
DATA k<>+104(SB)/8, $0xbf597fc7b00327c8
DATA k<>+112(SB)/8, $0xd5a79147c6e00bf3
DATA k<>+120(SB)/8, $0x1429296706ca6351
DATA k<>+128(SB)/8, $0x2e1b213827b70a85
DATA k<>+136(SB)/8, $0x53380d134d2c6dfc
DATA k<>+144(SB)/8, $0x766a0abb650a7354
DATA k<>+152(SB)/8, $0x92722c8581c2c92e
DATA k<>+160(SB)/8, $0xa81a664ba2bfe8a1
DATA k<>+168(SB)/8, $0xc76c51a3c24b8b70
DATA k<>+176(SB)/8, $0xd6990624d192e819
DATA k<>+184(SB)/8, $0x106aa070f40e3585
DATA k<>+192(SB)/8, $0x1e376c0819a4c116
DATA k<>+200(SB)/8, $0x34b0bcb52748774c
DATA k<>+208(SB)/8, $0x4ed8aa4a391c0cb3
DATA k<>+216(SB)/8, $0x682e6ff35b9cca4f
DATA k<>+224(SB)/8, $0x78a5636f748f82ee
DATA k<>+232(SB)/8, $0x8cc7020884c87814
DATA k<>+240(SB)/8, $0xa4506ceb90befffa
DATA k<>+248(SB)/8, $0xc67178f2bef9a3f7
GLOBL k<>(SB), RODATA|NOPTR, $256

// A shuffle that turns round the bytes of each of four 32-bit words.
DATA swap<>+0(SB)/8, $0x0405060700010203
DATA swap<>+8(SB)/8, $0x0c0d0e0f08090a0b
GLOBL swap<>(SB), RODATA|NOPTR, $16

// Registers of both functions:
//
//	X0       words of the schedule plus their constants, implied by SHA256RNDS2
//	X1, X2   the first state: (f, e, b, a) and (h, g, d, c)
//	X3, X4   the second state
//	X5 - X8  the last 16 words of the message schedule
//	X9       temporary
//	X10      swap
//	X11-X14  the states before the block
//	SI, CX   the message and how many blocks of it are left
//	AX       k
//
// SHA256RNDS2 writes the new (f, e, b, a) over the old (h, g, d, c), and the old (f, e, b, a)
// are the new (h, g, d, c): after each two rounds the registers of a state change roles.

// LOAD reads words i to i+3 of the block.
#define LOAD(i, m) \
	MOVOU  (i*4)(SI), m; \
	PSHUFB X10, m

// WORDS begins the four rounds from t on, whose words are m.
#define WORDS(t, m) \
	MOVO  m, X0;        \
	PADDD (t*4)(AX), X0

// ONE ends these rounds for the first state, BOTH for both.
#define ONE \
	SHA256RNDS2 X0, X1, X2;   \
	PSHUFD      $0x0e, X0, X0; \
	SHA256RNDS2 X0, X2, X1

#define BOTH \
	SHA256RNDS2 X0, X1, X2;   \
	SHA256RNDS2 X0, X3, X4;   \
	PSHUFD      $0x0e, X0, X0; \
	SHA256RNDS2 X0, X2, X1;   \
	SHA256RNDS2 X0, X4, X3

// NEXT replaces the oldest four words, in m0, by the four that follow those in m3.
#define NEXT(m0, m1, m2, m3) \
	MOVO       m3, X9;     \
	PALIGNR    $4, m2, X9; \
	SHA256MSG1 m1, m0;     \
	PADDD      X9, m0;     \
	SHA256MSG2 m3, m0

// SIXTEEN does the 16 rounds from t on and makes the words for the 16 that follow.
#define SIXTEEN(t, ROUNDS) \
	WORDS(t, X5);         \
	ROUNDS;               \
	NEXT(X5, X6, X7, X8); \
	WORDS((t+4), X6);     \
	ROUNDS;               \
	NEXT(X6, X7, X8, X5); \
	WORDS((t+8), X7);     \
	ROUNDS;               \
	NEXT(X7, X8, X5, X6); \
	WORDS((t+12), X8);    \
	ROUNDS;               \
	NEXT(X8, X5, X6, X7)

// BLOCK does the 64 rounds of the block at SI.
#define BLOCK(ROUNDS) \
	LOAD(0, X5);         \
	LOAD(4, X6);         \
	LOAD(8, X7);         \
	LOAD(12, X8);        \
	SIXTEEN(0, ROUNDS);  \
	SIXTEEN(16, ROUNDS); \
	SIXTEEN(32, ROUNDS); \
	WORDS(48, X5);       \
	ROUNDS;              \
	WORDS(52, X6);       \
	ROUNDS;              \
	WORDS(56, X7);       \
	ROUNDS;              \
	WORDS(60, X8);       \
	ROUNDS

// func blocks(s *state, p []byte)
TEXT ·blocks(SB), NOSPLIT, $0-32
	MOVQ  s+0(FP), DI
	MOVQ  p_base+8(FP), SI
	MOVQ  p_len+16(FP), CX
	SHRQ  $6, CX
	JZ    done
	LEAQ  k<>(SB), AX
	MOVOU swap<>(SB), X10
	MOVOU 0(DI), X1
	MOVOU 16(DI), X2

loop:
	MOVO  X1, X11
	MOVO  X2, X12
	BLOCK(ONE)
	PADDD X11, X1
	PADDD X12, X2
	ADDQ  $64, SI
	DECQ  CX
	JNZ   loop

	MOVOU X1, 0(DI)
	MOVOU X2, 16(DI)

done:
	RET

// func blocksBoth(a, b *state, p []byte)
TEXT ·blocksBoth(SB), NOSPLIT, $0-40
	MOVQ  a+0(FP), DI
	MOVQ  b+8(FP), DX
	MOVQ  p_base+16(FP), SI
	MOVQ  p_len+24(FP), CX
	SHRQ  $6, CX
	JZ    done
	LEAQ  k<>(SB), AX
	MOVOU swap<>(SB), X10
	MOVOU 0(DI), X1
	MOVOU 16(DI), X2
	MOVOU 0(DX), X3
	MOVOU 16(DX), X4

loop:
	MOVO  X1, X11
	MOVO  X2, X12
	MOVO  X3, X13
	MOVO  X4, X14
	BLOCK(BOTH)
	PADDD X11, X1
	PADDD X12, X2
	PADDD X13, X3
	PADDD X14, X4
	ADDQ  $64, SI
	DECQ  CX
	JNZ   loop

	MOVOU X1, 0(DI)
	MOVOU X2, 16(DI)
	MOVOU X3, 0(DX)
	MOVOU X4, 16(DX)

done:
	RET
