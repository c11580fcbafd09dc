package jsonstr

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// validGo is utf8.Valid, faster on text that mixes ASCII with other scripts: it returns to steps of eight bytes after every
// run of multi-byte characters, and tests such a character with one load.
func validGo(s []byte) bool {
	for len(s) >= 8 {
		high := binary.LittleEndian.Uint64(s) & highBits
		if high == 0 {
			s = s[8:]
			continue
		}
		s = s[bits.TrailingZeros64(high)>>3:]
		for len(s) >= 4 && s[0] >= 0x80 {
			c := binary.LittleEndian.Uint32(s)
			switch {
			case c&0xc0c0f0 == 0x8080e0:
				if c&0x200f == 0 || c&0x200f == 0x200d { // overlong: e0 80-9f; surrogate: ed a0-bf
					return false
				}
				s = s[3:]
			case c&0xc0e0 == 0x80c0:
				if c&0x1e == 0 { // overlong: c0, c1
					return false
				}
				s = s[2:]
			case c&0xc0c0c0f8 == 0x808080f0:
				if plane := c&7<<2 | c>>12&3; plane == 0 || plane > 0x10 { // overlong, or above U+10FFFF
					return false
				}
				s = s[4:]
			default:
				return false
			}
		}
	}
	return utf8.Valid(s)
}
