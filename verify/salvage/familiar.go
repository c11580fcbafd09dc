package salvage

import "github.com/rdbtool/rdbtool/rdb"

// beginnings counts keys by their first bytes. Most applications name their keys by a
// few schemes, such as user:1 and cart:1: members of values begin in other ways.
type beginnings map[beginning]int

// beginning is the first bytes of a key, zeros behind a shorter one.
type beginning [3]byte

const (
	// maxBeginnings is how many are counted: where there are more they tell nothing.
	maxBeginnings = 1 << 10
	// perBeginning is how many keys there are for each, where they tell something.
	perBeginning = 8
	clearBits    = 20
	// maxHeadKey is how much of a key is looked at for one.
	maxHeadKey = 256
)

func beginningOf(key []byte) (b beginning) {
	copy(b[:], key)
	return b
}

func (b beginnings) learn(key []byte) {
	if k := beginningOf(key); len(b) < maxBeginnings || b[k] > 0 {
		b[k]++
	}
}

// unfamiliar reports whether a key begins as no others do, where they begin in few ways.
func (e *evidence) unfamiliar(key []byte) bool {
	return e.telling() && e.begins[beginningOf(key)] < 2
}

// telling reports whether keys begin in few ways.
func (e *evidence) telling() bool {
	return e.keys >= fewLearnt && len(e.begins) < maxBeginnings && e.keys >= perBeginning*len(e.begins)
}

// allFamiliar reports whether all records of a path have keys that begin as others do,
// where keys begin in few ways.
func (e *evidence) allFamiliar(path []*step) bool {
	for _, st := range path {
		if st.kind != rdb.KeyRecord || e.begins[beginningOf(st.key())] < 2 {
			return false
		}
	}
	return e.telling()
}

// clearHead reports whether a record begins at the place beyond doubt, whatever its
// value is like.
func (e *evidence) clearHead(p *rdb.Prober, at int64) bool {
	r, ok := p.HeadAt(at, rdb.State{})
	return ok && !r.LongForm && e.key(r.Key) >= clearBits && e.odd(r.Key) == 0 && !e.unfamiliar(r.Key)
}

// headAt is clearHead for places of which few are: it is quick to say no.
func (e *evidence) headAt(p *rdb.Prober, at int64) bool {
	b := p.Bytes(at, enterBytes)
	return len(b) > 0 && p.May(b[0]) && e.mayEnter(b) && e.clearHead(p, at)
}

// headsIn counts the records that seem to begin inside of the bytes, up to where a file
// inside of a value begins. Other values may hold such too.
func (e *evidence) headsIn(p *rdb.Prober, from, to int64) (n int) {
	if to-from > maxCrossing {
		return 0
	}
	for at := from; at < to; at++ {
		if _, nested := nestedAt(p, at); nested {
			break
		}
		if !e.headAt(p, at) {
			continue
		}
		if head, ok := p.HeadAt(at, rdb.State{}); ok && head.Value <= to {
			n++
			at = head.Value - 1
		}
	}
	return n
}

// headsBehind counts them likewise behind the key of the record that the bytes begin with.
func (e *evidence) headsBehind(p *rdb.Prober, from, to int64) int {
	if head, ok := p.HeadAt(from, rdb.State{}); ok {
		return e.headsIn(p, head.Value, to)
	}
	return e.headsIn(p, from+1, to)
}

// holdsHead reports whether another record begins inside of the key of r, which has
// control characters that no other has: it is none.
func (e *evidence) holdsHead(p *rdb.Prober, r *rdb.Record) bool {
	if !e.strange(r.Key) || !e.unfamiliar(r.Key) {
		return false
	}
	key, value := r.Bare+1, r.Value
	for at := key; at < min(value, key+maxHeadKey); at++ {
		if e.headAt(p, at) {
			return true
		}
	}
	return false
}
