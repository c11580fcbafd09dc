package salvage

import (
	"cmp"
	"container/heap"
	"slices"

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
	j := &judge{salvage: s, p: &s.sc.plan, missing: map[int]int64{}, due: map[int]int64{}}
	for db, n := range s.sc.announced {
		j.missing[db] = int64(n.Keys)
		if c := s.sc.counts[db]; c != nil {
			j.missing[db] -= c.keys
		}
	}
	var ends []*piece // gaps that begin like an end mark
	for i := range j.p.pieces {
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
	if db := s.sc.state.DB(); s.sc.guessEnd && j.missing[db] > j.due[db] {
		s.sc.complete = false // more keys are to come: it was no end mark
		j.p.pieces[len(j.p.pieces)-1].to, j.p.end = s.size, s.size
	}
	for i := 0; i < len(j.p.pieces); i++ {
		j.byExcess(i)
	}
	for _, most := range []float64{impossible, minHeadBits} {
		j.pass(most, j.byExplanation)
		j.pass(most, j.byNumber)
	}
	j.takeStrings()
	j.pass(maxKeyBits, j.byExplanation)
	j.pass(maxKeyBits, j.byNumber)
}

// judge is one run of the function of that name.
type judge struct {
	*salvage
	p *plan
	// by database: keys that are announced and neither kept nor known to be
	// lost, and gaps that each stand for one.
	missing, due map[int]int64
}

// pass calls decide with each gap where no numbers are known, or fewer keys are
// missing than there are gaps, which told says. Those that begin least like a record
// come first, as they are rather what is left of one; those that look more than most
// like one are left for later. One that has taken in the record before it begins
// anew, and waits for its turn.
func (j *judge) pass(most float64, decide func(i int, told bool)) {
	var gaps candidates
	for i := range j.p.pieces {
		if g := &j.p.pieces[i]; g.kind == gap && !g.keyless {
			gaps = append(gaps, candidate{g.from, j.looks(g)})
		}
	}
	heap.Init(&gaps)
	for len(gaps) > 0 && gaps[0].looks <= most {
		i := j.at(heap.Pop(&gaps).(candidate).from)
		if i < 0 {
			continue // in another one by now
		}
		g := &j.p.pieces[i]
		db, to := g.state.DB(), g.to
		_, told := j.sc.announced[db]
		if told && !j.short(db) {
			continue // where more are missing, the damage is larger than a byte
		}
		from := g.from
		decide(i, told)
		if g := &j.p.pieces[i]; g.from < from && g.to == to {
			heap.Push(&gaps, candidate{g.from, j.looks(g)})
		}
	}
}

// at returns the gap that begins there, -1 if none does.
func (j *judge) at(from int64) int {
	i, _ := slices.BinarySearchFunc(j.p.pieces, from, func(p piece, from int64) int { return cmp.Compare(p.from, from) })
	for ; i < len(j.p.pieces) && j.p.pieces[i].from == from; i++ {
		if g := &j.p.pieces[i]; g.kind == gap && !g.keyless {
			return i
		}
	}
	return -1
}

// candidate is a gap that may be a part of a record beside it.
type candidate struct {
	from  int64
	looks float64
}

// candidates is a heap of them by how little they look like records.
type candidates []candidate

func (c candidates) Len() int { return len(c) }
func (c candidates) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(c[i].looks, c[j].looks), cmp.Compare(c[i].from, c[j].from)) < 0
}
func (c candidates) Swap(i, j int) { c[i], c[j] = c[j], c[i] }

// Push is for package heap.
func (c *candidates) Push(x any) { *c = append(*c, x.(candidate)) }

// Pop is for package heap.
func (c *candidates) Pop() any {
	last := len(*c) - 1
	g := (*c)[last]
	*c = (*c)[:last]
	return g
}

// looks is the evidence that a gap begins with the record of a key.
func (j *judge) looks(g *piece) float64 {
	r, ok := j.sc.p.HeadAt(g.from, g.state)
	if !ok || r.LongForm || r.Value > g.to {
		return impossible
	}
	return j.keyLooks(r.Key)
}

func (j *judge) keyLooks(key []byte) float64 {
	return j.sc.ev.key(key) - oddCost(j.sc.ev.odd(key))
}

