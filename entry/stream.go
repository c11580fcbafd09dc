package entry

import (
	"bytes"
	"strconv"
)

// StreamID is the ID of a stream entry.
type StreamID struct{ Ms, Seq uint64 }

// AppendTo appends the ID as text, "ms-seq".
func (id StreamID) AppendTo(dst []byte) []byte {
	dst = strconv.AppendUint(dst, id.Ms, 10)
	dst = append(dst, '-')
	return strconv.AppendUint(dst, id.Seq, 10)
}

func (id StreamID) String() string { return string(id.AppendTo(nil)) }

// Less reports whether id comes before other.
func (id StreamID) Less(other StreamID) bool {
	return id.Ms < other.Ms || id.Ms == other.Ms && id.Seq < other.Seq
}

// StreamKind tells what an element of a stream is.
type StreamKind uint8

// The kinds, in the order in which a cursor gives them: all entries, once the
// metadata, then each group followed by its pending entries and its consumers,
// then (version 4 and later) each producer followed by the IDs remembered for
// it, and at the end the state of idempotent production.
const (
	StreamEntry StreamKind = iota
	StreamInfo
	StreamGroup
	StreamPending
	StreamConsumer
	StreamProducer
	StreamIID
	StreamIDMP
)

// Unknown marks a number that a stream holds as "not known".
const Unknown int64 = -1

// StreamElem is one element of a stream. Kind tells which of the parts holds.
type StreamElem struct {
	Kind StreamKind

	ID     StreamID // of an entry, a pending entry, a remembered iid
	Fields [][]byte // of an entry: field, value, field, value ...; borrowed

	Info     Info
	Group    Group
	Pending  Pending
	Consumer Consumer
	IDMP     IDMP
	Name     []byte // of a producer; the iid of a remembered one
}

// Info is a stream's metadata. What the version of the record does not hold is
// Unknown or 0-0; Version tells.
type Info struct {
	Version      int // of the record: 1 to 5
	Length       uint64
	LastID       StreamID
	FirstID      StreamID // version 2 and later
	MaxDeletedID StreamID // version 2 and later
	EntriesAdded uint64   // version 2 and later
	Groups       uint64
}

// EstimateRead returns how many entries a server takes a group with that last
// ID to have read, where nothing says so.
func (i *Info) EstimateRead(last StreamID) int64 {
	switch {
	case last == i.LastID:
		return int64(i.EntriesAdded)
	case last == StreamID{}, last.Less(i.FirstID):
		return 0
	}
	return Unknown
}

// Group is a consumer group.
type Group struct {
	Name        []byte
	LastID      StreamID
	EntriesRead int64 // Unknown if the server did not know; version 2 and later
	Pending     int   // pending entries that follow
	Consumers   int   // consumers that follow them
}

// Pending is an entry of a group's PEL, its ID in StreamElem.ID.
type Pending struct {
	Consumer    []byte // owner, nil if none
	DeliveredAt int64  // Unix ms
	Deliveries  uint64
	Nacked      bool // given back, waits in the NACK zone (version 5)
}

// Consumer is a consumer of the group before it.
type Consumer struct {
	Name     []byte
	SeenAt   int64 // Unix ms
	ActiveAt int64 // Unix ms, Unknown if never; version 3 and later
	Pending  int   // entries of the group's PEL that it owns
}

// IDMP is the state of idempotent production (version 4 and later).
type IDMP struct {
	DurationSeconds uint64
	MaxSize         uint64
	Producers       uint64
	Added           uint64 // iids ever added
	Duplicates      uint64 // iids ever recognised again
}

// DefaultIDMP is the state of a stream for which nobody has asked for
// idempotent production.
var DefaultIDMP = IDMP{DurationSeconds: 100, MaxSize: 100}

// Clone returns a copy of s that shares no bytes with its source.
func (s *StreamElem) Clone() *StreamElem {
	c := *s
	c.Fields = cloneAll(s.Fields)
	c.Group.Name = bytes.Clone(s.Group.Name)
	c.Pending.Consumer = bytes.Clone(s.Pending.Consumer)
	c.Consumer.Name = bytes.Clone(s.Consumer.Name)
	c.Name = bytes.Clone(s.Name)
	return &c
}
