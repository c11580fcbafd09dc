package crc64

import "math/bits"

// Locate finds where a message was changed in a few neighbouring bytes.
// syndrome is the checksum of the changed message, of n bytes, XOR that of the
// one it was. It returns the place of the first byte changed, and what the bytes
// are to be XORed with; ok is false unless there is exactly one such place for a
// change of at most span bytes, 1 to 7.
//
// Of all syndromes one in 2^(64-8*span)/n is that of some such change: what is
// found means nothing unless this is rare.
func Locate(syndrome uint64, n int64, span int) (at int64, change []byte, ok bool) {
	if syndrome == 0 {
		return 0, nil, false
	}
	// A change e that i bytes follow has the syndrome e * x^(64+8i). So what is
	// divided by x^8 again and again becomes e itself, of a degree below
	// 8*span, and that is when its low bits are 0.
	u := syndrome
	for range 8 {
		u = divByByte(u)
	}
	rest := uint64(1)<<(64-8*span) - 1
	for behind := int64(0); behind < n; behind++ {
		if u&rest == 0 {
			e, last := u, n-1-behind
			for e>>56 == 0 { // the last byte is unchanged: it is found again
				e <<= 8
				last--
			}
			first := last + 1 - int64(8-bits.TrailingZeros64(e)/8)
			if first >= 0 && (change == nil || at != first) {
				if change != nil {
					return 0, nil, false
				}
				at = first
				for i := last; i >= first; i-- {
					change = append([]byte{byte(e >> (56 - 8*(last-i)))}, change...)
				}
			}
		}
		u = divByByte(u)
	}
	return at, change, change != nil
}

// divByByte returns a / x^8 modulo the generator.
func divByByte(a uint64) uint64 { return a<<8 ^ quotients[a>>56] }

// quotients[b] is (b << 56) / x^8.
var quotients = makeQuotients()

func makeQuotients() (t [256]uint64) {
	for b := range t {
		a := uint64(b) << 56
		for range 8 {
			if a>>63 != 0 {
				a = (a^poly)<<1 | 1
			} else {
				a <<= 1
			}
		}
		t[b] = a
	}
	return t
}
