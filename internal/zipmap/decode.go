package zipmap

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// decode reads the pair at the start of b, which ends where the end mark
// begins, and returns how many bytes the pair takes. It names every kind of
// damage.
func decode(b []byte) (field, value []byte, size int, err error) {
	if b[0] == endMark {
		return nil, nil, 0, errors.New("end mark 0xff before the end of the blob")
	}
	n, size, err := decodeLength(b, "field")
	if err != nil {
		return nil, nil, 0, err
	}
	if left := len(b) - size; uint64(n) > uint64(left) {
		return nil, nil, 0, fmt.Errorf("field length %d exceeds the %d bytes left", n, left)
	}
	field = b[size : size+int(n) : size+int(n)]
	size += int(n)

	n, head, err := decodeLength(b[size:], "value")
	if err != nil {
		return nil, nil, 0, err
	}
	size += head
	if size == len(b) {
		return nil, nil, 0, errors.New("count of free bytes is missing")
	}
	free := b[size]
	size++
	left := len(b) - size
	if uint64(n) > uint64(left) {
		return nil, nil, 0, fmt.Errorf("value length %d exceeds the %d bytes left", n, left)
	}
	value = b[size : size+int(n) : size+int(n)]
	size += int(n)
	if left -= int(n); int(free) > left {
		return nil, nil, 0, fmt.Errorf("%d free bytes exceed the %d bytes left", free, left)
	}
	return field, value, size + int(free), nil
}

// decodeLength reads the length at the start of b and returns the bytes it
// takes. The errors say what it is the length of.
func decodeLength(b []byte, what string) (n uint32, size int, err error) {
	switch {
	case len(b) == 0:
		return 0, 0, fmt.Errorf("%s length is missing", what)
	case b[0] < longLength:
		return uint32(b[0]), 1, nil
	case b[0] == endMark:
		return 0, 0, fmt.Errorf("%s length byte 0xff is not a length", what)
	case len(b) < 5:
		return 0, 0, fmt.Errorf("%s length of 5 bytes exceeds the %d bytes left", what, len(b))
	}
	return binary.LittleEndian.Uint32(b[1:]), 5, nil
}
