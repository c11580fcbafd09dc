//go:build amd64 && !purego

#include "textflag.h"

// FOLD moves acc one fold further: both halves times their factors, plus data.
#define FOLD(factors, acc, tmp, data) \
	MOVO      acc, tmp;          \
	PCLMULQDQ $0x00, factors, acc; \
	PCLMULQDQ $0x11, factors, tmp; \
	PXOR      data, acc;         \
	PXOR      tmp, acc

// func foldCLMUL(crc uint64, p []byte, factors *[4]uint64) (first, second uint64)
TEXT ·foldCLMUL(SB), NOSPLIT, $0-56
	MOVQ crc+0(FP), X8
	MOVQ p_base+8(FP), SI
	MOVQ p_len+16(FP), CX
	MOVQ factors+32(FP), DX

	// Four accumulators, 64 bytes; the running checksum meets the first 8.
	MOVOU 0(SI), X0
	MOVOU 16(SI), X1
	MOVOU 32(SI), X2
	MOVOU 48(SI), X3
	PXOR  X8, X0
	ADDQ  $64, SI
	SUBQ  $64, CX
	MOVOU 0(DX), X9
	CMPQ  CX, $64
	JLT   join

loop:
	MOVOU 0(SI), X4
	MOVOU 16(SI), X5
	MOVOU 32(SI), X6
	MOVOU 48(SI), X7
	FOLD(X9, X0, X10, X4)
	FOLD(X9, X1, X11, X5)
	FOLD(X9, X2, X12, X6)
	FOLD(X9, X3, X13, X7)
	ADDQ  $64, SI
	SUBQ  $64, CX
	CMPQ  CX, $64
	JGE   loop

join:
	// The accumulators stand 16 bytes apart: fold each into the next.
	MOVOU 16(DX), X9
	FOLD(X9, X0, X10, X1)
	FOLD(X9, X0, X10, X2)
	FOLD(X9, X0, X10, X3)
	CMPQ  CX, $16
	JLT   done

single:
	MOVOU 0(SI), X4
	FOLD(X9, X0, X10, X4)
	ADDQ  $16, SI
	SUBQ  $16, CX
	CMPQ  CX, $16
	JGE   single

done:
	MOVQ   X0, first+40(FP)
	PSRLDQ $8, X0
	MOVQ   X0, second+48(FP)
	RET

// func cpuHasCLMUL() bool
TEXT ·cpuHasCLMUL(SB), NOSPLIT, $0-1
	MOVL $1, AX
	XORL CX, CX
	CPUID
	SHRL $1, CX // leaf 1, ECX bit 1
	ANDL $1, CX
	MOVB CX, ret+0(FP)
	RET
