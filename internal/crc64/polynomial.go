package crc64

// poly is the generator without its x^64 term, reflected.
const poly = 0x95AC9329AC4BC9B5

// one is the polynomial 1, reflected.
const one = 1 << 63

// bytePowers[i] is x^(8*2^i): the factor that 2^i appended bytes put on a
// checksum.
var bytePowers = makeBytePowers()

func makeBytePowers() (t [63]uint64) {
	t[0] = powerOfX(8)
	for i := 1; i < len(t); i++ {
		t[i] = mulMod(t[i-1], t[i-1])
	}
	return t
}

// powerOfX returns x^n modulo the generator.
func powerOfX(n int) uint64 {
	p := uint64(one)
	for range n {
		p = mulByX(p)
	}
	return p
}

func mulByX(a uint64) uint64 {
	return a>>1 ^ poly&-(a&1)
}

// mulMod returns a*b modulo the generator.
func mulMod(a, b uint64) uint64 {
	var sum uint64
	for range 64 {
		sum ^= b & -(a >> 63)
		a <<= 1
		b = mulByX(b)
	}
	return sum
}
