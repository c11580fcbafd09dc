package jsonstr

import (
	"encoding/binary"
	"unicode/utf8"
)

// validGo is utf8.Valid, faster on text that mixes ASCII with other scripts: it returns to steps of eight bytes after every
// run of multi-byte characters, and tests such a character with one load.
func validGo(s []byte) bool {
	for len(s) >= 8 {
		if binary.LittleEndian.Uint64(s)&highBits == 0 {
			s = s[8:]
			continue
		}
		for len(s) >= 4 {
			if s[0] < 0x80 {
				s = s[1:]
				if len(s) > 0 && s[0] < 0x80 {
					break
				}
				continue
			}
			c := binary.LittleEndian.Uint32(s)
			switch {
			case c&0xc0c0f0 == 0x8080e0: // not overlong: e0 80-9f, no surrogate: ed a0-bf
				if c&0x200f == 0 || c&0x200f == 0x200d {
					return false
				}
				s = s[3:]
			case c&0xc0e0 == 0x80c0:
				if c&0x1e == 0 { // overlong: c0, c1
					return false
				}
				s = s[2:]
			case c&0xc0c0c0f8 == 0x808080f0: // 0x10000 <= rune < 0x110000
				if bits := c & 7 << 2 | c>>12&3; bits == 0 || bits > 0x10 {
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