// byExcess takes all strings that follow the gap at i into it where the database
// has more keys than it announces. In a hash whose fields each have an expiry, a
// field without one looks like the record of a string:
//
//	00 field value | 00 field value ...
//
// Where the fields end and strings begin nothing tells.
func (j *judge) byExcess(i int) {
	g := &j.p.pieces[i]
	db := g.state.DB()
	n := j.due[db] - j.missing[db]
	if _, told := j.sc.announced[db]; !told || g.kind != gap || n < 2 {
		return
	}
	to, end, strings, gaps := j.strings(i)
	if strings == 0 || !j.fields(g) && (n < manyFields || 2*(strings+gaps) < n) {
		return
	}
	g.to = end
	if to < len(j.p.pieces) {
		if pc := &j.p.pieces[to]; pc.from < end {
			pc.from = end
			if pc.lastBut < end {
				pc.looseBut = false
			}
		}
	}
	j.sc.counts[db].keys -= strings
	j.missing[db] += strings
	j.due[db] -= gaps
	j.p.pieces = slices.Delete(j.p.pieces, i+1, to)
}

// manyFields is how many keys too many are taken for fields of a hash that
// cannot be told.
const manyFields = 16

// strings passes over the strings without attributes behind the gap at i, and over
// gaps between them. It returns the piece and the place that it comes to, and how
// many of both there are.
func (j *judge) strings(i int) (to int, end, strings, gaps int64) {
	end = j.p.pieces[i].to
	for to = i + 1; to < len(j.p.pieces); to++ {
		pc := &j.p.pieces[to]
		if pc.kind == gap {
			if end = pc.to; !pc.keyless {
				gaps++
			}
			continue
		}
		if pc.kind != kept {
			return to, end, strings, gaps
		}
		for end < pc.to {
			r, err := j.sc.p.At(end, pc.state)
			if err != nil || r.Kind != rdb.KeyRecord || r.First != 0 || r.ExpireAt != entry.NoExpire {
				return to, end, strings, gaps
			}
			end = r.End
			strings++
		}
	}
	return to, end, strings, gaps
}

// fields reports whether a gap begins with such a hash.
func (j *judge) fields(g *piece) bool {
	r, ok := j.sc.p.HeadAt(g.from, g.state)
	return ok && r.First == typeHashTTL
}

// typeHashTTL is the RDB type of a hash whose fields each have an expiry.
const typeHashTTL = 24

// byExplanation looks for a changed byte that explains the gap. A gap that begins
// like a record needs no other explanation, unless the numbers say so.
func (j *judge) byExplanation(i int, told bool) {
	g := &j.p.pieces[i]
	looks, cut := j.sc.ev.mayBegin(j.sc.p, g.from)
	if !told && (looks || cut || j.explains(g.from, -1, g.to, g.state)) {
		return
	}
	unmeant := j.p.loose(i) && j.unmeant(j.p.pieces[i-1].last, g.state)
	if next, ok := j.bare(i); ok && !unmeant && j.explains(g.from, next.Bare, next.End, g.state) {
		j.cutNext(i, next)
		return
	}
	if j.p.loose(i) && (!told || !j.cutExpiry(i) && j.explains(j.p.pieces[i-1].last, -1, g.to, g.state)) {
		j.cutBefore(i)
	}
}

