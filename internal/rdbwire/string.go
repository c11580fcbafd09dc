package rdbwire

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
)

// Kind is the form of a string.
type Kind uint8

// The forms of a string.
const (
	Plain Kind = iota
	Integer
	Compressed
)

// The first bytes of strings in a special form.
const (
	strInt8  = 0xC0
	strInt16 = 0xC1
	strInt32 = 0xC2
	strLZF   = 0xC3
	strC4    = 0xC4
)

// Head is what stands before the body of a string.
type Head struct {
	Kind Kind
	Len  int    // bytes of the head itself; an integer has no body
	Body uint64 // bytes that follow the head in the file
	Size uint64 // bytes of the string once it is unpacked
	Int  int64  // value of an Integer
}

// ErrPrivateCompression is the form of string that only Redis Enterprise reads.
var ErrPrivateCompression = fmt.Errorf("string compressed in the private form 0x%02x of Redis Enterprise", strC4)

// String decodes the head of the string at the start of b. It answers ErrShort
// only if the head itself is cut.
func String(b []byte) (h Head, err error) {
	if len(b) == 0 {
		return h, ErrShort
	}
	c := b[0]
	if c < 0xC0 {
		v, n, err := Length(b)
		return Head{Kind: Plain, Len: n, Body: v, Size: v}, err
	}
	switch c {
	case strInt8:
		if len(b) < 2 {
			return h, ErrShort
		}
		h = Head{Kind: Integer, Len: 2, Int: int64(int8(b[1]))}
	case strInt16:
		if len(b) < 3 {
			return h, ErrShort
		}
		h = Head{Kind: Integer, Len: 3, Int: int64(int16(binary.LittleEndian.Uint16(b[1:])))}
	case strInt32:
		if len(b) < 5 {
			return h, ErrShort
		}
		h = Head{Kind: Integer, Len: 5, Int: int64(int32(binary.LittleEndian.Uint32(b[1:])))}
	case strLZF:
		packed, n, err := Length(b[1:])
		if err != nil {
			return h, err
		}
		size, m, err := Length(b[1+n:])
		if err != nil {
			return h, err
		}
		return Head{Kind: Compressed, Len: 1 + n + m, Body: packed, Size: size}, nil
	case strC4:
		return h, ErrPrivateCompression
	default:
		return h, wrong(ErrForm, "byte 0x%02x starts no string", c)
	}
	h.Size = uint64(digits(h.Int))
	return h, nil
}

// digits returns the length of v's decimal text.
func digits(v int64) int {
	var buf [20]byte
	return len(strconv.AppendInt(buf[:0], v, 10))
}

// SkipStrings passes over count strings at the start of b. It returns the
// bytes of the whole strings it passed, how many strings are left, and the
// unpacked size of those that were compressed. Where b ends too early err is
// ErrShort and missing is a lower bound of the bytes that b lacks.
func SkipStrings(b []byte, count uint64) (n int, left uint64, unpacked, missing uint64, err error) {
	for ; count > 0; count-- {
		if n >= len(b) {
			return n, count, unpacked, 1, ErrShort
		}
		var end int
		c := b[n]
		if c < 0x40 {
			end = n + 1 + int(c)
		} else if c < 0x80 && n+1 < len(b) {
			end = n + 2 + int(c&0x3f)<<8 + int(b[n+1])
		} else {
			h, err := String(b[n:])
			if err == ErrShort {
				return n, count, unpacked, 1, err
			}
			if err != nil {
				return n, count, unpacked, 0, err
			}
			if have := uint64(len(b) - n - h.Len); h.Body > have {
				return n, count, unpacked, h.Body - have, ErrShort
			}
			if h.Kind == Compressed {
				unpacked = addSaturated(unpacked, h.Size)
			}
			end = n + h.Len + int(h.Body)
		}
		if end > len(b) {
			return n, count, unpacked, uint64(end - len(b)), ErrShort
		}
		n = end
	}
	return n, 0, unpacked, 0, nil
}

func addSaturated(a, b uint64) uint64 {
	if s := a + b; s >= a {
		return s
	}
	return math.MaxUint64
}
