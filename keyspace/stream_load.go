package keyspace

import (
	"errors"
	"math"
	"slices"

	"github.com/rdbtool/rdbtool/entry"
)

var (
	errStreamOrder    = errors.New("the entries of the stream are not in order")
	errStreamFields   = errors.New("a stream entry with a field and no value")
	errGroupTwice     = errors.New("a consumer group appears twice")
	errConsumerTwice  = errors.New("a consumer appears twice in its group")
	errPendingTwice   = errors.New("an entry is pending twice in a group")
	errPendingOwner   = errors.New("an entry is pending of a consumer that the group does not have")
	errStreamCounters = errors.New("the metadata of the stream is out of range")
)

// load fills s, which is new, from the cursor of e. What the version of the
// record does not say is filled in as servers do it.
func (s *stream) load(e *entry.Entry) error {
	var (
		g        *streamGroup
		declared map[string]int32 // owners of pending entries, which come before the consumers
		producer []byte
		version  = 5
	)
	for e.Value.Next() {
		m := e.Value.Elem().Stream
		switch m.Kind {
		case entry.StreamEntry:
			if s.length > 0 && !s.last.Less(m.ID) {
				return errStreamOrder
			}
			if len(m.Fields)%2 != 0 {
				return errStreamFields
			}
			s.append(m.ID, m.Fields)
		case entry.StreamInfo:
			if version = m.Info.Version; version == 0 {
				version = 5
			}
			if err := s.loadInfo(&m.Info, version); err != nil {
				return err
			}
		case entry.StreamGroup:
			if err := g.complete(); err != nil {
				return err
			}
			at, ok := s.findGroup(m.Group.Name)
			if ok {
				return errGroupTwice
			}
			g = &streamGroup{name: append([]byte{}, m.Group.Name...), last: m.Group.LastID, read: m.Group.EntriesRead}
			if version < 2 {
				g.read = s.distance(g.last)
			}
			s.groups = slices.Insert(s.groups, at, g)
			declared = map[string]int32{}
		case entry.StreamPending:
			if err := g.loadPending(m, declared); err != nil {
				return err
			}
		case entry.StreamConsumer:
			if err := g.loadConsumer(&m.Consumer, declared, version); err != nil {
				return err
			}
		case entry.StreamProducer:
			producer = append(producer[:0], m.Name...)
			s.idempotence().producer(producer)
		case entry.StreamIID:
			if p := s.idempotence().producer(producer); !s.idmp.has(producer, m.Name) {
				p.add(m.Name, m.ID)
			}
		case entry.StreamIDMP:
			d := &m.IDMP
			if d.DurationSeconds > math.MaxInt64 || d.MaxSize > math.MaxInt64 {
				return errStreamCounters
			}
			if s.idmp == nil && *d == entry.DefaultIDMP {
				continue
			}
			i := s.idempotence()
			i.duration, i.maxSize = int64(d.DurationSeconds), int64(d.MaxSize)
			i.added, i.duplicates = d.Added, d.Duplicates
		}
	}
	if err := e.Value.Err(); err != nil {
		return err
	}
	return g.complete()
}

// loadInfo takes over the metadata, behind all entries.
func (s *stream) loadInfo(in *entry.Info, version int) error {
	if in.LastID.Less(s.last) {
		return errStreamOrder
	}
	s.last, s.added = in.LastID, s.length
	if version < 2 {
		return nil
	}
	if in.EntriesAdded > math.MaxInt64 {
		return errStreamCounters
	}
	s.first, s.maxDeleted, s.added = in.FirstID, in.MaxDeletedID, in.EntriesAdded
	return nil
}

func (g *streamGroup) loadPending(m *entry.StreamElem, declared map[string]int32) error {
	if g == nil || g.pel.find(m.ID) != nil {
		return errPendingTwice
	}
	p := pendingEntry{id: m.ID, delivered: m.Pending.DeliveredAt, count: m.Pending.Deliveries, owner: ownerNone}
	switch {
	case m.Pending.Nacked:
		p.owner = ownerNacked
	case m.Pending.Consumer != nil:
		i, ok := declared[string(m.Pending.Consumer)]
		if !ok {
			i = int32(len(g.consumers))
			declared[string(m.Pending.Consumer)] = i
			g.consumers = append(g.consumers, streamConsumer{})
		}
		p.owner = i
		g.consumers[i].pending++
	}
	g.pel.add(p)
	return nil
}

func (g *streamGroup) loadConsumer(m *entry.Consumer, declared map[string]int32, version int) error {
	if g == nil {
		return errConsumerTwice
	}
	at, ok := g.findConsumer(m.Name)
	if ok {
		return errConsumerTwice
	}
	i, ok := declared[string(m.Name)]
	if !ok {
		i = int32(len(g.consumers))
		g.consumers = append(g.consumers, streamConsumer{})
	}
	c := &g.consumers[i]
	c.name, c.seen, c.active = append([]byte{}, m.Name...), m.SeenAt, m.ActiveAt
	if version < 3 {
		c.active = c.seen
	}
	g.order = slices.Insert(g.order, at, i)
	return nil
}

// complete checks that all owners of pending entries are consumers.
func (g *streamGroup) complete() error {
	if g != nil && len(g.order) != len(g.consumers) {
		return errPendingOwner
	}
	return nil
}