// cutExpiry reports whether the gap at i begins like an expiry, of a record that
// stands behind it.
func (j *judge) cutExpiry(i int) bool {
	first := j.firstByte(j.p.pieces[i].from)
	_, ok := j.bare(i)
	return ok && (first == opExpireMs || first == opExpire)
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

// takeStrings takes strings behind gaps into them, where there are more keys than are
// announced. The last two members of a value are one, if a zero leads to them:
//
//	type key | member  ~~~~ 00 | member  member
//
// Those that zeros lead to go first, then those that look least like a key.
func (j *judge) takeStrings() {
	var behind candidates
	for i := range j.p.pieces {
		g := &j.p.pieces[i]
		if g.kind != gap || g.keyless {
			continue
		}
		if r, ok := j.record(i + 1); ok && r.First == 0 && r.Bare == r.Offset && !r.Tight {
			looks := j.keyLooks(r.Key)
			if j.firstByte(g.to-1) == 0 {
				looks -= 2 * maxKeyBits
			}
			behind = append(behind, candidate{g.from, looks})
		}
	}
	heap.Init(&behind)
	for len(behind) > 0 {
		i := j.at(heap.Pop(&behind).(candidate).from)
		if i < 0 || !j.short(j.p.pieces[i].state.DB()) {
			continue
		}
		g, next := &j.p.pieces[i], &j.p.pieces[i+1]
		r, ok := j.record(i + 1)
		if !ok {
			continue
		}
		if g.to, next.from = r.End, r.End; next.lastBut < r.End {
			next.looseBut = false
		}
		if next.from == next.to {
			j.p.pieces = slices.Delete(j.p.pieces, i+1, i+2)
		}
		j.sc.counts[g.state.DB()].keys--
		j.missing[g.state.DB()]++
	}
}

// short reports whether a database has more keys than it announces, if each gap
// stands for one, and not so many more that its number must be wrong.
func (j *judge) short(db int) bool {
	_, told := j.sc.announced[db]
	return told && j.missing[db] < j.due[db] && j.missing[db] >= -manyFields
}

// record returns the first record of piece i, if that is a key's that is kept.
func (j *judge) record(i int) (rdb.Record, bool) {
	if i >= len(j.p.pieces) || j.p.pieces[i].kind != kept {
		return rdb.Record{}, false
	}
	pc := &j.p.pieces[i]
	r, err := j.sc.p.At(pc.from, pc.state)
	return r, err == nil && r.Kind == rdb.KeyRecord && r.Damage == nil
}

// bare returns the record behind the gap at i, if it is that of a key without
// attributes.
func (j *judge) bare(i int) (rdb.Record, bool) {
	r, ok := j.record(i + 1)
	g := &j.p.pieces[i]
	if first := j.firstByte(g.from); !ok || g.to-g.from > maxAttrBytes && first != opExpireMs && first != opExpire {
		return r, false
	}
	next := &j.p.pieces[i+1]
	if told, ok := j.sc.announced[next.state.DB()]; ok {
		if c := j.sc.counts[next.state.DB()]; c != nil && uint64(c.expires) >= told.Expires {
			return r, false // no expiry is missing
		}
	}
	return r, r.ExpireAt == entry.NoExpire
}

// maxAttrBytes is how many bytes of attributes a key may have: an expiry, an idle time
// of five bytes, and what a damaged one of them leaves.
const maxAttrBytes = 16

// cutBefore takes the record before the gap at i into it.
func (j *judge) cutBefore(i int) {
	db := j.p.pieces[i].state.DB()
	j.p.cutLast(i, "the value may be cut: nothing proves where it ends, and bytes that are no record follow")
	j.sc.counts[db].keys--
	j.missing[db]++
	if j.keyless(i) {
		j.p.pieces[i].keyless = true
		j.due[db]--
	}
}

// cutNext gives up the record behind the gap at i.
func (j *judge) cutNext(i int, r rdb.Record) {
	st := j.p.pieces[i].state
	j.p.split(i+1, r.Offset, r.End, st, "its attributes, such as the expiry, seem to stand in the damaged bytes before")
	j.p.pieces[i].keyless = true
	j.sc.counts[st.DB()].keys--
	j.due[st.DB()]--
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
		return true
	}
	meta := func(b int) bool {
		return b >= 0xF4 && b != opIdle && b != opFreq && b != opExpireMs && b != opExpire && b != opEOF
	}
	if meta(s.firstByte(p[i].from)) || i+1 < len(p) && p[i+1].kind == sizes {
		return true
	}
	return s.firstByte(p[i].to) == opAux
}

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

const (
	// explainable is how many bytes explains looks at.
	explainable = 512
	// maxTries is how many changed bytes are tried for a file, about a second's
	// work.
	maxTries = 4 << 20
)

// explains reports whether the bytes are one whole record but for a single byte.
// bare is where its type must stand, -1 for anywhere.
func (s *salvage) explains(from, bare, to int64, st rdb.State) bool {
	if to-from > explainable || from < rdb.HeaderLen || s.tries > maxTries {
		return false
	}
	s.tries += int(to-from) * 256
	p := s.sc.p
	b := append(make([]byte, 0, explainable), p.Bytes(from, int(to-from))...)
	p.Strict = true
	defer func() { p.Strict = false }()
	for i := range b {
		was := b[i]
		for v := range 256 {
			b[i] = byte(v)
			if i == 0 && !p.May(b[0]) {
				continue
			}
			r, err := p.In(b, st)
			if err == nil && r.Damage == nil && r.End == int64(len(b)) && (bare < 0 || r.Bare == bare-from) && meant(r.ExpireAt) && s.sc.ev.keep(&r).bits > 0 && s.sc.ev.written(attrsOf(b[:min(r.Bare, maxAttrs)]), bare >= 0) {
				return true
			}
			if err != nil && i > 0 && r.Value == 0 && i > headBytes {
				break // the head is wrong whatever stands here
			}
		}
		b[i] = was
	}
	return false
}

// meant reports whether a client can have meant an expiry.
func meant(at int64) bool {
	return at == entry.NoExpire || at > earliestExpiry && at < latestExpiry
}

// unmeant reports whether the fields of the hash at off have expiries that no
// client can have meant: lengths before them are wrong.
func (s *salvage) unmeant(off int64, st rdb.State) bool {
	e, err := s.sc.p.Open(off, st, min(off+explainable, s.size))
	if err != nil || e.Type != entry.Hash {
		return false
	}
	for e.Value.Next() {
		if !meant(e.Value.Elem().ExpireAt) {
			return true
		}
	}
	return false
}

// headBytes is how far the head of a record may reach, but for a long key.
const headBytes = 128
