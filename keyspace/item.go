package keyspace

import (
	"bytes"
	"encoding/binary"
)

// appendItem appends a length and the bytes.
func appendItem(dst, s []byte) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// itemSize returns the bytes of an item.
func itemSize(s []byte) int {
	n := 1
	for v := len(s); v >= 0x80; v >>= 7 {
		n++
	}
	return n + len(s)
}

// putItem writes an item to room, which is as long as it.
func putItem(room, s []byte) []byte {
	n := binary.PutUvarint(room, uint64(len(s)))
	return room[n+copy(room[n:], s):]
}

// nextItem returns the item at the start of b, and what follows it.
func nextItem(b []byte) (s, rest []byte) {
	if n := int(b[0]); n < 0x80 {
		return b[1 : 1+n : 1+n], b[1+n:]
	}
	v, n := binary.Uvarint(b)
	end := n + int(v)
	return b[n:end:end], b[end:]
}

// countItems returns the number of items in b.
func countItems(b []byte) (n int) {
	for len(b) > 0 {
		_, b = nextItem(b)
		n++
	}
	return n
}

// findItem returns where an item begins and ends that equals s, looking at each
// of every step items, and how many of these there are before it.
func findItem(b, s []byte, step int) (start, end, n int, ok bool) {
	rest := b
	for len(rest) > 0 {
		at := len(b) - len(rest)
		var item []byte
		item, rest = nextItem(rest)
		if bytes.Equal(item, s) {
			return at, len(b) - len(rest), n, true
		}
		for range step - 1 {
			_, rest = nextItem(rest)
		}
		n++
	}
	return 0, 0, n, false
}
