//go:build amd64 && !purego

package crc64

// hasCLMUL tells whether the processor has PCLMULQDQ.
var hasCLMUL = cpuHasCLMUL()

// foldFactors hold what moves a 16-byte accumulator D bits further along the
// message. Its first eight bytes have the higher powers of x, 64 above the
// other eight. A carry-less product of two reflected numbers comes out one
// bit too low, hence the -1 in both.
//
//	[0] x^(D+63)  for the first eight bytes, D = 512
//	[1] x^(D-1)   for the other eight
//	[2] [3]       the same for D = 128
var foldFactors = [4]uint64{
	powerOfX(512 + 63), powerOfX(512 - 1),
	powerOfX(128 + 63), powerOfX(128 - 1),
}

// foldMin is the length from which folding is faster than tables, and the
// least that foldCLMUL may be given.
const foldMin = 64

func update(crc uint64, p []byte) uint64 {
	if hasCLMUL && len(p) >= foldMin {
		return updateCLMUL(crc, p)
	}
	return updateTables(crc, p)
}

// updateCLMUL needs a processor with PCLMULQDQ and at least foldMin bytes.
func updateCLMUL(crc uint64, p []byte) uint64 {
	whole := len(p) &^ 15
	first, second := foldCLMUL(crc, p[:whole], &foldFactors)
	crc = step8(step8(first) ^ second)
	return updateSlicing(crc, p[whole:])
}

// foldCLMUL shrinks p to 16 bytes that have, from a start of 0, the checksum
// that p has from crc, as two little-endian words. The length of p must be a
// multiple of 16 and at least foldMin.
//
//go:noescape
func foldCLMUL(crc uint64, p []byte, factors *[4]uint64) (first, second uint64)

func cpuHasCLMUL() bool
