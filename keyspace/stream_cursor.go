package keyspace

import (
	"github.com/rdbtool/rdbtool/entry"
)

// entry makes e an entry with the value of s. The value is a cursor that
// borrows from s, which may not be changed while it is in use.
func (s *stream) fill(e *entry.Entry) {
	c := &streamCursor{s: s}
	c.Rewind()
	e.Type, e.Encoding, e.Len, e.Value = entry.Stream, entry.StreamEncoding, -1, c
}

// Rewind implements entry.Rewinder.
func (c *streamCursor) Rewind() bool {
	*c = streamCursor{s: c.s, walk: c.s.walk()}
	c.elem.Stream = &c.out
	return true
}

// streamCursor is the cursor of a stream. Where it stands is at, in the list of
// what phase gives.
type streamCursor struct {
	s     *stream
	walk  streamWalk
	elem  entry.Elem
	out   entry.StreamElem
	phase streamPhase

	group    int // the open one
	pending  pendingAt
	consumer int // the next one of the open group
	producer int // the open one
	iid      int // the next one of the open producer
	name     []byte
}

type streamPhase uint8

const (
	streamEntries streamPhase = iota
	streamGroups
	streamPending
	streamConsumers
	streamProducers
	streamIIDs
	streamAtEnd
)

func (c *streamCursor) Elem() *entry.Elem { return &c.elem }

func (c *streamCursor) Err() error { return nil }

func (c *streamCursor) Next() bool {
	s := c.s
	for {
		switch c.phase {
		case streamEntries:
			if c.walk.next() {
				c.out.Kind, c.out.ID, c.out.Fields = entry.StreamEntry, c.walk.id, c.walk.fields(c.out.Fields[:0])
				return true
			}
			c.phase, c.group = streamGroups, -1
			c.out.Kind, c.out.Info = entry.StreamInfo, s.info()
			return true
		case streamGroups:
			if c.group++; c.group == len(s.groups) {
				c.phase, c.producer = streamProducers, -1
				continue
			}
			g := s.groups[c.group]
			c.phase, c.pending, c.consumer = streamPending, pendingAt{}, 0
			c.out.Kind = entry.StreamGroup
			c.out.Group = entry.Group{Name: g.name, LastID: g.last, EntriesRead: g.read, Pending: g.pel.n, Consumers: len(g.order)}
			return true
		case streamPending:
			g := s.groups[c.group]
			p := g.pel.get(&c.pending)
			if p == nil {
				c.phase = streamConsumers
				continue
			}
			c.out.Kind, c.out.ID = entry.StreamPending, p.id
			c.out.Pending = entry.Pending{DeliveredAt: p.delivered, Deliveries: p.count, Nacked: p.owner == ownerNacked}
			if p.owner >= 0 {
				c.out.Pending.Consumer = g.consumers[p.owner].name
			}
			return true
		case streamConsumers:
			g := s.groups[c.group]
			if c.consumer == len(g.order) {
				c.phase = streamGroups
				continue
			}
			k := &g.consumers[g.order[c.consumer]]
			c.consumer++
			c.out.Kind = entry.StreamConsumer
			c.out.Consumer = entry.Consumer{Name: k.name, SeenAt: k.seen, ActiveAt: k.active, Pending: k.pending}
			return true
		default:
			return c.nextIDMP()
		}
	}
}

// nextIDMP gives what stands behind the groups.
func (c *streamCursor) nextIDMP() bool {
	m := c.s.idmp
	if m == nil {
		return false
	}
	switch c.phase {
	case streamIIDs:
		if p := m.producers[c.producer]; c.iid < len(p.iids) {
			i := &p.iids[c.iid]
			c.iid++
			c.name = append(c.name[:0], i.iid...)
			c.out.Kind, c.out.Name, c.out.ID = entry.StreamIID, c.name, i.id
			return true
		}
		fallthrough
	case streamProducers:
		if c.producer++; c.producer < len(m.producers) {
			c.phase, c.iid = streamIIDs, 0
			c.out.Kind, c.out.Name = entry.StreamProducer, m.producers[c.producer].name
			return true
		}
		c.phase = streamAtEnd
		c.out.Kind = entry.StreamIDMP
		c.out.IDMP = entry.IDMP{
			DurationSeconds: uint64(m.duration), MaxSize: uint64(m.maxSize),
			Producers: uint64(len(m.producers)), Added: m.added, Duplicates: m.duplicates,
		}
		return true
	}
	return false
}

// info returns the metadata. All that any version of the record holds is known.
func (s *stream) info() entry.Info {
	return entry.Info{
		Version: 5, Length: s.length, LastID: s.last, FirstID: s.first,
		MaxDeletedID: s.maxDeleted, EntriesAdded: s.added, Groups: uint64(len(s.groups)),
	}
}
