//go:build !purego

#include "textflag.h"

DATA quotes<>+0(SB)/8, $0x2222222222222222
DATA quotes<>+8(SB)/8, $0x2222222222222222
GLOBL quotes<>(SB), RODATA|NOPTR, $16

DATA backslashes<>+0(SB)/8, $0x5c5c5c5c5c5c5c5c
DATA backslashes<>+8(SB)/8, $0x5c5c5c5c5c5c5c5c
GLOBL backslashes<>(SB), RODATA|NOPTR, $16

DATA lastControl<>+0(SB)/8, $0x1f1f1f1f1f1f1f1f
DATA lastControl<>+8(SB)/8, $0x1f1f1f1f1f1f1f1f
GLOBL lastControl<>(SB), RODATA|NOPTR, $16

// The control bytes with a short escape at the index of their low nibble (elsewhere a value that no byte with that nibble
// has), and their letters.
DATA shortCodes<>+0(SB)/8, $0xffffffffffffffff
DATA shortCodes<>+8(SB)/8, $0xffff0d0cff0a0908
GLOBL shortCodes<>(SB), RODATA|NOPTR, $16

DATA shortLetters<>+0(SB)/8, $0x0000000000000000
DATA shortLetters<>+8(SB)/8, $0x00007266006e7462
GLOBL shortLetters<>(SB), RODATA|NOPTR, $16

#include "slide_amd64.h"

// X0 = 16 bytes of input.
// AX = a bit for each quote and backslash, DX = a bit for each control byte and, by X7, each byte >= 0x80.
#define CLASSIFY \
	MOVO     X0, X1  \
	PCMPEQB  X8, X1  \
	MOVO     X0, X2  \
	PCMPEQB  X9, X2  \
	POR      X2, X1  \
	PMOVMSKB X1, AX  \
	MOVO     X0, X3  \
	PMINUB   X10, X3 \
	PCMPEQB  X0, X3  \
	MOVO     X0, X2  \
	PAND     X7, X2  \
	POR      X2, X3  \
	PMOVMSKB X3, DX

// Writes X0 with a backslash before each byte whose bit is set in AX, in two halves of eight bytes, 32 bytes in all,
// and moves DI by 16 plus the number of backslashes.
#define INSERT \
	MOVL       AX, BX         \
	SHLL       $4, BX         \
	ANDL       $0xff0, BX     \
	SHRL       $4, AX         \
	ANDL       $0xff0, AX     \
	MOVO       X0, X1         \
	PUNPCKLQDQ X9, X1         \
	PUNPCKHQDQ X9, X0         \
	MOVOU      (R8)(BX*1), X2 \
	MOVOU      (R8)(AX*1), X3 \
	PSHUFB     X2, X1         \
	PSHUFB     X3, X0         \
	POPCNTL    BX, BX         \
	POPCNTL    AX, AX         \
	MOVOU      X1, (DI)       \
	LEAQ       8(DI)(BX*1), DI \
	MOVOU      X0, (DI)       \
	LEAQ       8(DI)(AX*1), DI

// func escapeSSSE3(dst, src *byte, n int, stops uint64) (read, wrote int)
//
// Stops at control bytes without a short escape, and at bytes whose top bit is set in stops, a mask for eight bytes.
// Reads src[:n] only. Writes less than 2*n+32 bytes.
TEXT ·escapeSSSE3(SB), NOSPLIT, $0-48
	MOVQ       dst+0(FP), DI
	MOVQ       src+8(FP), SI
	MOVQ       n+16(FP), CX
	MOVQ       stops+24(FP), X7
	PUNPCKLQDQ X7, X7
	MOVOU      quotes<>(SB), X8
	MOVOU      backslashes<>(SB), X9
	MOVOU      lastControl<>(SB), X10
	LEAQ       ·spread(SB), R8

loop:
	CMPQ CX, $16
	JB   tail
	MOVOU (SI), X0
	CLASSIFY
	MOVL  $16, R10
	TESTL DX, DX
	JNZ   stop
	INSERT
	ADDQ  $16, SI
	SUBQ  $16, CX
	JMP   loop

	// The last 1 to 15 bytes go to the beginning of X0. What is behind them there is masked out.
tail:
	TESTQ CX, CX
	JZ    done
	CMPQ  n+16(FP), $16
	JB    short
	MOVOU -16(SI)(CX*1), X0
	LEAQ  slide<>+16(SB), AX
	SUBQ  CX, AX
	MOVOU (AX), X1
	PSHUFB X1, X0

last:
	CLASSIFY
	MOVL  CX, R10
	MOVL  $1, R11
	SHLL  CX, R11
	DECL  R11
	ANDL  R11, DX
	JNZ   stop
	ANDL  R11, AX
	INSERT
	LEAQ  -16(DI)(CX*1), DI
	ADDQ  CX, SI
	JMP   done

	// Of the R10 bytes in X0 at least one may not be copied. Replace those that have a short escape by their letters.
stop:
	MOVOU    shortCodes<>(SB), X1
	PSHUFB   X0, X1
	PCMPEQB  X0, X1
	PMOVMSKB X1, BX
	MOVOU    shortLetters<>(SB), X2
	PSHUFB   X0, X2
	PAND     X1, X2
	PANDN    X0, X1
	MOVO     X1, X0
	POR      X2, X0
	ORL      BX, AX
	NOTL     BX
	ANDL     BX, DX

	// Copy as far as the first bit left in DX, or all R10 bytes.
	BTSL  R10, DX
	BSFL  DX, R10
	MOVL  $1, R11
	MOVL  CX, R12
	MOVL  R10, CX
	SHLL  CX, R11
	MOVL  R12, CX
	DECL  R11
	ANDL  R11, AX
	INSERT
	LEAQ  -16(DI)(R10*1), DI
	ADDQ  R10, SI
	SUBQ  R10, CX
	CMPL  R10, $16
	JEQ   loop

done:
	SUBQ src+8(FP), SI
	MOVQ SI, read+32(FP)
	SUBQ dst+0(FP), DI
	MOVQ DI, wrote+40(FP)
	RET

	// All of src is 1 to 15 bytes: two loads that overlap.
short:
	CMPQ CX, $8
	JB   below8
	MOVQ (SI), X0
	MOVQ -8(SI)(CX*1), AX
	MOVL CX, BX
	NEGL CX
	SHLL $3, CX
	SHRQ CX, AX
	MOVL BX, CX
	MOVQ AX, X1
	PUNPCKLQDQ X1, X0
	JMP  last

below8:
	CMPQ CX, $4
	JB   below4
	MOVL (SI), BX
	MOVL -4(SI)(CX*1), AX
	MOVL CX, R9
	LEAL -32(CX*8), CX
	SHLQ CX, AX
	ORQ  BX, AX
	MOVL R9, CX
	MOVQ AX, X0
	JMP  last

	// First, middle and last byte, which may be the same.
below4:
	MOVBLZX (SI), BX
	MOVL    CX, R9
	SHRL    $1, CX
	MOVBLZX (SI)(CX*1), AX
	SHLL    $3, CX
	SHLL    CX, AX
	ORL     AX, BX
	MOVBLZX -1(SI)(R9*1), AX
	LEAL    -8(R9*8), CX
	SHLL    CX, AX
	ORL     BX, AX
	MOVL    R9, CX
	MOVQ    AX, X0
	JMP     last
