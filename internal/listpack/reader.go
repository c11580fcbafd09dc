package listpack

import (
	"encoding/binary"
	"fmt"
)

const (
	headerSize   = 6
	minSize      = headerSize + 1
	endMark      = 0xFF
	unknownCount = 0xFFFF
)

// Reader walks the elements of one listpack in place, first to last.
//
// It is a small value that may be copied: each copy walks on its own. It keeps
// the blob but never writes to it. The zero Reader has no elements.
type Reader struct {
	b     []byte // the blob without its end mark
	pos   uint   // offset in b of the next element
	n     uint   // elements returned
	count uint   // elements according to the header
	err   error
}

// Open checks the frame of the listpack b: its size, the size in its header
// and its end mark. The elements are checked one by one as Next reaches them.
// The Reader borrows b, which must not change while it is in use.
func Open(b []byte) (Reader, error) {
	if len(b) < minSize {
		return Reader{}, fmt.Errorf("size %d is below the %d bytes of an empty listpack", len(b), minSize)
	}
	if total := binary.LittleEndian.Uint32(b); uint64(total) != uint64(len(b)) {
		return Reader{}, fmt.Errorf("header says %d bytes, blob has %d", total, len(b))
	}
	end := len(b) - 1
	if b[end] != endMark {
		return Reader{}, fmt.Errorf("last byte 0x%02x is not the end mark 0xff", b[end])
	}
	return Reader{
		b:     b[:end:end],
		pos:   headerSize,
		count: uint(binary.LittleEndian.Uint16(b[4:])),
	}, nil
}

// Len returns the number of elements that the header declares, or -1 if it
// leaves the number open. Nothing but a walk to the end proves it.
func (r *Reader) Len() int {
	if r.count == unknownCount {
		return -1
	}
	return int(r.count)
}

// Index returns the number of elements that Next has returned. After a failed
// Next it is the index, from 0, of the element at which the walk stopped.
func (r *Reader) Index() int { return int(r.n) }

// Pos returns the offset in the blob of the element that Next reads next.
// After a failed Next it is where the walk stopped.
func (r *Reader) Pos() int { return int(r.pos) }

// Err returns nil while Next succeeds and after a clean end, else the reason
// why the walk stopped. A clean end is one that lies at the end mark after as
// many elements as the header declares.
func (r *Reader) Err() error { return r.err }

// Next returns the next element: a string in str, or, if str is nil, an
// integer in num. An empty string is empty and not nil. At the end of the list
// and at damage ok is false, now and in every later call; Err tells which.
//
// The bytes of str belong to the blob: they may not be changed, and stay valid
// as long as the blob does. Their capacity is their length.
func (r *Reader) Next() (str []byte, num int64, ok bool) {
	// The checks against damage are written so that the compiler can drop
	// most of its own. Whatever fails one goes to slow, which names the damage.
	b, p := r.b, r.pos
	if p >= uint(len(b)) {
		return r.slow()
	}
	c := b[p]
	switch {
	case c < 0x80:
		if q := p + 1; q < uint(len(b)) && b[q] == 1 {
			r.pos = q + 1
			r.n++
			return nil, int64(c), true
		}

	case c < 0xC0:
		n := c & 0x3F
		if q := p + 1 + uint(n); q < uint(len(b)) && b[q] == n+1 {
			r.pos = q + 1
			r.n++
			return b[p+1 : q : q], 0, true
		}

	case c < 0xE0:
		if e := b[p:]; len(e) > 2 && e[2] == 2 {
			r.pos = p + 3
			r.n++
			v := uint64(c)<<8 | uint64(e[1])
			return nil, int64(v<<51) >> 51, true
		}

	case c < 0xF0:
		e := b[p:]
		if len(e) < 3 {
			break
		}
		size := 2 + int(c&0x0F)<<8 + int(e[1])
		if size >= len(e) {
			break
		}
		if size <= 127 {
			if int(e[size]) == size {
				r.pos = p + uint(size) + 1
				r.n++
				return e[2:size:size], 0, true
			}
		} else if last := size + 1; last < len(e) && int(e[size]) == size>>7 && e[last] == byte(size)|0x80 {
			r.pos = p + uint(last) + 1
			r.n++
			return e[2:size:size], 0, true
		}

	case c-0xF1 <= 3:
		// With the header, at least nine bytes lie before the end of a number,
		// so the eight that end with it can always be loaded: one load and one
		// shift serve all four widths.
		width := uint(0x8432>>(4*(c-0xF1))) & 15
		if q := p + 1 + width; q < uint(len(b)) && uint(b[q]) == 1+width {
			r.pos = q + 1
			r.n++
			v := binary.LittleEndian.Uint64(b[q-8 : q])
			return nil, int64(v) >> ((64 - 8*width) & 63), true
		}
	}
	return r.slow()
}

// slow takes over from Next at the end of the list, at damage, and at elements
// too rare or too large for a fast path. It can decode every element: the fast
// paths add nothing but speed.
//
//go:noinline
func (r *Reader) slow() (str []byte, num int64, ok bool) {
	if r.err != nil {
		return nil, 0, false
	}
	if r.pos >= uint(len(r.b)) {
		if r.n != r.count && r.count != unknownCount {
			r.err = fmt.Errorf("header says %d elements, list has %d", r.count, r.n)
		}
		return nil, 0, false
	}
	str, num, size, err := decode(r.b[r.pos:])
	if err != nil {
		r.err = err
		r.b = r.b[:r.pos] // keeps the fast paths from passing this point
		return nil, 0, false
	}
	r.pos += uint(size)
	r.n++
	return str, num, true
}
