package listpack

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// decode reads the element at the start of b, which ends where the end mark
// begins, and returns how many bytes the element takes with its backlen. It
// knows every encoding and names every kind of damage.
func decode(b []byte) (str []byte, num int64, size int, err error) {
	head, isString := headSize(b[0])
	switch {
	case b[0] == endMark:
		return nil, 0, 0, errors.New("end mark 0xff before the end of the blob")
	case head == 0:
		return nil, 0, 0, fmt.Errorf("unknown encoding byte 0x%02x", b[0])
	case head > len(b):
		return nil, 0, 0, fmt.Errorf("encoding 0x%02x of %d bytes exceeds the %d bytes left", b[0], head, len(b))
	}
	size = head
	if isString {
		n := stringLength(b)
		if left := len(b) - head; uint64(n) > uint64(left) {
			return nil, 0, 0, fmt.Errorf("length %d exceeds the %d bytes left", n, left)
		}
		size += int(n)
		str = b[head:size:size]
	} else {
		num = integer(b[:head])
	}

	var buf [5]byte
	want := appendBacklen(buf[:0], size)
	if !bytes.HasPrefix(b[size:], want) {
		return nil, 0, 0, backlenError(b[size:], size)
	}
	return str, num, size + len(want), nil
}

// backlenError describes the wrong backlen at the start of b, behind an
// element of size bytes.
func backlenError(b []byte, size int) error {
	want := appendBacklen(nil, size)
	if len(b) < len(want) {
		return fmt.Errorf("backlen of %d bytes exceeds the %d bytes left", len(want), len(b))
	}
	return fmt.Errorf("backlen is %#x, a size of %d needs %#x", b[:len(want)], size, want)
}

// headSize returns the bytes that an element with encoding byte c has before
// its backlen, the content of a string not counted; 0 if c is not an encoding.
func headSize(c byte) (n int, isString bool) {
	switch {
	case c < 0x80:
		return 1, false
	case c < 0xC0:
		return 1, true
	case c < 0xE0:
		return 2, false
	case c < 0xF0:
		return 2, true
	}
	switch c {
	case 0xF0:
		return 5, true
	case 0xF1:
		return 3, false
	case 0xF2:
		return 4, false
	case 0xF3:
		return 5, false
	case 0xF4:
		return 9, false
	}
	return 0, false
}

func stringLength(b []byte) uint32 {
	switch {
	case b[0] < 0xC0:
		return uint32(b[0] & 0x3F)
	case b[0] < 0xF0:
		return uint32(b[0]&0x0F)<<8 | uint32(b[1])
	}
	return binary.LittleEndian.Uint32(b[1:])
}

// integer decodes an integer element that head holds exactly.
func integer(head []byte) int64 {
	switch {
	case head[0] < 0x80:
		return int64(head[0])
	case head[0] < 0xE0:
		v := int64(head[0]&0x1F)<<8 | int64(head[1])
		return v << 51 >> 51
	}
	var v uint64
	for i, c := range head[1:] {
		v |= uint64(c) << (8 * i)
	}
	unused := 64 - 8*(len(head)-1)
	return int64(v<<unused) >> unused
}

// appendBacklen appends the backlen of an element of size bytes to dst.
func appendBacklen(dst []byte, size int) []byte {
	mark := byte(0)
	for i := backlenSize(size) - 1; i >= 0; i-- {
		dst = append(dst, byte(uint64(size)>>(7*i))&0x7F|mark)
		mark = 0x80
	}
	return dst
}

// backlenSize returns the bytes of the backlen of an element of size bytes.
func backlenSize(size int) int {
	switch {
	case size <= 127:
		return 1
	case size < 1<<14-1:
		return 2
	case size < 1<<21-1:
		return 3
	case size < 1<<28-1:
		return 4
	}
	return 5
}
