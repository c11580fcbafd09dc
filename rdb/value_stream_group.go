package rdb

import (
	"fmt"

	"github.com/rdbtool/rdbtool/entry"
)

// streamGroup is a consumer group in memory. The file lists the pending
// entries first and says later, consumer by consumer, who owns them; so a
// group is read as a whole, at some 48 bytes for each pending entry, and given
// out joined.
//
//	str name, ID last, [len entries read]                       (v2)
//	len n, n x ( 16 bytes ID, ms8 delivered, len deliveries )
//	len n, n x ( str name, ms8 seen, [ms8 active], len m, m x 16 bytes ID )   (active: v3)
//	[len n, n x 16 bytes ID]                                    (v5: given back, owned by nobody)
type streamGroup struct {
	group     entry.Group
	pending   []pendingEntry
	consumers []entry.Consumer
	arena     []byte // the names of group and consumers
	sorted    bool   // pending, by ID
	index     map[entry.StreamID]int32
	at        int // elements given: the group, the pending entries, the consumers
}

type pendingEntry struct {
	id         entry.StreamID
	delivered  int64
	deliveries uint64
	owner      int32 // in consumers, or one of the marks
}

const (
	ownerNone   = -1
	ownerNacked = -2
)

func (g *streamGroup) reset() {
	g.pending, g.consumers, g.arena, g.index, g.at = g.pending[:0], g.consumers[:0], g.arena[:0], nil, -1
}

// keep copies s so that it outlives the window.
func (g *streamGroup) keep(s []byte) []byte {
	if g.arena == nil {
		g.arena = []byte{} // an empty name is a name
	}
	start := len(g.arena)
	g.arena = append(g.arena, s...)
	return g.arena[start:len(g.arena):len(g.arena)]
}

// next puts the next element of the group into out.
func (g *streamGroup) next(out *entry.StreamElem) bool {
	if g.at < 0 {
		return false
	}
	i := g.at
	g.at++
	switch {
	case i == 0:
		out.Kind, out.Group = entry.StreamGroup, g.group
	case i-1 < len(g.pending):
		p := &g.pending[i-1]
		out.Kind, out.ID = entry.StreamPending, p.id
		out.Pending = entry.Pending{DeliveredAt: p.delivered, Deliveries: p.deliveries, Nacked: p.owner == ownerNacked}
		if p.owner >= 0 {
			out.Pending.Consumer = g.consumers[p.owner].Name
		}
	case i-1-len(g.pending) < len(g.consumers):
		out.Kind, out.Consumer = entry.StreamConsumer, g.consumers[i-1-len(g.pending)]
	default:
		g.at = -1
		return false
	}
	return true
}

// load reads the group at the start of the window.
func (g *streamGroup) load(d *decoder, version int) error {
	g.reset()
	var n uint64
	err := d.parse(func(p *parser) {
		name := p.text()
		g.group = entry.Group{LastID: p.id(), EntriesRead: entry.Unknown}
		if version >= 2 {
			g.group.EntriesRead = int64(p.length())
		}
		if n = p.length(); p.err == nil {
			g.group.Name = g.keep(name)
		}
	})
	if err == nil {
		err = g.loadPending(d, n)
	}
	if err == nil {
		err = d.parse(func(p *parser) { n = p.length() })
	}
	for ; n > 0 && err == nil; n-- {
		err = g.loadConsumer(d, version)
	}
	if err == nil && version >= 5 {
		if err = d.parse(func(p *parser) { n = p.length() }); err == nil {
			err = g.own(d, n, ownerNacked)
		}
	}
	g.group.Pending, g.group.Consumers, g.at = len(g.pending), len(g.consumers), 0
	return err
}

// many reads n items of some bytes each, as many at a time as the window holds.
func (d *decoder) many(n uint64, item func(p *parser)) error {
	for n > 0 {
		p := &d.p
		*p = parser{b: d.in.rest(), arena: &d.values}
		done := 0
		for ; n > 0; n-- {
			if item(p); p.err != nil {
				break
			}
			done = p.n
		}
		d.in.pos += done
		if p.err != nil {
			if err := d.more(p.err, p.missing); err != nil {
				return d.fault("consumer group", -1, err)
			}
		}
	}
	return nil
}

func (g *streamGroup) loadPending(d *decoder, n uint64) error {
	g.sorted = true
	return d.many(n, func(p *parser) {
		e := pendingEntry{id: p.rawID(), delivered: int64(p.u64()), deliveries: p.length(), owner: ownerNone}
		if p.err == nil {
			if k := len(g.pending); k > 0 && !g.pending[k-1].id.Less(e.id) {
				g.sorted = false
			}
			g.pending = append(g.pending, e)
		}
	})
}

func (g *streamGroup) loadConsumer(d *decoder, version int) error {
	c := entry.Consumer{ActiveAt: entry.Unknown}
	var n uint64
	err := d.parse(func(p *parser) {
		name := p.text()
		c.SeenAt = int64(p.u64())
		if version >= 3 {
			c.ActiveAt = int64(p.u64())
		}
		if n = p.length(); p.err == nil {
			c.Name = g.keep(name)
		}
	})
	if err != nil {
		return err
	}
	c.Pending = int(min(n, uint64(len(g.pending))))
	g.consumers = append(g.consumers, c)
	return g.own(d, n, int32(len(g.consumers)-1))
}

// own reads n IDs and marks the pending entries of these IDs as owner's.
func (g *streamGroup) own(d *decoder, n uint64, owner int32) error {
	hint := 0
	return d.many(n, func(p *parser) {
		id := p.rawID()
		if p.err != nil {
			return
		}
		i, ok := g.find(id, hint)
		switch {
		case !ok:
			p.fail(wrong(ErrOwner, "%s claims entry %s, which is not pending in the group", g.ownerName(owner), id))
		case g.pending[i].owner != ownerNone:
			p.fail(wrong(ErrOwnedTwice, "entry %s has two owners, the second is %s", id, g.ownerName(owner)))
		default:
			g.pending[i].owner = owner
			hint = i + 1
		}
	})
}

func (g *streamGroup) ownerName(owner int32) string {
	if owner == ownerNacked {
		return "the zone of entries given back"
	}
	return fmt.Sprintf("consumer %q", g.consumers[owner].Name)
}

// find returns the pending entry of that ID, looking first at hint: consumers
// list their entries in the order of the group.
func (g *streamGroup) find(id entry.StreamID, hint int) (int, bool) {
	if hint < len(g.pending) && g.pending[hint].id == id {
		return hint, true
	}
	if !g.sorted {
		if g.index == nil {
			g.index = make(map[entry.StreamID]int32, len(g.pending))
			for i := range g.pending {
				g.index[g.pending[i].id] = int32(i)
			}
		}
		i, ok := g.index[id]
		return int(i), ok
	}
	lo, hi := 0, len(g.pending)
	for lo < hi {
		if mid := int(uint(lo+hi) / 2); g.pending[mid].id.Less(id) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, lo < len(g.pending) && g.pending[lo].id == id
}
