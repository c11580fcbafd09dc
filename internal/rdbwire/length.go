package rdbwire

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrShort says that the input ends inside the item at its start.
var ErrShort = errors.New("input ends inside an item")

const (
	len32 = 0x80 // first byte of a 32-bit length
	len64 = 0x81 // first byte of a 64-bit length
)

// Length decodes the length at the start of b and returns it with the number
// of bytes that it takes.
func Length(b []byte) (v uint64, n int, err error) {
	if len(b) == 0 {
		return 0, 0, ErrShort
	}
	switch c := b[0]; {
	case c < 0x40:
		return uint64(c), 1, nil
	case c < 0x80:
		if len(b) < 2 {
			return 0, 0, ErrShort
		}
		return uint64(c&0x3f)<<8 | uint64(b[1]), 2, nil
	case c == len32:
		if len(b) < 5 {
			return 0, 0, ErrShort
		}
		return uint64(binary.BigEndian.Uint32(b[1:])), 5, nil
	case c == len64:
		if len(b) < 9 {
			return 0, 0, ErrShort
		}
		return binary.BigEndian.Uint64(b[1:]), 9, nil
	case c >= 0xC0:
		return 0, 0, fmt.Errorf("a length is due, byte 0x%02x starts a special string", c)
	default:
		return 0, 0, fmt.Errorf("byte 0x%02x starts no length", c)
	}
}
