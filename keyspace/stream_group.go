package keyspace

import (
	"bytes"
	"slices"

	"github.com/rdbtool/rdbtool/entry"
)

// streamGroup is a consumer group.
type streamGroup struct {
	name []byte
	last entry.StreamID
	read int64 // entries read, entry.Unknown if not known
	pel  pendingList

	consumers []streamConsumer // the places of deleted ones have no name
	order     []int32          // the others, by name
}

type streamConsumer struct {
	name    []byte
	seen    int64 // Unix ms
	active  int64 // Unix ms, entry.Unknown for never
	pending int   // entries of the PEL that it owns
}

func (g *streamGroup) clone() *streamGroup {
	c := *g
	c.name = bytes.Clone(g.name)
	c.pel = g.pel.clone()
	c.order = slices.Clone(g.order)
	c.consumers = slices.Clone(g.consumers)
	for i := range c.consumers {
		c.consumers[i].name = bytes.Clone(c.consumers[i].name)
	}
	return &c
}

// findGroup returns the place of a group by its name.
func (s *stream) findGroup(name []byte) (int, bool) {
	return slices.BinarySearchFunc(s.groups, name, func(g *streamGroup, name []byte) int { return bytes.Compare(g.name, name) })
}

// group returns the group of that name, nil if there is none.
func (s *stream) group(name []byte) *streamGroup {
	if i, ok := s.findGroup(name); ok {
		return s.groups[i]
	}
	return nil
}

// findConsumer returns the place of a consumer in the order of names.
func (g *streamGroup) findConsumer(name []byte) (int, bool) {
	return slices.BinarySearchFunc(g.order, name, func(i int32, name []byte) int { return bytes.Compare(g.consumers[i].name, name) })
}

// consumer returns the consumer of that name, which it creates if there is none.
func (g *streamGroup) consumer(name []byte, now int64) int32 {
	at, ok := g.findConsumer(name)
	if ok {
		return g.order[at]
	}
	c := streamConsumer{name: append(make([]byte, 0, len(name)), name...), seen: now, active: entry.Unknown}
	i := len(g.consumers)
	if len(g.order) < i { // one was deleted
		i = slices.IndexFunc(g.consumers, func(c streamConsumer) bool { return c.name == nil })
		g.consumers[i] = c
	} else {
		g.consumers = append(g.consumers, c)
	}
	g.order = slices.Insert(g.order, at, int32(i))
	return int32(i)
}

// deleteConsumer deletes the consumer at a place in the order of names, with
// its pending entries.
func (g *streamGroup) deleteConsumer(at int) {
	i := g.order[at]
	if g.consumers[i].pending > 0 {
		g.pel.filter(func(p *pendingEntry) bool { return p.owner != i })
	}
	g.consumers[i] = streamConsumer{}
	g.order = slices.Delete(g.order, at, at+1)
}

// filter keeps the pending entries of which keep says so.
func (p *pendingList) filter(keep func(*pendingEntry) bool) {
	for i, c := range p.chunks {
		kept := slices.DeleteFunc(c, func(e pendingEntry) bool { return !keep(&e) })
		p.n -= len(c) - len(kept)
		if len(kept) < cap(kept)/4 {
			kept = slices.Clone(kept)
		}
		p.chunks[i] = kept
	}
	p.chunks = slices.DeleteFunc(p.chunks, func(c []pendingEntry) bool { return len(c) == 0 })
}

// give makes a pending entry a consumer's, or nobody's.
func (g *streamGroup) give(p *pendingEntry, owner int32) {
	if p.owner >= 0 {
		g.consumers[p.owner].pending--
	}
	if p.owner = owner; owner >= 0 {
		g.consumers[owner].pending++
	}
}

// ack takes an entry off the PEL. It reports whether it was there.
func (g *streamGroup) ack(id entry.StreamID) bool {
	at, ok := g.pel.seek(id)
	if ok {
		g.drop(at)
	}
	return ok
}

// drop takes the entry at a place off the PEL, and returns the place of what
// stood behind it.
func (g *streamGroup) drop(at pendingAt) pendingAt {
	if owner := g.pel.chunks[at.chunk][at.i].owner; owner >= 0 {
		g.consumers[owner].pending--
	}
	return g.pel.remove(at)
}

// distance returns how many entries were added up to that ID, entry.Unknown if
// that cannot be told.
func (s *stream) distance(id entry.StreamID) int64 {
	switch {
	case s.added == 0:
		return 0
	case s.length == 0 && !s.last.Less(id):
		return int64(s.added)
	case s.last.Less(id):
		return entry.Unknown
	case id == s.last:
		return int64(s.added)
	case s.maxDeleted != entry.StreamID{} && !s.maxDeleted.Less(s.first): // there may be holes
		return entry.Unknown
	case id.Less(s.first):
		return int64(s.added - s.length)
	case id == s.first:
		return int64(s.added - s.length + 1)
	}
	return entry.Unknown
}

// hasHoles reports whether entries from that ID on were deleted one by one.
func (s *stream) hasHoles(from entry.StreamID) bool {
	return s.length > 0 && s.maxDeleted != entry.StreamID{} && !s.maxDeleted.Less(from)
}

// referenced reports whether a group still needs an entry: it has not been
// delivered to all groups, or is pending in one.
func (s *stream) referenced(id entry.StreamID) bool {
	for _, g := range s.groups {
		if g.last.Less(id) || g.pel.find(id) != nil {
			return true
		}
	}
	return false
}

// unreference takes an entry off the PELs of all groups.
func (s *stream) unreference(id entry.StreamID) {
	for _, g := range s.groups {
		g.ack(id)
	}
}
