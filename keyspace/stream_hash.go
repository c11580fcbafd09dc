package keyspace

import (
	"encoding/binary"
	"math/bits"
)

// autoIID returns the iid of XADD IDMPAUTO, which servers make of the fields in
// such a way that their order does not matter: of each pair
//
//	field, its length in 8 bytes, value
//
// the XXH3 hash of 128 bits is taken, and the sums and XORs of the halves are
// joined.
func autoIID(fields [][]byte) []byte {
	var sum, xor hash128
	var buf []byte
	for i := 0; i < len(fields); i += 2 {
		buf = append(buf[:0], fields[i]...)
		buf = binary.LittleEndian.AppendUint64(buf, uint64(len(fields[i])))
		h := xxh3(append(buf, fields[i+1]...))
		sum.lo, sum.hi = sum.lo+h.lo, sum.hi+h.hi
		xor.lo, xor.hi = xor.lo^h.lo, xor.hi^h.hi
	}
	iid := binary.LittleEndian.AppendUint64(nil, sum.lo^bits.RotateLeft64(xor.hi, 1))
	return binary.LittleEndian.AppendUint64(iid, sum.hi^bits.RotateLeft64(xor.lo, 1))
}

type hash128 struct{ lo, hi uint64 }

// xxhSecret is the default secret of XXH3.
const xxhSecret = "\xb8\xfe\x6c\x39\x23\xa4\x4b\xbe\x7c\x01\x81\x2c\xf7\x21\xad\x1c\xde\xd4\x6d\xe9\x83\x90\x97\xdb\x72\x40\xa4\xa4\xb7\xb3\x67\x1f" +
	"\xcb\x79\xe6\x4e\xcc\xc0\xe5\x78\x82\x5a\xd0\x7d\xcc\xff\x72\x21\xb8\x08\x46\x74\xf7\x43\x24\x8e\xe0\x35\x90\xe6\x81\x3a\x26\x4c" +
	"\x3c\x28\x52\xbb\x91\xc3\x00\xcb\x88\xd0\x65\x8b\x1b\x53\x2e\xa3\x71\x64\x48\x97\xa2\x0d\xf9\x4e\x38\x19\xef\x46\xa9\xde\xac\xd8" +
	"\xa8\xfa\x76\x3f\xe3\x9c\x34\x3f\xf9\xdc\xbb\xc7\xc7\x0b\x4f\x1d\x8a\x51\xe0\x4b\xcd\xb4\x59\x31\xc8\x9f\x7e\xc9\xd9\x78\x73\x64" +
	"\xea\xc5\xac\x83\x34\xd3\xeb\xc3\xc5\x81\xa0\xff\xfa\x13\x63\xeb\x17\x0d\xdd\x51\xb7\xf0\xda\x49\xd3\x16\x55\x26\x29\xd4\x68\x9e" +
	"\x2b\x16\xbe\x58\x7d\x47\xa1\xfc\x8f\xf8\xb8\xd1\x7a\xd0\x31\xce\x45\xcb\x3a\x8f\x95\x16\x04\x28\xaf\xd7\xfb\xca\xbb\x4b\x40\x7e"

const (
	prime32a = 2654435761
	prime32b = 2246822519
	prime32c = 3266489917
	prime64a = 11400714785074694791
	prime64b = 14029467366897019727
	prime64c = 1609587929392839161
	prime64d = 9650029242287828579
	prime64e = 2870177450012600261
)

// secret64 returns 8 bytes of the secret.
func secret64(at int) (v uint64) {
	for i := range 8 {
		v |= uint64(xxhSecret[at+i]) << (8 * i)
	}
	return v
}

func xxhAvalanche(x uint64) uint64 {
	x ^= x >> 37
	x *= 0x165667919e3779f9
	return x ^ x>>32
}

func xxhAvalancheSmall(x uint64) uint64 {
	x ^= x >> 33
	x *= prime64b
	x ^= x >> 29
	x *= prime64c
	return x ^ x>>32
}

// fold multiplies and joins the halves of the product.
func fold(x, y uint64) uint64 {
	hi, lo := bits.Mul64(x, y)
	return hi ^ lo
}

