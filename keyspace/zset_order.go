package keyspace

import (
	"slices"
	"sort"
)

// order keeps the members of a sorted set in their order: chunks of handles of
// its dict, whose blocks do not move.
type order struct {
	d      *dict
	chunks [][]handle
	n      int
}

const orderChunk = 512

func newOrder(d *dict) *order {
	o := &order{d: d, n: d.n}
	all := make([]handle, 0, d.n)
	for _, s := range d.slots {
		if s.h != 0 {
			all = append(all, s.h)
		}
	}
	slices.SortFunc(all, func(a, b handle) int { return compareScored(o.scored(a), o.scored(b)) })
	for part := range slices.Chunk(all, orderChunk/2) {
		o.chunks = append(o.chunks, slices.Clone(part))
	}
	return o
}

func (o *order) scored(h handle) scored {
	b := block(o.d.at(h))
	return scored{b.key(), scoreOf(b.value())}
}

// place returns the chunk in which s belongs, and where in it.
func (o *order) place(s scored) (i, in int) {
	before := func(h handle) bool { return compareScored(o.scored(h), s) < 0 }
	i = sort.Search(len(o.chunks), func(i int) bool { return !before(o.chunks[i][len(o.chunks[i])-1]) })
	if i == len(o.chunks) {
		if i == 0 {
			return 0, 0
		}
		i--
		return i, len(o.chunks[i])
	}
	c := o.chunks[i]
	return i, sort.Search(len(c), func(j int) bool { return !before(c[j]) })
}

func (o *order) insert(h handle) {
	o.n++
	i, in := o.place(o.scored(h))
	if len(o.chunks) == 0 {
		o.chunks = [][]handle{{h}}
		return
	}
	c := slices.Insert(o.chunks[i], in, h)
	o.chunks[i] = c
	if len(c) > orderChunk {
		half := slices.Clone(c[len(c)/2:])
		o.chunks[i] = c[:len(c)/2]
		o.chunks = slices.Insert(o.chunks, i+1, half)
	}
}

// remove takes out a member, whose score must be the one that it was inserted
// with.
func (o *order) remove(h handle) {
	i, in := o.place(o.scored(h))
	o.n--
	o.chunks[i] = slices.Delete(o.chunks[i], in, in+1)
	if len(o.chunks[i]) == 0 {
		o.chunks = slices.Delete(o.chunks, i, i+1)
	}
}

// search is that of ranking.
func (o *order) search(reached func(s scored) bool) int {
	i := sort.Search(len(o.chunks), func(i int) bool { return reached(o.scored(o.chunks[i][len(o.chunks[i])-1])) })
	rank := 0
	for _, c := range o.chunks[:i] {
		rank += len(c)
	}
	if i < len(o.chunks) {
		c := o.chunks[i]
		rank += sort.Search(len(c), func(j int) bool { return reached(o.scored(c[j])) })
	}
	return rank
}

// handles returns the members from rank to before end.
func (o *order) handles(from, end int) []handle {
	var all []handle
	for _, c := range o.chunks {
		if from < len(c) && from < end {
			part := c[max(from, 0):min(len(c), end)]
			all = append(all, part...)
		}
		if from, end = max(from-len(c), 0), end-len(c); end <= 0 {
			break
		}
	}
	return all
}
