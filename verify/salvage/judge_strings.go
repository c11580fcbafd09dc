package salvage

import (
	"bytes"
	"cmp"
	"math"
	"slices"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/rdbwire"
	"github.com/rdbtool/rdbtool/rdb"
)

// byExcess takes strings that follow the gap at i into it where the database
// has more keys than it announces. In a hash whose fields each have an expiry, a
// field without one looks like the record of a string:
//
//	18 key soonest(8) n | 00 field value | 00 field value ...
//
// It takes no more than the hash has fields, where the gap begins with one, nor than there
// are keys too many. Else where the fields end and strings begin nothing tells, and a number
// that is much too small is none that a server wrote. It returns the piece to go on with:
// gaps between strings that are no fields are no more than that gap.
func (j *judge) byExcess(i int) (next int) {
	g := &j.p.pieces[i]
	db := g.state.DB()
	n, most := j.due[db]-j.missing[db], int64(math.MaxInt64)
	due, told := j.sc.announced[db]
	if !told || g.kind != gap || n < 2 {
		return i + 1
	}
	count, hash := j.fields(g)
	if hash {
		most = min(n, count)
	} else if n > int64(due.Keys) || n < manyFields {
		return i + 1
	}
	to, end, strings, gaps := j.strings(i, most)
	if strings == 0 {
		return i + 1
	}
	if !hash && (2*(strings+gaps) < n || strings > n+manyFields) {
		return max(to, i+1)
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
	return i + 1
}

// manyFields is how many keys too many are taken for fields of a hash that
// cannot be told.
const manyFields = 16

// strings passes over the strings without attributes behind the gap at i, and over
// gaps between them, most of both at the most. It returns the piece and the place that it
// comes to, and how many of both there are.
func (j *judge) strings(i int, most int64) (to int, end, strings, gaps int64) {
	end = j.p.pieces[i].to
	for to = i + 1; to < len(j.p.pieces) && strings+gaps < most; to++ {
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
			if strings+gaps == most {
				return to, end, strings, gaps
			}
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

// fields reports whether a gap begins with such a hash, and how many it says that there are.
func (j *judge) fields(g *piece) (n int64, ok bool) {
	r, ok := j.sc.p.HeadAt(g.from, g.state)
	if !ok || r.First != typeHashTTL || !j.sc.p.May(r.First) || r.LongForm || r.Value > g.to {
		return 0, false
	}
	if b := j.sc.p.Bytes(r.Value, soonestBytes+9); len(b) > soonestBytes {
		if v, _, err := rdbwire.Length(b[soonestBytes:]); err == nil && v > 0 && v < math.MaxInt64 {
			return int64(v), true
		}
	}
	return math.MaxInt64, true
}

// soonestBytes is how many bytes the earliest expiry of a hash's fields takes.
const soonestBytes = 8

// typeHashTTL is the RDB type of a hash whose fields each have an expiry.
const typeHashTTL = 24

// takeStrings takes strings behind gaps into them, where there are more keys than are
// announced. The last two members of a value are one, if a zero leads to them:
//
//	type key | member  ~~~~ 00 | member  member
//
// Those that zeros lead to, the number of its elements too, go first, then those that
// look least like a key. Other members are a record of another type, whose key begins as
// no other does. A gap in which a second record begins stands for two keys: as many that
// begin so may be none though the number of keys is right. Where no number is known, it is
// those that zeros lead to and whose keys begin as something in the gap does.
//
// Those that look more than most like one are left for later.
func (j *judge) takeStrings(most float64) {
	suspects, more := j.suspects()
	for _, s := range suspects {
		i := j.at(s.gap)
		if i < 0 || s.looks > most {
			continue
		}
		db := j.p.pieces[i].state.DB()
		_, told := j.sc.announced[db]
		switch {
		case j.short(db), !told && s.alike:
		case told && s.rather && j.missing[db] < j.due[db]+more[db]:
		default:
			continue
		}
		j.takeNext(i)
	}
}

// unlikeKeys is the most that strings look like records if anything speaks against them.
const unlikeKeys = 0

// suspect is a record that may be members of the damaged value before it.
type suspect struct {
	gap   int64   // where that gap begins
	looks float64 // how much it looks like a key's, and less if there is more against it
	// rather says that its key begins as no other, and that zeros lead to it or other records
	// begin inside of it, and alike that it begins as something in the gap, and zeros lead to it.
	rather, alike bool
}

// suspects returns them, the likeliest first, and by database how many records begin
// inside of gaps.
func (j *judge) suspects() (all []suspect, more map[int]int64) {
	more = map[int]int64{}
	for i := range j.p.pieces {
		g := &j.p.pieces[i]
		db := g.state.DB()
		if g.kind == gap && !g.keyless {
			more[db] += int64(j.sc.ev.headsBehind(j.sc.p, g.from, g.to))
		}
		if s, holds, ok := j.suspectAt(i); ok {
			more[db] += holds
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b suspect) int { return cmp.Or(cmp.Compare(a.looks, b.looks), cmp.Compare(a.gap, b.gap)) })
	return all, more
}

// suspectAt returns the one behind the gap at i, and how many records begin inside of it.
func (s *salvage) suspectAt(i int) (sus suspect, holds int64, ok bool) {
	p := &s.sc.plan
	g := &p.pieces[i]
	nothing := g.kind == lost && s.isEmpty(g)
	if !nothing && (g.kind != gap || g.keyless) {
		return sus, 0, false
	}
	r, ok := s.first(p, i+1)
	if !ok || r.Bare > r.Offset || r.Tight {
		return sus, 0, false
	}
	sus = suspect{gap: g.from, looks: s.keyLooks(r.Key)}
	begin, unfamiliar := beginningOf(r.Key), s.sc.ev.unfamiliar(r.Key)
	if unfamiliar {
		sus.looks -= maxKeyBits
		holds = int64(s.sc.ev.headsBehind(s.sc.p, r.Offset, r.End))
	}
	if r.First != 0 && holds == 0 {
		return sus, 0, false
	}
	led := nothing || s.firstByte(g.to-1) == 0
	if led {
		sus.looks -= 2 * maxKeyBits
	}
	sus.rather = unfamiliar && (led || holds > 0)
	sus.alike = unfamiliar && led && (nothing || bytes.Contains(s.sc.p.Bytes(g.from, int(min(g.to-g.from, maxCrossing))), begin[:]))
	return sus, holds, true
}

// takeNext takes the record behind the gap, or the damaged record, at i into it.
func (j *judge) takeNext(i int) {
	r, ok := j.record(i + 1)
	if !ok {
		return
	}
	g, next := &j.p.pieces[i], &j.p.pieces[i+1]
	db := g.state.DB()
	g.to, next.from = r.End, r.End
	next.loose = next.loose && next.last >= r.End
	next.looseBut = next.looseBut && next.lastBut >= r.End
	j.sc.counts[db].keys--
	j.missing[db]++
	if next.from < next.to || i+2 == len(j.p.pieces) || !j.short(db) {
		return
	}
	if rest := &j.p.pieces[i+2]; rest.kind == gap && !rest.keyless { // of the same value
		rest.keyless = true
		j.due[db]--
	}
}
