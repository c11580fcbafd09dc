package salvage

import (
	"container/heap"
	"context"
	"encoding/binary"
	"math"

	"github.com/rdbtool/rdbtool/rdb"
)

// search finds the way through a damaged place: which bytes are records, and
// which are not.
//
//	lo                      failed                               settled
//	|--record--|--record--|--X - - - - - - |--record--|--record-- ...
//	                       \__ a gap __/
//
// Every byte from lo on is tried as the beginning of a record, those of records
// that led to the failure too: a length that is wrong may have swallowed good
// ones. A path is a sequence of records with gaps between; its score is the
// evidence for its records (see evidence), less what each gap costs. The cost
// of a gap grows with the number of places at which it may end, so that in
// noise of any length no record passes by chance.
//
// For each place only the best path that ends there is kept. Once the records
// behind a gap are too many to be wrong, and no other path comes close, the path
// is settled.
type search struct {
	p      *rdb.Prober
	ev     *evidence
	lo     int64
	hi     int64            // where the search ends at the latest
	failed int64            // no record begins there, and nothing is settled before
	inDB   int              // the database at lo, -1 if none has been selected
	chosen bool             // the record before lo is the one that selects it
	known  map[int64]record // records read on the way to the failure
	isEnd  func(end int64) bool
	banned map[int64]bool // by place: no records
	// certain are places where databases begin.
	certain map[int64]bool
	// unordered says that databases do not stand in the order of their numbers.
	unordered bool
	// progress, if set, is told how far the search has come.
	progress func(at int64)

	ends   paths    // by where they end
	nested int      // records read of files inside of values
	whole  record   // the last one that no gap comes before
	cleans []extent // records that no gap comes before, by where they begin
	best   *step    // to leave for a gap
	// outside is what best was before a path inside of whole took its place.
	outside *step
}

// extent is where a record stands.
type extent struct{ off, end, place int64 }

const (
	gapBits    = 24 // what a gap costs, beside the places where it may end
	weakBits   = 10 // a record with less is not the first behind a gap
	settleBits = 120
	settleLead = 40 // over the next best path
	sureBits   = 60 // of one record that cannot be wrong
	settleMin  = 12 // records
	// outweighMin is how many records make one that they are inside of doubtful.
	outweighMin = 3
	// settleMany is as many records as settle a path whatever they weigh.
	settleMany = 4096
	// maxPaths is how many paths that end somewhere ahead are kept.
	maxPaths = 1 << 16
	// maxNested is how many records are read, in one search, of files inside
	// of values.
	maxNested = 1 << 22
	// walkPerByte is how many bytes may be read for large records by each
	// byte that is searched.
	walkPerByte = 16
)

// gapCost is what a gap behind the best path, up to the place, costs.
func (s *search) gapCost(at int64) float64 {
	return gapBits + math.Log2(float64(max(at-s.best.from, 0)+1))
}

// run searches. The path that it returns ends with a settled record, with the
// end mark, or, if last is false, with the last record before bytes that are
// none up to hi.
func (s *search) run(ctx context.Context) (path []*step, last bool, err error) {
	s.ev.prepare()
	defer s.p.BeStrict()()
	s.p.Allow(64 << 20)
	s.best = &step{record: record{off: s.lo, end: s.lo, tight: true, kind: rdb.MetaRecord, db: -1}, from: s.lo, clean: true, inDB: s.inDB}
	root := s.best
	if s.chosen {
		root.db = s.inDB
	}
	var contiguous *step
	for at, told := s.lo, s.lo; at < s.hi; at++ {
		if at >= told {
			if err := ctx.Err(); err != nil {
				return nil, false, err
			}
			if s.progress != nil {
				s.progress(at)
			}
			s.p.Allow(64<<20 + walkPerByte*(at-s.lo))
			told = at + 1<<20
		}
		if at > s.lo {
			if at = s.ahead(at); at == s.hi {
				break
			}
		}
		contiguous = s.arrive(at, root)
		if contiguous == nil {
			if skip := s.skipNested(at); skip > at {
				at = skip - 1
				continue
			}
		}
		r, ok := s.probe(at)
		if s.p.Err() != nil {
			return nil, false, s.p.Err()
		}
		if !ok {
			continue
		}
		next := s.extend(contiguous, r)
		if next == nil {
			continue
		}
		if r.kind == rdb.EndRecord || s.settled(next) {
			return trace(next), true, nil
		}
		if next.gap && len(s.ends) >= maxPaths {
			continue
		}
		heap.Push(&s.ends, next)
		follows := contiguous != nil && next.prev == contiguous
		if follows && r.tight && r.bits >= sureBits && s.onWay(r) || (follows || next.gap) && s.soundFields(r) {
			at = r.end - 1 // nothing inside it can be a record
		}
	}
	if contiguous = s.arrive(s.hi, root); contiguous != nil && contiguous.score >= s.best.score {
		return trace(contiguous), false, nil
	}
	return trace(s.best), false, nil
}

