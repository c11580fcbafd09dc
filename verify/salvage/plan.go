package salvage

import (
	"slices"

	"github.com/rdbtool/rdbtool/rdb"
)

// plan says of each byte of a file what becomes of it.
//
//	kept | lost | kept | gap | kept ... | end mark, checksum | rest
//
// Pieces follow each other without a hole.
type plan struct {
	pieces []piece
	end    int64 // of the last piece
}

// pieceKind tells what becomes of a piece.
type pieceKind uint8

const (
	kept  pieceKind = iota // records that are whole
	lost                   // one record with a value that is damaged
	gap                    // bytes that are no records
	sizes                  // how many keys there are: written anew
)

// piece is a part of a file.
type piece struct {
	kind     pieceKind
	from, to int64
	state    rdb.State // at from
	after    int       // database behind to
	// last is where the last record of a kept piece begins, and loose that its
	// end is not proved by its bytes.
	last  int64
	loose bool
	// lastBut and looseBut are the same for the record before that one.
	lastBut  int64
	looseBut bool
	// nothing says that a kept piece is a collection of no elements, alone.
	nothing bool
	// keyless says that a gap stands for no key of its own.
	keyless bool
	// why is set where the plan knows better than the bytes at from.
	why string
	// keys is how many keys' records a kept piece has.
	keys int64
	// front is how many elements are kept of what the piece holds.
	front int64
}

// maxPieces is how many pieces a plan may have.
const maxPieces = 1 << 18

// add appends the bytes up to to.
func (p *plan) add(kind pieceKind, to int64, st rdb.State) *piece {
	p.pieces = append(p.pieces, piece{kind: kind, from: p.end, to: to, state: st, after: st.DB()})
	p.end = to
	return &p.pieces[len(p.pieces)-1]
}

// keep appends a record that is whole, a collection of nothing as a piece of its own.
// known says that files of the version have such records: an opcode that they do not have
// is rather a part of the value before.
func (p *plan) keep(r *record, st rdb.State, known bool) {
	n := len(p.pieces)
	alone := r.empty && n < maxPieces
	if n == 0 || p.pieces[n-1].kind != kept || p.pieces[n-1].nothing || alone {
		p.add(kept, r.end, st).nothing = alone
		n++
	}
	last := &p.pieces[n-1] // n counts the new piece
	if r.kind == rdb.KeyRecord {
		last.keys++
	} else if last.loose && !known {
		last.to, p.end = r.end, r.end
		return
	}
	last.lastBut, last.looseBut = last.last, last.loose
	last.to, last.last, last.loose = r.end, r.off, r.kind == rdb.KeyRecord && !r.tight
	p.end = r.end
}

// loose reports whether there is a record before the gap at i whose end is not
// proved.
func (p *plan) loose(i int) bool {
	return i > 0 && p.pieces[i-1].kind == kept && p.pieces[i-1].loose
}

// cutLast takes the last record of the kept piece before the gap at i into the
// gap.
func (p *plan) cutLast(i int, why string) {
	before, g := &p.pieces[i-1], &p.pieces[i]
	before.to, g.from, g.why = before.last, before.last, why
	before.last, before.loose, before.looseBut = before.lastBut, before.looseBut, false
}

// split makes the bytes from off to end, a record within the kept piece i, a
// piece of their own. st is the state there.
func (p *plan) split(i int, off, end int64, st rdb.State, why string) {
	whole := p.pieces[i]
	parts := make([]piece, 0, 3)
	if off > whole.from {
		head := whole
		head.to, head.loose, head.after = off, false, st.DB()
		parts = append(parts, head)
	}
	parts = append(parts, piece{kind: lost, from: off, to: end, state: st, after: st.DB(), why: why})
	if end < whole.to {
		tail := whole
		tail.from, tail.state = end, st
		tail.looseBut = tail.looseBut && tail.lastBut >= end
		parts = append(parts, tail)
	}
	p.pieces = slices.Replace(p.pieces, i, i+1, parts...)
}
