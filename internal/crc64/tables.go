package crc64

import "encoding/binary"

// streamLen is what each of the three streams of updateTables covers in one
// turn: long enough to hide the cost of joining them, short enough for the
// three to stay in the first-level cache.
const streamLen = 8 << 10

// slicing[k][b] is the checksum of the byte b followed by k zero bytes.
var slicing = makeSlicing()

// joinStream multiplies by x^(8*streamLen), four bits at a time:
// joinStream[i][v] is the product for the value v in bits 4i to 4i+3. Four bits
// instead of eight, because 2 KiB disturb the cache less than 16 KiB.
var joinStream = makeNibbleProducts(powerOfX(8 * streamLen))

func makeSlicing() (t [8][256]uint64) {
	for b := range t[0] {
		crc := uint64(b)
		for range 8 {
			crc = mulByX(crc)
		}
		t[0][b] = crc
	}
	for k := 1; k < len(t); k++ {
		for b := range t[k] {
			crc := t[k-1][b]
			t[k][b] = t[0][byte(crc)] ^ crc>>8
		}
	}
	return t
}

func makeNibbleProducts(factor uint64) (t [16][16]uint64) {
	for i := range t {
		for v := range t[i] {
			t[i][v] = mulMod(uint64(v)<<(4*i), factor)
		}
	}
	return t
}

// updateTables is Update without assembly. A single stream waits for its own
// table lookups; three independent ones keep the processor busy.
func updateTables(crc uint64, p []byte) uint64 {
	for len(p) >= 3*streamLen {
		crc = updateThree(crc, (*[3 * streamLen]byte)(p))
		p = p[3*streamLen:]
	}
	return updateSlicing(crc, p)
}

func updateThree(crc uint64, p *[3 * streamLen]byte) uint64 {
	var b, c uint64
	for i := 0; i < streamLen; i += 8 {
		crc = step8(crc ^ binary.LittleEndian.Uint64(p[i:]))
		b = step8(b ^ binary.LittleEndian.Uint64(p[i+streamLen:]))
		c = step8(c ^ binary.LittleEndian.Uint64(p[i+2*streamLen:]))
	}
	return skipStream(skipStream(crc)^b) ^ c
}

// skipStream returns the checksum after streamLen zero bytes.
func skipStream(crc uint64) uint64 {
	var sum uint64
	for i := range joinStream {
		sum ^= joinStream[i][crc&15]
		crc >>= 4
	}
	return sum
}

// updateSlicing takes eight bytes at a time in one stream.
func updateSlicing(crc uint64, p []byte) uint64 {
	for len(p) >= 8 {
		crc = step8(crc ^ binary.LittleEndian.Uint64(p))
		p = p[8:]
	}
	for _, b := range p {
		crc = slicing[0][byte(crc)^b] ^ crc>>8
	}
	return crc
}

// step8 moves the register over eight bytes that are already xored into it.
func step8(v uint64) uint64 {
	return slicing[7][byte(v)] ^
		slicing[6][byte(v>>8)] ^
		slicing[5][byte(v>>16)] ^
		slicing[4][byte(v>>24)] ^
		slicing[3][byte(v>>32)] ^
		slicing[2][byte(v>>40)] ^
		slicing[1][byte(v>>48)] ^
		slicing[0][byte(v>>56)]
}
