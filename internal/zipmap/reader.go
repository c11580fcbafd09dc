package zipmap

import "fmt"

const (
	headerSize   = 1
	minSize      = headerSize + 1
	longLength   = 0xFE
	endMark      = 0xFF
	unknownCount = 254 // and above
)

// Reader walks the pairs of one zipmap in place, first to last.
//
// It is a small value that may be copied: each copy walks on its own. It keeps
// the blob but never writes to it. The zero Reader has no pairs.
type Reader struct {
	b     []byte // the blob without its end mark
	pos   uint   // offset in b of the next pair
	n     uint   // pairs returned
	count uint   // pairs according to the header
	err   error
}

// Open checks the frame of the zipmap b: its size and its end mark. The pairs
// are checked one by one as Next reaches them. The Reader borrows b, which must
// not change while it is in use.
func Open(b []byte) (Reader, error) {
	if len(b) < minSize {
		return Reader{}, fmt.Errorf("size %d is below the %d bytes of an empty zipmap", len(b), minSize)
	}
	end := len(b) - 1
	if b[end] != endMark {
		return Reader{}, fmt.Errorf("last byte 0x%02x is not the end mark 0xff", b[end])
	}
	return Reader{b: b[:end:end], pos: headerSize, count: uint(b[0])}, nil
}

// Len returns the number of pairs that the header declares, or -1 if it leaves
// the number open. Nothing but a walk to the end proves it.
func (r *Reader) Len() int {
	if r.count >= unknownCount {
		return -1
	}
	return int(r.count)
}

// Index returns the number of pairs that Next has returned. After a failed Next
// it is the index, from 0, of the pair at which the walk stopped.
func (r *Reader) Index() int { return int(r.n) }

// Pos returns the offset in the blob of the pair that Next reads next. After a
// failed Next it is where the walk stopped.
func (r *Reader) Pos() int { return int(r.pos) }

// Err returns nil while Next succeeds and after a clean end, else the reason
// why the walk stopped. A clean end is one that lies at the end mark after as
// many pairs as the header declares.
func (r *Reader) Err() error { return r.err }

// Next returns the next field and its value. Empty ones are not nil. At the end
// of the zipmap and at damage ok is false, now and in every later call; Err
// tells which.
//
// The bytes of both belong to the blob: they may not be changed, and stay valid
// as long as the blob does. Their capacity is their length.
func (r *Reader) Next() (field, value []byte, ok bool) {
	p := r.pos
	if p >= uint(len(r.b)) {
		return r.slow()
	}
	b := r.b[p:]
	if len(b) < 3 || b[0] >= longLength {
		return r.slow()
	}
	fieldEnd := 1 + int(b[0])
	if fieldEnd+1 >= len(b) || b[fieldEnd] >= longLength {
		return r.slow()
	}
	start := fieldEnd + 2
	end := start + int(b[fieldEnd])
	next := end + int(b[fieldEnd+1]) // behind the free bytes
	if next > len(b) {
		return r.slow()
	}
	r.pos = p + uint(next)
	r.n++
	return b[1:fieldEnd:fieldEnd], b[start:end:end], true
}

// slow takes over from Next at the end of the zipmap, at damage, and at long
// lengths. It can decode every pair: the fast path adds nothing but speed.
//
//go:noinline
func (r *Reader) slow() (field, value []byte, ok bool) {
	if r.err != nil {
		return nil, nil, false
	}
	if r.pos >= uint(len(r.b)) {
		if r.n != r.count && r.count < unknownCount {
			r.err = fmt.Errorf("header says %d pairs, zipmap has %d", r.count, r.n)
		}
		return nil, nil, false
	}
	field, value, size, err := decode(r.b[r.pos:])
	if err != nil {
		r.err = err
		r.b = r.b[:r.pos] // keeps the fast path from passing this point
		return nil, nil, false
	}
	r.pos += uint(size)
	r.n++
	return field, value, true
}
