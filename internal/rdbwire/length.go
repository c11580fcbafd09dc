package rdbwire

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrShort says that the input ends inside the item at its start.
var ErrShort = errors.New("input ends inside an item")

// What is wrong with bytes, told apart by errors.Is.
var (
	// ErrForm: a byte that begins no length and no string.
	ErrForm = errors.New("no form of a length or a string")
	// ErrModule: an opcode that modules do not have.
	ErrModule = errors.New("no item of a module value")
	// ErrNoNumber: the text of a score is none.
	ErrNoNumber = errors.New("no number")
)

// reason is a text that is one of these errors.
type reason struct {
	text string
	is   error
}

func (r *reason) Error() string { return r.text }

func (r *reason) Unwrap() error { return r.is }

func wrong(is error, format string, args ...any) error {
	return &reason{fmt.Sprintf(format, args...), is}
}

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
		return 0, 0, wrong(ErrForm, "a length is due, byte 0x%02x starts a special string", c)
	default:
		return 0, 0, wrong(ErrForm, "byte 0x%02x starts no length", c)
	}
}
