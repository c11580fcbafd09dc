package convert

import (
	"github.com/rdbtool/rdbtool/entry"
)

// appendStream appends a stream: what its cursor gives, in that order.
func (c *chunk) appendStream(v entry.Value) {
	s := streamJSON{chunk: c}
	c.raw(`{"entries":[`)
	for v.Next() && c.err == nil {
		s.element(v.Elem().Stream)
		c.spill()
	}
	s.closeGroups()
	c.raw(`}`)
}

// streamJSON knows which brackets are open.
type streamJSON struct {
	*chunk
	version   int
	n         int // elements written in the innermost open array
	groups    int
	inPending bool
	producers int
	inGroups  bool
	inIDMP    bool
}

func (s *streamJSON) element(e *entry.StreamElem) {
	switch e.Kind {
	case entry.StreamEntry:
		s.raw(separator(s.n, `{"id":"`, `,{"id":"`))
		s.buf = e.ID.AppendTo(s.buf)
		s.raw(`","fields":`)
		s.list(e.Fields)
		s.raw(`}`)
		s.n++
	case entry.StreamInfo:
		s.info(&e.Info)
	case entry.StreamGroup:
		s.closeGroup()
		s.raw(separator(s.groups, `{"name":`, `,{"name":`))
		s.group(&e.Group)
	case entry.StreamPending:
		s.raw(separator(s.n, `{"id":"`, `,{"id":"`))
		s.buf = e.ID.AppendTo(s.buf)
		s.pending(&e.Pending)
		s.n++
	case entry.StreamConsumer:
		s.consumer(&e.Consumer)
	case entry.StreamProducer:
		s.openIDMP()
		s.raw(separator(s.producers, `{"name":`, `]},{"name":`))
		s.str(e.Name)
		s.raw(`,"iids":[`)
		s.producers++
		s.n = 0
	case entry.StreamIID:
		s.raw(separator(s.n, `{"iid":`, `,{"iid":`))
		s.str(e.Name)
		s.raw(`,"id":"`)
		s.buf = e.ID.AppendTo(s.buf)
		s.raw(`"}`)
		s.n++
	case entry.StreamIDMP:
		s.idmp(&e.IDMP)
	}
}

func (s *streamJSON) id(name string, id entry.StreamID) {
	s.raw(name)
	s.buf = append(s.buf, '"')
	s.buf = id.AppendTo(s.buf)
	s.buf = append(s.buf, '"')
}

// known appends v, null for a number that the server did not know.
func (s *streamJSON) known(name string, v int64) {
	s.raw(name)
	if v == entry.Unknown {
		s.raw(`null`)
		return
	}
	s.int(v)
}

func (s *streamJSON) info(in *entry.Info) {
	s.version, s.inGroups = in.Version, true
	s.raw(`],"length":`)
	s.uint(in.Length)
	s.id(`,"last_id":`, in.LastID)
	if in.Version >= 2 {
		s.id(`,"first_id":`, in.FirstID)
		s.id(`,"max_deleted_id":`, in.MaxDeletedID)
		s.raw(`,"entries_added":`)
		s.uint(in.EntriesAdded)
	}
	s.raw(`,"groups":[`)
}

func (s *streamJSON) group(g *entry.Group) {
	s.str(g.Name)
	s.id(`,"last_id":`, g.LastID)
	if s.version >= 2 {
		s.known(`,"entries_read":`, g.EntriesRead)
	}
	s.raw(`,"pending":[`)
	s.groups++
	s.n, s.inPending = 0, true
}

func (s *streamJSON) pending(p *entry.Pending) {
	s.raw(`"`)
	if p.Consumer != nil {
		s.raw(`,"consumer":`)
		s.str(p.Consumer)
	}
	s.raw(`,"delivered_at_ms":`)
	s.int(p.DeliveredAt)
	s.raw(`,"deliveries":`)
	s.uint(p.Deliveries)
	if p.Nacked {
		s.raw(`,"nacked":true`)
	}
	s.raw(`}`)
}

func (s *streamJSON) consumer(c *entry.Consumer) {
	if s.inPending {
		s.closePending()
	}
	s.raw(separator(s.n, `{"name":`, `,{"name":`))
	s.str(c.Name)
	s.raw(`,"seen_at_ms":`)
	s.int(c.SeenAt)
	if s.version >= 3 {
		s.known(`,"active_at_ms":`, c.ActiveAt)
	}
	s.raw(`}`)
	s.n++
}

func (s *streamJSON) closePending() {
	s.raw(`],"consumers":[`)
	s.n, s.inPending = 0, false
}

// closeGroup closes the group that is open, if any.
func (s *streamJSON) closeGroup() {
	if s.groups > 0 {
		if s.inPending {
			s.closePending()
		}
		s.raw(`]}`)
	}
}

// closeGroups closes the array of groups, if it is open.
func (s *streamJSON) closeGroups() {
	if s.inGroups {
		s.closeGroup()
		s.raw(`]`)
		s.inGroups = false
	}
}

func (s *streamJSON) openIDMP() {
	if !s.inIDMP {
		s.closeGroups()
		s.raw(`,"idmp":{"producers":[`)
		s.inIDMP = true
	}
}

func (s *streamJSON) idmp(m *entry.IDMP) {
	s.openIDMP()
	if s.producers > 0 {
		s.raw(`]}`)
	}
	s.raw(`],"duration_seconds":`)
	s.uint(m.DurationSeconds)
	s.raw(`,"max_size":`)
	s.uint(m.MaxSize)
	s.raw(`,"added":`)
	s.uint(m.Added)
	s.raw(`,"duplicates":`)
	s.uint(m.Duplicates)
	s.raw(`}`)
}