// aheadBytes is how far ahead looks at once.
const aheadBytes = 64 << 10

// ahead returns the next place from at on where there is something to look at: a
// path ends there, or a record may begin behind a gap.
func (s *search) ahead(at int64) int64 {
	for at < s.hi {
		stop := s.hi
		if len(s.ends) > 0 {
			stop = max(min(stop, s.ends[0].end), at)
		}
		b := s.p.Bytes(at, aheadBytes)
		n := int(min(stop-at, int64(max(len(b)-enterBytes, 1))))
		if len(b) == 0 {
			return s.hi
		}
		for i := range n {
			if s.p.May(b[i]) && s.ev.mayEnter(b[i:]) || i+1 < len(b) && (b[i] == 'R' && b[i+1] == 'E' || b[i] == 'V' && b[i+1] == 'A') {
				return at + int64(i)
			}
		}
		if at += int64(n); at == stop {
			return at
		}
	}
	return s.hi
}

// soundFields reports whether r is a hash whose fields each have an expiry, of which the
// soonest is meant, up to where the next record begins. Those fields look like strings,
// many of them in a row.
func (s *search) soundFields(r record) bool {
	if r.first != typeHashTTL || r.damaged || r.bits < weakBits || !s.ev.written(r.attrs, false) {
		return false
	}
	head, ok := s.p.HeadAt(r.off, rdb.State{})
	if !ok {
		return false
	}
	if b := s.p.Bytes(head.Value, soonestBytes); len(b) < soonestBytes || !meant(int64(binary.LittleEndian.Uint64(b))) {
		return false
	}
	if looks, cut := s.ev.mayBegin(s.p, r.end); looks && !cut {
		return true
	}
	next, err := s.p.At(r.end, rdb.State{})
	return err == nil && next.Damage == nil && !next.LongForm && (next.Kind != rdb.KeyRecord || s.ev.keep(&next).bits >= weakBits)
}

// onWay reports whether r is a record that was read on the way to the failure.
func (s *search) onWay(r record) bool {
	_, ok := s.known[r.off]
	return ok
}

// arrive returns the best path that ends at the place, nil if none does, and
// settles what it would be worth to leave it for a gap. One without a gap is
// better than any other: bytes inside of a record may well look like records up
// to its very end, as fields of a hash do that each have an expiry before them.
func (s *search) arrive(at int64, root *step) (here *step) {
	if at == s.lo {
		return root
	}
	filled := false // records reach up to the very end of one
	for len(s.ends) > 0 && s.ends[0].end <= at {
		st := heap.Pop(&s.ends).(*step)
		filled = filled || !st.clean && st.end == at
		switch {
		case st.end < at:
			s.leave(st)
		case here == nil || !here.clean && (st.clean || st.score > here.score):
			here = st
		}
	}
	if here != nil {
		if s.outside != nil && here.clean {
			if filled { // a value that holds records
				s.best = s.outside
			}
			s.outside = nil
		}
		s.leave(here)
	}
	return here
}

// leave makes st the path to leave for a gap if it is the best one. A record
// whose end is not proved, and behind which nothing looks like a record, may
// itself be the damaged one, and the gap begin before it: its head is then no
// evidence for its value.
func (s *search) leave(st *step) {
	inside := !st.clean && st.end < s.whole.end // of a record that is whole to all appearance
	if inside && s.best.off <= s.whole.off && !s.outweighs(st) {
		return // nothing else inside does either
	}
	if st.db >= commonDBs && !s.ev.unsized {
		return // the number of keys would follow
	}
	score, from := st.score, st.end
	if st.loose() {
		if looks, cut := s.ev.mayBegin(s.p, st.end); !looks && !cut {
			var doubt float64
			doubt, from = st.doubtful()
			score -= doubt * (1 - 1.0/64) // what is left says: rather than none
		}
	}
	if score > s.best.score {
		if inside && s.outside == nil {
			s.outside = s.best
		}
		leaving := *st
		leaving.score, leaving.from = score, from
		s.best = &leaving
	}
}

// outweighs reports whether the path that ends with st is better than the record
// that is whole to all appearance and that it is inside of: records in a row. Fields that
// each have an expiry look like strings.
func (s *search) outweighs(st *step) bool {
	n := st.n
	if s.whole.first == typeHashTTL {
		n = st.typed
	}
	return n >= outweighMin && st.run >= settleBits && st.off > s.whole.off
}

