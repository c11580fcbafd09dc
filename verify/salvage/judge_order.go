package salvage

import (
	"cmp"
	"container/heap"
	"slices"

	"github.com/rdbtool/rdbtool/rdb"
)

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

// at returns the gap, or the damaged record, that begins there and stands for a key, -1 if
// none does.
func (j *judge) at(from int64) int {
	i, _ := slices.BinarySearchFunc(j.p.pieces, from, func(p piece, from int64) int { return cmp.Compare(p.from, from) })
	for ; i < len(j.p.pieces) && j.p.pieces[i].from == from; i++ {
		if g := &j.p.pieces[i]; (g.kind == gap || g.kind == lost) && !g.keyless {
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
	looks := j.keyLooks(r.Key)
	if looks < minHeadBits && j.fills(g) {
		return wholeLooks
	}
	if j.sc.ev.unfamiliar(r.Key) {
		looks = min(looks, unfamiliarLooks)
	}
	return looks
}

// fills reports whether a gap is one whole record, odd as it may be.
func (j *judge) fills(g *piece) bool {
	r, err := j.sc.p.At(g.from, g.state)
	return err == nil && r.Kind == rdb.KeyRecord && r.End == g.to && r.Damage == nil && !empty(&r) && !zeros(j.sc.p, &r)
}

// wholeLooks is how much a gap looks like a record that is one, but for its key.
const wholeLooks = minHeadBits + 1

// unfamiliarLooks is the most that a gap looks like a record whose key begins as no other.
const unfamiliarLooks = minHeadBits + 4

func (s *salvage) keyLooks(key []byte) float64 {
	return s.sc.ev.key(key) - oddCost(s.sc.ev.odd(key))
}