// xxh3 is XXH3 with 128 bits and seed 0, byte for byte.
func xxh3(b []byte) hash128 {
	n := uint64(len(b))
	switch {
	case n > 240:
		return xxh3Long(b)
	case n > 128:
		h := hash128{lo: n * prime64a}
		for i := 0; i < 128; i += 32 {
			h.mix(b[i:], b[i+16:], i, i+16)
		}
		h.lo, h.hi = xxhAvalanche(h.lo), xxhAvalanche(h.hi)
		for i := 128; i+32 <= len(b); i += 32 {
			h.mix(b[i:], b[i+16:], i-125, i-109)
		}
		h.mix(b[n-16:], b[n-32:], 103, 119)
		return h.finish(n)
	case n > 16:
		h := hash128{lo: n * prime64a}
		for i := (int(n) - 1) / 32; i >= 0; i-- {
			h.mix(b[16*i:], b[int(n)-16*(i+1):], 32*i, 32*i+16)
		}
		return h.finish(n)
	case n > 8:
		lo, hi := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[n-8:])
		mh, ml := bits.Mul64(lo^hi^secret64(32)^secret64(40), prime64a)
		ml += (n - 1) << 54
		hi ^= secret64(48) ^ secret64(56)
		mh += hi + uint64(uint32(hi))*(prime32b-1)
		ml ^= bits.ReverseBytes64(mh)
		h, l := bits.Mul64(ml, prime64b)
		return hash128{xxhAvalanche(l), xxhAvalanche(h + mh*prime64b)}
	case n > 3:
		both := uint64(binary.LittleEndian.Uint32(b)) + uint64(binary.LittleEndian.Uint32(b[n-4:]))<<32
		h, l := bits.Mul64(both^secret64(16)^secret64(24), prime64a+n<<2)
		h += l << 1
		l ^= h >> 3
		l ^= l >> 35
		l *= 0x9fb21c651e98df25
		return hash128{l ^ l>>28, xxhAvalanche(h)}
	case n > 0:
		v := uint32(b[0])<<16 | uint32(b[n>>1])<<24 | uint32(b[n-1]) | uint32(n)<<8
		low, high := secret64(0), secret64(8)
		return hash128{
			xxhAvalancheSmall(uint64(v) ^ uint64(uint32(low)^uint32(low>>32))),
			xxhAvalancheSmall(uint64(bits.RotateLeft32(bits.ReverseBytes32(v), 13)) ^ uint64(uint32(high)^uint32(high>>32))),
		}
	}
	return hash128{xxhAvalancheSmall(secret64(64) ^ secret64(72)), xxhAvalancheSmall(secret64(80) ^ secret64(88))}
}

// mix takes in 16 bytes of x and 16 of y.
func (h *hash128) mix(x, y []byte, keyX, keyY int) {
	x0, x1 := binary.LittleEndian.Uint64(x), binary.LittleEndian.Uint64(x[8:])
	y0, y1 := binary.LittleEndian.Uint64(y), binary.LittleEndian.Uint64(y[8:])
	h.lo = (h.lo + fold(x0^secret64(keyX), x1^secret64(keyX+8))) ^ (y0 + y1)
	h.hi = (h.hi + fold(y0^secret64(keyY), y1^secret64(keyY+8))) ^ (x0 + x1)
}

func (h *hash128) finish(n uint64) hash128 {
	return hash128{xxhAvalanche(h.lo + h.hi), -xxhAvalanche(h.lo*prime64a + h.hi*prime64d + n*prime64b)}
}

// xxh3Long hashes more than 240 bytes: stripes of 64 bytes, blocks of 16 stripes.
func xxh3Long(b []byte) hash128 {
	const stripe, stripes = 64, 16
	acc := [8]uint64{prime32c, prime64a, prime64b, prime64c, prime64d, prime32b, prime64e, prime32a}
	add := func(b []byte, key int) {
		for i := range acc {
			v := binary.LittleEndian.Uint64(b[8*i:])
			k := v ^ secret64(key+8*i)
			acc[i^1] += v
			acc[i] += uint64(uint32(k)) * (k >> 32)
		}
	}
	for i := range (len(b) - 1) / stripe {
		add(b[stripe*i:], 8*(i%stripes))
		if i%stripes == stripes-1 {
			for j := range acc {
				acc[j] = (acc[j] ^ acc[j]>>47 ^ secret64(len(xxhSecret)-stripe+8*j)) * prime32a
			}
		}
	}
	add(b[len(b)-stripe:], len(xxhSecret)-stripe-7)
	n := uint64(len(b))
	h := hash128{lo: n * prime64a, hi: ^(n * prime64b)}
	for i := 0; i < 8; i += 2 {
		h.lo += fold(acc[i]^secret64(11+8*i), acc[i+1]^secret64(19+8*i))
		h.hi += fold(acc[i]^secret64(117+8*i), acc[i+1]^secret64(125+8*i))
	}
	return hash128{xxhAvalanche(h.lo), xxhAvalanche(h.hi)}
}