// probe reads the record at a place.
func (s *search) probe(at int64) (record, bool) {
	if at == s.failed {
		return record{}, false
	}
	if r, ok := s.known[at]; ok {
		if r.early { // the records behind it speak for it: no gap is better
			r.bits = max(r.bits, impossible)
		}
		return r, r.bits >= impossible && !s.banned[r.place()]
	}
	if b := s.p.Bytes(at, 1); len(b) == 0 || !s.p.May(b[0]) {
		return record{}, false
	}
	r, err := s.p.At(at, rdb.State{})
	if err != nil || r.End > s.hi || s.banned[placeOf(&r)] || misplaced(&r, s.inDB) {
		return record{}, false
	}
	if r.Kind == rdb.EndRecord {
		return record{off: at, end: r.End, kind: rdb.EndRecord, bits: endBits, db: -1}, s.isEnd(r.End)
	}
	k := s.ev.keep(&r)
	if s.certain[at] {
		k.bits += sureBits
	}
	if s.ev.holdsHead(s.p, &r) {
		return record{}, false
	}
	if r.Bare > at {
		if k.attrs = attrsAt(s.p, &r); !s.ev.written(k.attrs, false) {
			k.bits += attrBits
		}
	}
	return k, k.bits >= impossible
}

// extend returns the better path that ends with r: one that r follows at once,
// or one with a gap before it. It is nil if another path to the same end, which
// leaves r out, is as good.
func (s *search) extend(contiguous *step, r record) *step {
	if contiguous != nil && r.sizes && contiguous.db < 0 || r.db >= 0 && contiguous != nil && r.db <= contiguous.inDB && !s.unordered {
		contiguous = nil // no server writes that there
	}
	gap := s.best.score - s.gapCost(r.off)
	if r.bits < weakBits {
		gap -= weakBits
	}
	gap -= oddCost(r.odd)
	if contiguous != nil && (contiguous.damaged || contiguous.empty) {
		r.bits -= oddCost(r.odd) // rather what is left of the one before
	}
	if clean := contiguous != nil && contiguous.clean; !clean && r.first == 0 && s.whole.first == typeHashTTL && r.off > s.whole.off && r.off < s.whole.end {
		r.bits = min(r.bits, 0) // fields of it look like that
	}
	st := &step{record: r}
	least := s.best.score - s.gapCost(r.end) // to be better than leaving r out
	switch {
	case contiguous != nil && (contiguous.clean && contiguous.score+r.bits > least || contiguous.score >= gap):
		st.prev, st.score, st.run, st.n = contiguous, contiguous.score+r.bits, contiguous.run+r.bits, contiguous.n+1
		st.clean = contiguous.clean
	case s.best.end < r.off && !s.isValue(r):
		st.prev, st.gap, st.score, st.run, st.n = s.best, true, gap+r.bits, r.bits, 1
	default:
		return nil
	}
	if st.clean {
		s.whole = r
		s.cleans = append(s.cleans, extent{r.off, r.end, r.place()})
	}
	if !st.gap {
		st.typed = st.prev.typed
	}
	if r.kind == rdb.KeyRecord && r.first != 0 {
		st.typed++
	}
	if st.inDB = st.prev.inDB; r.db >= 0 {
		st.inDB = r.db
	}
	if r.kind != rdb.EndRecord && st.score <= least {
		return nil
	}
	return st
}

// isValue reports whether r, which selects a database and announces no keys, begins where the
// value of a damaged record does: that takes a byte at the least.
func (s *search) isValue(r record) bool {
	if r.db < 0 || !s.ev.unsized || r.off-s.best.end > maxHead {
		return false
	}
	head, ok := s.p.HeadAt(s.best.end, rdb.State{})
	return ok && head.Value == r.off && s.ev.clearHead(s.p, s.best.end)
}

// maxHead is how far from the beginning of a damaged record its value is looked for.
const maxHead = 4 << 10

// settled reports whether the path that ends with st cannot be wrong.
func (s *search) settled(st *step) bool {
	if st.n >= settleMany && st.end > s.failed {
		return true
	}
	if st.n < settleMin || st.run < settleBits || st.end <= s.failed {
		return false
	}
	if inside := !st.clean && st.off > s.whole.off && st.off < s.whole.end; inside && !s.outweighs(st) {
		return false
	}
	for _, other := range s.ends {
		if other.score > st.score-settleLead {
			return false
		}
	}
	return true
}

// footerLen is the length of the checksum.
const footerLen = 8
