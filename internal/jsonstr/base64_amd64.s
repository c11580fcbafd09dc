//go:build !purego

#include "textflag.h"

// Bytes a b c of each group of three become the word b a c b, from which each of the four sextets can be shifted out by a
// 16-bit multiplication.
DATA groups<>+0(SB)/8, $0x0405030401020001
DATA groups<>+8(SB)/8, $0x0a0b090a07080607
GLOBL groups<>(SB), RODATA|NOPTR, $16
DATA oddSextets<>+0(SB)/8, $0x0fc0fc000fc0fc00
DATA oddSextets<>+8(SB)/8, $0x0fc0fc000fc0fc00
GLOBL oddSextets<>(SB), RODATA|NOPTR, $16
DATA oddShifts<>+0(SB)/8, $0x0400004004000040
DATA oddShifts<>+8(SB)/8, $0x0400004004000040
GLOBL oddShifts<>(SB), RODATA|NOPTR, $16
DATA evenSextets<>+0(SB)/8, $0x003f03f0003f03f0
DATA evenSextets<>+8(SB)/8, $0x003f03f0003f03f0
GLOBL evenSextets<>(SB), RODATA|NOPTR, $16
DATA evenShifts<>+0(SB)/8, $0x0100001001000010
DATA evenShifts<>+8(SB)/8, $0x0100001001000010
GLOBL evenShifts<>(SB), RODATA|NOPTR, $16

// What is added to a sextet to make it a letter, for the classes 13 = 0-25, 0 = 26-51, 1 to 10 = 52-61, 11 = 62, 12 = 63.
DATA letters<>+0(SB)/8, $0xfcfcfcfcfcfcfc47
DATA letters<>+8(SB)/8, $0x000041f0edfcfcfc
GLOBL letters<>(SB), RODATA|NOPTR, $16
DATA classBase<>+0(SB)/8, $0x3333333333333333
DATA classBase<>+8(SB)/8, $0x3333333333333333
GLOBL classBase<>(SB), RODATA|NOPTR, $16
DATA upperEnd<>+0(SB)/8, $0x1a1a1a1a1a1a1a1a
DATA upperEnd<>+8(SB)/8, $0x1a1a1a1a1a1a1a1a
GLOBL upperEnd<>(SB), RODATA|NOPTR, $16
DATA upperClass<>+0(SB)/8, $0x0d0d0d0d0d0d0d0d
DATA upperClass<>+8(SB)/8, $0x0d0d0d0d0d0d0d0d
GLOBL upperClass<>(SB), RODATA|NOPTR, $16

// func base64SSSE3(dst, src *byte, n int) (read int)
//
// Encodes twelve bytes at a time as long as there are sixteen to load. Writes read/3*4 bytes.
TEXT ·base64SSSE3(SB), NOSPLIT, $0-32
	MOVQ  dst+0(FP), DI
	MOVQ  src+8(FP), SI
	MOVQ  n+16(FP), CX
	MOVOU groups<>(SB), X5
	MOVOU oddSextets<>(SB), X6
	MOVOU oddShifts<>(SB), X7
	MOVOU evenSextets<>(SB), X8
	MOVOU evenShifts<>(SB), X9
	MOVOU classBase<>(SB), X10
	MOVOU upperEnd<>(SB), X11
	MOVOU upperClass<>(SB), X12
	MOVOU letters<>(SB), X13
	JMP   test

loop:
	MOVOU   (SI), X0
	PSHUFB  X5, X0
	MOVO    X0, X1
	PAND    X6, X1
	PMULHUW X7, X1
	PAND    X8, X0
	PMULLW  X9, X0
	POR     X1, X0
	MOVO    X0, X1
	PSUBUSB X10, X1
	MOVO    X11, X2
	PCMPGTB X0, X2
	PAND    X12, X2
	POR     X2, X1
	MOVO    X13, X2
	PSHUFB  X1, X2
	PADDB   X2, X0
	MOVOU   X0, (DI)
	ADDQ    $12, SI
	ADDQ    $16, DI
	SUBQ    $12, CX

test:
	CMPQ CX, $16
	JAE  loop
	SUBQ src+8(FP), SI
	MOVQ SI, read+24(FP)
	RET
