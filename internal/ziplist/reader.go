package ziplist

import (
	"encoding/binary"
	"fmt"
)

const (
	headerSize   = 10
	minSize      = headerSize + 1
	longPrevlen  = 0xFE
	endMark      = 0xFF
	unknownCount = 0xFFFF
)

// Reader walks the elements of one ziplist in place, first to last.
//
// It is a small value that may be copied: each copy walks on its own. It keeps
// the blob but never writes to it. The zero Reader has no elements.
type Reader struct {
	b     []byte // the blob without its end mark
	pos   uint   // offset in b of the next element
	last  uint   // offset of the element before it; pos if there is none
	n     uint   // elements returned
	count uint16 // elements according to the header
	tail  uint32 // offset of the last element according to the header
	err   error
}

// Open checks the frame of the ziplist b: its size, the size in its header,
// that its tail lies inside, and its end mark. The elements are checked one by
// one as Next reaches them. The Reader borrows b, which must not change while
// it is in use.
func Open(b []byte) (Reader, error) {
	if len(b) < minSize {
		return Reader{}, fmt.Errorf("size %d is below the %d bytes of an empty ziplist", len(b), minSize)
	}
	if total := binary.LittleEndian.Uint32(b); uint64(total) != uint64(len(b)) {
		return Reader{}, fmt.Errorf("header says %d bytes, blob has %d", total, len(b))
	}
	end := len(b) - 1
	if b[end] != endMark {
		return Reader{}, fmt.Errorf("last byte 0x%02x is not the end mark 0xff", b[end])
	}
	tail := binary.LittleEndian.Uint32(b[4:])
	if tail < headerSize || uint64(tail) > uint64(end) {
		return Reader{}, fmt.Errorf("tail offset %d is not between %d and %d", tail, headerSize, end)
	}
	return Reader{
		b:     b[:end:end],
		pos:   headerSize,
		last:  headerSize,
		count: binary.LittleEndian.Uint16(b[8:]),
		tail:  tail,
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
// many elements as the header declares, the last of them at the tail offset.
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
	prev := p - r.last // 0 before the first element
	e := p + 1
	if p >= uint(len(b)) || e >= uint(len(b)) || prev >= longPrevlen || uint(b[p]) != prev {
		return r.slow()
	}
	c := b[e]
	switch {
	case c < 0x40:
		if q := e + 1 + uint(c); q <= uint(len(b)) {
			r.last = p
			r.pos = q
			r.n++
			return b[e+1 : q : q], 0, true
		}

	case c < 0x80:
		body := b[e:]
		if len(body) < 2 {
			break
		}
		if q := 2 + int(c&0x3F)<<8 + int(body[1]); q <= len(body) {
			r.last = p
			r.pos = e + uint(q)
			r.n++
			return body[2:q:q], 0, true
		}

	case c-0xF1 <= 0xFD-0xF1:
		r.last = p
		r.pos = e + 1
		r.n++
		return nil, int64(c - 0xF1), true

	default:
		width := uint(widths[c])
		if q := e + 1 + width; width != 0 && q <= uint(len(b)) {
			r.last = p
			r.pos = q
			r.n++
			// With the header, at least 13 bytes lie before the end of a
			// number, so the eight that end with it can always be loaded: one
			// load and one shift serve all widths.
			v := binary.LittleEndian.Uint64(b[q-8 : q])
			return nil, int64(v) >> ((64 - 8*width) & 63), true
		}
	}
	return r.slow()
}

// widths holds the bytes of data by encoding byte, for the integers that have
// data; 0 for all other encoding bytes.
var widths = [256]uint8{0xC0: 2, 0xD0: 4, 0xE0: 8, 0xF0: 3, 0xFE: 1}

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
		r.err = r.checkEnd()
		return nil, 0, false
	}
	str, num, size, err := decode(r.b[r.pos:], r.pos-r.last)
	if err != nil {
		r.err = err
		r.b = r.b[:r.pos] // keeps the fast paths from passing this point
		return nil, 0, false
	}
	r.last = r.pos
	r.pos += uint(size)
	r.n++
	return str, num, true
}

// checkEnd compares the header with what the walk has found.
func (r *Reader) checkEnd() error {
	switch {
	case r.b == nil: // the zero Reader
		return nil
	case r.count != unknownCount && uint(r.count) != r.n:
		return fmt.Errorf("header says %d elements, list has %d", r.count, r.n)
	case uint(r.tail) != r.last:
		return fmt.Errorf("tail offset %d is not the offset %d of the last element", r.tail, r.last)
	}
	return nil
}
