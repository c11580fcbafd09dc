package salvage

import (
	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

// record is what the search keeps of an rdb.Record.
type record struct {
	off, end int64
	kind     rdb.RecordKind
	first    byte
	bits     float64 // evidence for it
	head     float64 // likewise without the value
	tight    bool    // its bytes prove where it ends
	damaged  bool    // its value is wrong, its end is known
	empty    bool    // a collection of nothing, which servers leave out
	expires  bool
	odd      int // bytes in the key that are not in others
	learnt   bool
	early    bool // it was read long before the failure
	attrs    attrs
	bare     int64 // where its type stands
	db       int   // that it selects, -1 if none
	keyLen   int32
	sample   [maxLearnt]byte // the key begins with that
	sizes    bool            // it announces how many keys there are
	announce rdb.Sizes
	after    rdb.State // with the true state before it, if it was read on the way
}

// place is where the type or the opcode of a record stands: attributes before it may
// be taken for no part of it.
func (r *record) place() int64 {
	if r.kind == rdb.KeyRecord {
		return r.bare
	}
	return r.off
}

// placeOf is the place of a record.
func placeOf(r *rdb.Record) int64 {
	if r.Kind == rdb.KeyRecord {
		return r.Bare
	}
	return r.Offset
}

// key returns the key, or what is kept of a long one.
func (r *record) key() []byte { return r.sample[:min(int(r.keyLen), len(r.sample))] }

// loose reports whether a record is a key's whose end is not proved.
func (r *record) loose() bool { return r.kind == rdb.KeyRecord && !r.tight && !r.damaged }

// textAt returns where the bytes of a string begin, behind its length.
func textAt(p *rdb.Prober, r *rdb.Record) int64 {
	switch b := p.Bytes(r.Value, 1); {
	case len(b) == 0 || b[0] > 0x80:
		return r.Value + 9
	case b[0] == 0x80:
		return r.Value + 5
	default:
		return r.Value + 1 + int64(b[0]>>6)
	}
}

// zeros reports whether r is made of zeros but for a length: they abound in damage.
func zeros(p *rdb.Prober, r *rdb.Record) bool {
	if len(r.Key) > 0 || r.Type != entry.String {
		return false
	}
	if b := p.Bytes(r.Value, 1); len(b) == 0 || b[0] > 0x80 {
		return false
	}
	from := textAt(p, r)
	for _, b := range p.Bytes(from, int(min(r.End-from, maxLearnt))) {
		if b != 0 {
			return false
		}
	}
	return true
}

// keep returns what is kept of r.
func (e *evidence) keep(r *rdb.Record) record {
	k := record{off: r.Offset, end: r.End, kind: r.Kind, first: r.First, tight: r.Tight, damaged: r.Damage != nil, expires: r.ExpireAt != entry.NoExpire, db: -1, after: r.After}
	k.bits, k.head = e.record(r)
	k.empty = empty(r)
	k.odd, k.bare = e.odd(r.Key), r.Bare
	k.keyLen = int32(len(r.Key))
	copy(k.sample[:], r.Key)
	if r.Kind == rdb.MetaRecord {
		k.tight = true
		switch r.First {
		case opSelectDB:
			k.db = int(r.Meta.Nums[0])
		case opResizeDB:
			k.sizes, k.announce = true, rdb.Sizes{Keys: r.Meta.Nums[0], Expires: r.Meta.Nums[1]}
		}
	}
	return k
}

// The opcodes that say which keys follow.
const (
	opSlot     = 0xF4
	opResizeDB = 0xFB
	opSelectDB = 0xFE
	opEOF      = 0xFF
	opAux      = 0xFA
	opExpireMs = 0xFC
	opExpire   = 0xFD
	opIdle     = 0xF8
	opFreq     = 0xF9
	// firstOpcode and all above are opcodes, but for a few.
	firstOpcode = 0xF0
)
