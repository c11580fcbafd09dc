package salvage

import (
	"container/heap"
	"slices"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

// byExcess takes all strings that follow the gap at i into it where the database
// has more keys than it announces. In a hash whose fields each have an expiry, a
// field without one looks like the record of a string:
//
//	00 field value | 00 field value ...
//
// Where the fields end and strings begin nothing tells. It returns the piece to go on
// with: gaps between strings that are no fields are no more than that gap.
func (j *judge) byExcess(i int) (next int) {
	g := &j.p.pieces[i]
	db := g.state.DB()
	n := j.due[db] - j.missing[db]
	if _, told := j.sc.announced[db]; !told || g.kind != gap || n < 2 || n < manyFields && !j.fields(g) {
		return i + 1
	}
	to, end, strings, gaps := j.strings(i)
	if strings == 0 {
		return i + 1
	}
	if !j.fields(g) && 2*(strings+gaps) < n {
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
		j.sc.counts[g.state.DB()].keys--
		j.missing[g.state.DB()]++
	}
}
