// Package intset walks and builds an intset, the packed form of a set whose
// members are all integers.
//
// An intset is one blob, all of it little endian:
//
//	+-----------+-----------+--------+-----+--------+
//	| width u32 | count u32 | member | ... | member |
//	+-----------+-----------+--------+-----+--------+
//
// Each member is a two's complement integer of width bytes: 2, 4 or 8. The
// width is that of the widest member ever added, so it may be more than the
// members need. Servers keep the members in ascending order, each once, because
// they search by bisection; whoever wants to prove that compares each member
// with the one before.
package intset

import (
	"encoding/binary"
	"fmt"
)

const headerSize = 8

// Reader walks the members of one intset in place, first to last.
//
// It is a small value that may be copied: each copy walks on its own. It keeps
// the blob but never writes to it. The zero Reader has no members.
type Reader struct {
	b     []byte
	next  uint // offset of the eight bytes that end with the next member
	width uint // bytes of a member
	shift uint // bits of those eight bytes that lie before the member
}

// Open checks the intset b: its size, its width, and that its members fill it
// exactly. Nothing is left to go wrong later: every member is a valid integer.
// Neither an empty intset nor the order of the members is judged. The Reader
// borrows b, which must not change while it is in use.
func Open(b []byte) (Reader, error) {
	if len(b) < headerSize {
		return Reader{}, fmt.Errorf("size %d is below the %d bytes of an empty intset", len(b), headerSize)
	}
	width := binary.LittleEndian.Uint32(b)
	if width != 2 && width != 4 && width != 8 {
		return Reader{}, fmt.Errorf("width %d is not 2, 4 or 8", width)
	}
	count := binary.LittleEndian.Uint32(b[4:])
	if members := len(b) - headerSize; uint64(count)*uint64(width) != uint64(members) {
		return Reader{}, fmt.Errorf("%d members of %d bytes do not fill the %d bytes after the header", count, width, members)
	}
	return Reader{
		b:     b,
		next:  uint(width),
		width: uint(width),
		shift: 64 - 8*uint(width),
	}, nil
}

// Len returns the number of members.
func (r *Reader) Len() int {
	if r.width == 0 {
		return 0
	}
	return (len(r.b) - headerSize) / int(r.width)
}

// Index returns the number of members that Next has returned.
func (r *Reader) Index() int {
	if r.width == 0 {
		return 0
	}
	return int(r.next/r.width) - 1
}

// Pos returns the offset in the blob of the member that Next reads next, or
// the size of the blob at the end.
func (r *Reader) Pos() int {
	if r.width == 0 {
		return 0
	}
	return int(r.next-r.width) + headerSize
}

// Next returns the next member; ok is false after the last.
func (r *Reader) Next() (num int64, ok bool) {
	// The header is as long as the widest member, so a member and what precedes
	// it are always eight bytes: one load and one shift serve all widths.
	if i := r.next; i < uint(len(r.b)) {
		if w := r.b[i:]; len(w) >= 8 {
			r.next = i + r.width
			return int64(binary.LittleEndian.Uint64(w)) >> (r.shift & 63), true
		}
	}
	return 0, false
}
