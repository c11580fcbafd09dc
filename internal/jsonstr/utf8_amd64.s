//go:build !purego

#include "textflag.h"

// Errors that a pair of neighbouring bytes may show, one bit each. A pair is wrong where its three table values, by the
// high nibble of the first byte, the low nibble of the first and the high nibble of the second, have a bit in common:
//
//	01  a lead byte without a continuation byte
//	02  a continuation byte after ASCII
//	04  overlong, 3 bytes: e0 80-9f
//	08  above U+10FFFF: f4 90-bf, f5-ff 90-bf
//	10  surrogate: ed a0-bf
//	20  overlong, 2 bytes: c0-c1
//	40  overlong, 4 bytes: f0 80-8f, or above U+10FFFF: f5-ff 80-8f
//	80  two continuation bytes: right after a 3- or 4-byte lead two bytes before, or a 4-byte lead three before, else wrong
//
// This is the algorithm of Keiser and Lemire, "Validating UTF-8 In Less Than One Instruction Per Byte" (2021).
DATA firstHigh<>+0(SB)/8, $0x0202020202020202
DATA firstHigh<>+8(SB)/8, $0x4915012180808080
GLOBL firstHigh<>(SB), RODATA|NOPTR, $16
DATA firstLow<>+0(SB)/8, $0xcbcbcb8b8383a3e7
DATA firstLow<>+8(SB)/8, $0xcbcbdbcbcbcbcbcb
GLOBL firstLow<>(SB), RODATA|NOPTR, $16
DATA secondHigh<>+0(SB)/8, $0x0101010101010101
DATA secondHigh<>+8(SB)/8, $0x01010101babaaee6
GLOBL secondHigh<>(SB), RODATA|NOPTR, $16

DATA nibble<>+0(SB)/8, $0x0f0f0f0f0f0f0f0f
DATA nibble<>+8(SB)/8, $0x0f0f0f0f0f0f0f0f
GLOBL nibble<>(SB), RODATA|NOPTR, $16
// Saturating subtraction of these leaves the top bit set in bytes >= e0 and >= f0.
DATA above3<>+0(SB)/8, $0x6060606060606060
DATA above3<>+8(SB)/8, $0x6060606060606060
GLOBL above3<>(SB), RODATA|NOPTR, $16
DATA above4<>+0(SB)/8, $0x7070707070707070
DATA above4<>+8(SB)/8, $0x7070707070707070
GLOBL above4<>(SB), RODATA|NOPTR, $16
DATA topBits<>+0(SB)/8, $0x8080808080808080
DATA topBits<>+8(SB)/8, $0x8080808080808080
GLOBL topBits<>(SB), RODATA|NOPTR, $16

#include "slide_amd64.h"

// X0 = 16 bytes of input, X1 = the 16 bytes before them. Adds errors to X7.
#define CHECK \
	MOVO    X0, X2      \
	PALIGNR $15, X1, X2 \
	MOVO    X2, X3      \
	PSRLW   $4, X3      \
	PAND    X11, X3     \
	MOVO    X8, X4      \
	PSHUFB  X3, X4      \
	PAND    X11, X2     \
	MOVO    X9, X3      \
	PSHUFB  X2, X3      \
	PAND    X3, X4      \
	MOVO    X0, X2      \
	PSRLW   $4, X2      \
	PAND    X11, X2     \
	MOVO    X10, X3     \
	PSHUFB  X2, X3      \
	PAND    X3, X4      \
	MOVO    X0, X2      \
	PALIGNR $14, X1, X2 \
	PSUBUSB X12, X2     \
	MOVO    X0, X3      \
	PALIGNR $13, X1, X3 \
	PSUBUSB X13, X3     \
	POR     X3, X2      \
	PAND    X14, X2     \
	PXOR    X4, X2      \
	POR     X2, X7

// func validSSSE3(src *byte, n int) bool
//
// n must be 16 at least. Reads src[:n] only.
TEXT ·validSSSE3(SB), NOSPLIT, $0-17
	MOVQ  src+0(FP), SI
	MOVQ  n+8(FP), CX
	MOVOU firstHigh<>(SB), X8
	MOVOU firstLow<>(SB), X9
	MOVOU secondHigh<>(SB), X10
	MOVOU nibble<>(SB), X11
	MOVOU above3<>(SB), X12
	MOVOU above4<>(SB), X13
	MOVOU topBits<>(SB), X14
	PXOR  X1, X1
	PXOR  X7, X7

loop:
	MOVOU (SI), X0
	CHECK
	MOVO  X0, X1
	ADDQ  $16, SI
	SUBQ  $16, CX
	CMPQ  CX, $16
	JAE   loop

	// The last 0 to 15 bytes with zeros behind, which show a character that is cut off.
	MOVOU  -16(SI)(CX*1), X0
	LEAQ   slide<>+16(SB), AX
	SUBQ   CX, AX
	MOVOU  (AX), X2
	PSHUFB X2, X0
	CHECK

	PXOR     X0, X0
	PCMPEQB  X0, X7
	PMOVMSKB X7, AX
	CMPL     AX, $0xffff
	SETEQ    ret+16(FP)
	RET
