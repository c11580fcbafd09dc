package salvage

import (
	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

// judge decides about the records beside gaps. A gap may be what is left of one
// of them:
//
//	|--whole--|~~~~~~~~|--whole--|     alone: a type, or a length of the key
//	|--cut----|~rest~~~|--whole--|     before: a length of the value is too small
//	|--whole--|~expiry~|--bare---|     behind: attributes of the next record
//
// A record before is trusted if its own bytes prove where it ends. Else the
// number of keys that the database announces decides: of the first file one key
// is missing, of the others none. Where it does not tell, it is what one changed
// byte explains, and where nothing does, neither record is kept.
func (s *salvage) judge() {
	s.loseEmpty()
	j := &judge{salvage: s, p: &s.sc.plan, missing: map[int]int64{}, due: map[int]int64{}, withExpiry: map[int]int64{}}
	for db, n := range s.sc.announced {
		j.missing[db] = int64(n.Keys)
		if c := s.sc.counts[db]; c != nil {
			j.missing[db] -= c.keys
		}
	}
	var ends []*piece // gaps that begin like an end mark
	for i := range j.p.pieces {
		if j.p.bad(i) && j.expiring(&j.p.pieces[i]) {
			j.withExpiry[j.p.pieces[i].state.DB()]++
		}
		switch pc := &j.p.pieces[i]; {
		case pc.kind == lost:
			j.missing[pc.state.DB()]--
		case pc.kind == gap && s.keyless(i):
			pc.keyless = true
		case pc.kind == gap && s.firstByte(pc.from) == opEOF:
			ends = append(ends, pc)
		case pc.kind == gap:
			j.due[pc.state.DB()]++
		}
	}
	for _, pc := range ends { // a key's type may have become the opcode
		db := pc.state.DB()
		if pc.keyless = j.missing[db] <= j.due[db]; !pc.keyless {
			j.due[db]++
		}
	}
	if db := s.sc.state.DB(); s.sc.guessEnd && j.missing[db] > j.due[db] && !s.commandsAt(s.sc.plan.end+s.footer()) {
		s.sc.complete = false // more keys are to come: it was no end mark
		j.p.pieces[len(j.p.pieces)-1].to, j.p.end = s.size, s.size
	}
	j.joinLost()
	for i := range j.p.pieces {
		j.rescue(i)
	}
	j.rescueEnds()
	for i := 0; i < len(j.p.pieces); {
		i = j.byExcess(i)
	}
	j.decide(impossible)
	j.decide(minHeadBits)
	j.takeStrings(unlikeKeys)
	j.decide(unfamiliarLooks)
	j.takeStrings(maxKeyBits)
	j.decide(maxKeyBits)
	for i := range j.p.pieces {
		j.rescue(i)
	}
}

// decide decides about gaps that look that much like records at the most.
func (j *judge) decide(most float64) {
	j.pass(most, j.byExplanation)
	j.pass(most, j.byNumber)
}

// judge is one run of the function of that name.
type judge struct {
	*salvage
	p *plan
	// by database: keys that are announced and neither kept nor known to be
	// lost, gaps that each stand for one, and keys not kept of which an expiry is left.
	missing, due, withExpiry map[int]int64
	all                      map[int]*census
}

// byNumber decides where the numbers leave no other way. A gap that begins like an
// expiry is rather one.
func (j *judge) byNumber(i int, told bool) {
	if !told {
		return
	}
	if j.p.loose(i) && !j.cutExpiry(i) {
		j.cutBefore(i)
		return
	}
	if next, ok := j.bare(i); ok {
		j.cutNext(i, next)
	}
}

// short reports whether a database has more keys than it announces, if each gap
// stands for one, and not so many more that its number must be wrong.
func (j *judge) short(db int) bool {
	_, told := j.sc.announced[db]
	return told && j.missing[db] < j.due[db] && j.missing[db] >= -manyFields
}

// record returns the first record of piece i, if that is a key's that is kept.
func (j *judge) record(i int) (rdb.Record, bool) { return j.first(j.p, i) }

// first returns the first record of piece i of a plan, if that is a key's that is kept.
func (s *salvage) first(p *plan, i int) (rdb.Record, bool) {
	if i >= len(p.pieces) || p.pieces[i].kind != kept {
		return rdb.Record{}, false
	}
	pc := &p.pieces[i]
	if pc.from == pc.to {
		return rdb.Record{}, false // it has been taken into a gap
	}
	r, err := s.sc.p.At(pc.from, pc.state)
	return r, err == nil && r.Kind == rdb.KeyRecord && r.Damage == nil
}

// cutBefore takes the record before the gap at i into it.
func (j *judge) cutBefore(i int) {
	db := j.p.pieces[i].state.DB()
	r, err := j.sc.p.At(j.p.pieces[i-1].last, j.p.pieces[i-1].state)
	if err == nil && r.ExpireAt != entry.NoExpire {
		j.sc.counts[db].expires--
		j.withExpiry[db]++
	}
	j.p.cutLast(i, "the value may be cut: nothing proves where it ends, and bytes that are no record follow")
	j.sc.counts[db].keys--
	j.missing[db]++
	if j.keyless(i) || j.joins(i) {
		j.p.pieces[i].keyless = true
		j.due[db]--
	}
}

// joins reports whether nothing is kept any more between the gap at i and one before that
// stands for a key, and no other key seems to begin with it.
func (j *judge) joins(i int) bool {
	if i < 2 || j.p.pieces[i-1].kind != kept || j.p.pieces[i-1].from < j.p.pieces[i-1].to {
		return false
	}
	before := &j.p.pieces[i-2]
	return before.kind == gap && !before.keyless && !j.sc.ev.clearHead(j.sc.p, j.p.pieces[i].from)
}

// keyless reports whether the gap at i held no key: it is what is left of one that
// is lost anyhow, or stands where other records do.
func (s *salvage) keyless(i int) bool {
	p := s.sc.plan.pieces
	before := i - 1
	for before >= 0 && s.noKeys(&p[before]) {
		before--
	}
	if before >= 0 && p[before].kind == lost {
		return !s.sc.ev.clearHead(s.sc.p, p[i].from)
	}
	meta := func(b int) bool {
		return b >= opSlot && b != opIdle && b != opFreq && b != opExpireMs && b != opExpire && b != opEOF
	}
	first := s.firstByte(p[i].from)
	if meta(first) && (first != opSelectDB || p[i].to-p[i].from <= maxDatabaseBytes) || i+1 < len(p) && p[i+1].kind == sizes {
		return true
	}
	return s.firstByte(p[i].to) == opAux && !s.sc.ev.clearHead(s.sc.p, p[i].from)
}

// maxDatabaseBytes is how many bytes a database begins with: its number, and how many keys it
// has.
const maxDatabaseBytes = 16

// noKeys reports whether nothing is kept of a piece, or a single record that is no
// key's.
func (s *salvage) noKeys(p *piece) bool {
	if p.kind != kept || p.from == p.to {
		return p.from == p.to
	}
	r, err := s.sc.p.At(p.from, p.state)
	return err == nil && r.Kind == rdb.MetaRecord && r.End == p.to
}

// firstByte returns the byte at off, -1 behind the end.
func (s *salvage) firstByte(off int64) int {
	if b := s.sc.p.Bytes(off, 1); len(b) == 1 {
		return int(b[0])
	}
	return -1
}
