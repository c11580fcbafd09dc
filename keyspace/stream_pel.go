package keyspace

import (
	"slices"

	"github.com/rdbtool/rdbtool/entry"
)

// pendingEntry is an entry that was delivered and not acknowledged.
type pendingEntry struct {
	id        entry.StreamID
	delivered int64 // Unix ms
	count     uint64
	owner     int32 // a consumer of the group, or one of the marks
}

// Owners that are no consumer.
const (
	ownerNone   = -1
	ownerNacked = -2
)

// pendingList is a PEL: pending entries by ID, in chunks of which none is empty.
type pendingList struct {
	chunks [][]pendingEntry
	cut    int // chunks cut away at the front of the array below chunks
	n      int
}

// maxPendingChunk is the number of pending entries of a chunk, at most.
const maxPendingChunk = 128

func (p *pendingList) clone() pendingList {
	c := pendingList{chunks: slices.Clone(p.chunks), n: p.n}
	for i := range c.chunks {
		c.chunks[i] = slices.Clone(c.chunks[i])
	}
	return c
}

// pendingAt is a place in a pendingList.
type pendingAt struct{ chunk, i int }

// seek returns the place of the first pending entry of that ID or a higher one,
// and whether it has that ID.
func (p *pendingList) seek(id entry.StreamID) (at pendingAt, found bool) {
	lo, hi := 0, len(p.chunks)
	if hi > 0 && p.chunks[hi-1][0].id.Less(id) {
		lo = hi - 1 // what is new goes to the end
	}
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if c := p.chunks[mid]; c[len(c)-1].id.Less(id) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	at.chunk = lo
	if lo == len(p.chunks) {
		return at, false
	}
	c := p.chunks[lo]
	lo, hi = 0, len(c)
	for lo < hi {
		if mid := int(uint(lo+hi) / 2); c[mid].id.Less(id) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	at.i = lo
	return at, c[lo].id == id
}

// find returns the pending entry of that ID, nil if there is none. It stays
// where it is until one is added or removed.
func (p *pendingList) find(id entry.StreamID) *pendingEntry {
	at, found := p.seek(id)
	if !found {
		return nil
	}
	return &p.chunks[at.chunk][at.i]
}

// get returns the pending entry at a place and moves to the next place. It
// returns nil at the end.
func (p *pendingList) get(at *pendingAt) *pendingEntry {
	if at.chunk >= len(p.chunks) {
		return nil
	}
	c := p.chunks[at.chunk]
	e := &c[at.i]
	if at.i++; at.i == len(c) {
		at.chunk, at.i = at.chunk+1, 0
	}
	return e
}

// add adds a pending entry whose ID is not there yet.
func (p *pendingList) add(e pendingEntry) *pendingEntry {
	at, _ := p.seek(e.id)
	p.n++
	k := at.chunk
	if k == len(p.chunks) { // above all
		if k > 0 && len(p.chunks[k-1]) < maxPendingChunk {
			k--
		} else {
			if len(p.chunks) == cap(p.chunks) {
				p.cut = 0
			}
			p.chunks = append(p.chunks, nil)
		}
		p.chunks[k] = append(p.chunks[k], e)
		return &p.chunks[k][len(p.chunks[k])-1]
	}
	if c := p.chunks[k]; len(c) == maxPendingChunk {
		half := len(c) / 2
		p.chunks = slices.Insert(p.chunks, k+1, slices.Clone(c[half:]))
		p.chunks[k] = slices.Clone(c[:half])
		if at.i > half {
			k, at.i = k+1, at.i-half
		}
	}
	p.chunks[k] = slices.Insert(p.chunks[k], at.i, e)
	return &p.chunks[k][at.i]
}

// remove removes the pending entry at a place. What stood behind it then
// stands at the place that is returned.
func (p *pendingList) remove(at pendingAt) pendingAt {
	p.n--
	k := at.chunk
	c := slices.Delete(p.chunks[k], at.i, at.i+1)
	p.chunks[k] = c
	switch {
	case len(c) == 0 && k == 0:
		p.chunks[0] = nil
		p.chunks = p.chunks[1:]
		if p.cut++; p.cut > 64 && p.cut > 2*len(p.chunks) {
			p.chunks, p.cut = slices.Clone(p.chunks), 0
		}
		return pendingAt{}
	case len(c) == 0:
		p.chunks = slices.Delete(p.chunks, k, k+1)
		return pendingAt{chunk: k}
	case k > 0 && len(c)+len(p.chunks[k-1]) <= maxPendingChunk/2:
		before := p.chunks[k-1]
		p.chunks[k-1] = append(before[:len(before):len(before)], c...)
		p.chunks = slices.Delete(p.chunks, k, k+1)
		k, at.i = k-1, at.i+len(before)
	case len(c) < cap(c)/4:
		p.chunks[k] = slices.Clone(c)
	}
	if at.i == len(p.chunks[k]) {
		return pendingAt{chunk: k + 1}
	}
	return pendingAt{k, at.i}
}
