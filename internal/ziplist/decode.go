package ziplist

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// decode reads the element at the start of b, which ends where the end mark
// begins, and returns how many bytes the element takes. prev is the size of
// the element before it. It knows every encoding and names every kind of
// damage.
func decode(b []byte, prev uint) (str []byte, num int64, size int, err error) {
	start, err := checkPrevlen(b, prev)
	if err != nil {
		return nil, 0, 0, err
	}
	body := b[start:]
	if len(body) == 0 {
		return nil, 0, 0, errors.New("encoding byte is missing")
	}
	head, isString := headSize(body[0])
	switch {
	case head == 0:
		return nil, 0, 0, fmt.Errorf("unknown encoding byte 0x%02x", body[0])
	case head > len(body):
		return nil, 0, 0, fmt.Errorf("encoding 0x%02x of %d bytes exceeds the %d bytes left", body[0], head, len(body))
	}
	if !isString {
		return nil, integer(body[:head]), start + head, nil
	}
	n := stringLength(body)
	if left := len(body) - head; uint64(n) > uint64(left) {
		return nil, 0, 0, fmt.Errorf("length %d exceeds the %d bytes left", n, left)
	}
	end := head + int(n)
	return body[head:end:end], 0, start + end, nil
}

// checkPrevlen compares the prevlen at the start of b with the size it must
// tell, and returns the bytes it takes.
func checkPrevlen(b []byte, prev uint) (size int, err error) {
	got, size := uint32(b[0]), 1
	switch b[0] {
	case endMark:
		return 0, errors.New("end mark 0xff before the end of the blob")
	case longPrevlen:
		size = 5
		if len(b) < size {
			return 0, fmt.Errorf("prevlen of %d bytes exceeds the %d bytes left", size, len(b))
		}
		got = binary.LittleEndian.Uint32(b[1:])
	}
	if uint64(got) != uint64(prev) {
		return 0, fmt.Errorf("prevlen %d is not the size %d of the element before", got, prev)
	}
	return size, nil
}

// headSize returns the bytes that an element with encoding byte c has from
// there on, the content of a string not counted; 0 if c is not an encoding.
func headSize(c byte) (n int, isString bool) {
	switch {
	case c < 0x40:
		return 1, true
	case c < 0x80:
		return 2, true
	case c < 0xC0:
		return 5, true
	case 0xF1 <= c && c <= 0xFD:
		return 1, false
	}
	switch c {
	case 0xFE:
		return 2, false
	case 0xC0:
		return 3, false
	case 0xF0:
		return 4, false
	case 0xD0:
		return 5, false
	case 0xE0:
		return 9, false
	}
	return 0, false
}

func stringLength(b []byte) uint32 {
	switch {
	case b[0] < 0x40:
		return uint32(b[0])
	case b[0] < 0x80:
		return uint32(b[0]&0x3F)<<8 | uint32(b[1])
	}
	return binary.BigEndian.Uint32(b[1:])
}

// integer decodes an integer element that head holds exactly, prevlen apart.
func integer(head []byte) int64 {
	if len(head) == 1 {
		return int64(head[0] - 0xF1)
	}
	var v uint64
	for i, c := range head[1:] {
		v |= uint64(c) << (8 * i)
	}
	unused := 64 - 8*(len(head)-1)
	return int64(v<<unused) >> unused
}
