package keyspace

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/listpack"
)

// stream is a stream: its entries in nodes by ID, its metadata, and its groups.
//
// Entries are divided into nodes where a server under default settings divides
// them, since trimming with "~" or ACKED stops at the bounds of nodes.
type stream struct {
	nodes   []streamNode // by first ID; those that were removed have no bytes until there are many
	removed int          // of these in nodes
	cut     int          // nodes cut away at the front of the array below nodes
	head    int32        // offset in the first node before which all entries are deleted
	hint    streamHint

	length     uint64
	last       entry.StreamID
	first      entry.StreamID
	maxDeleted entry.StreamID
	added      uint64

	groups []*streamGroup // by name
	idmp   *streamIDMP    // nil for the default
}

// streamNode is a run of entries. Its bytes are
//
//	master  n, n fields: those of the first entry
//	entry   flags, size of what follows, ms, seq, [n, n x (field, value) | values]
//
// Numbers are uvarints and strings are items. ms is the distance to the node's
// first ID; seq is that too where ms is 0, else the number itself. Fields are
// left out where they are those of the master.
type streamNode struct {
	first, last entry.StreamID
	b           []byte
	wire        int32 // bytes that a server would need for the node
	live        uint16
	deleted     uint16
}

// streamHint is the place of an entry that was found. The next one asked for is
// often the one behind it.
type streamHint struct{ node, at int }

const (
	streamDeleted    = 1
	streamSameFields = 2
)

// Where a node is full, under default settings.
const (
	streamNodeEntries = 100
	streamNodeBytes   = 4096
)

func newStream() *stream { return &stream{} }

// clone returns a copy that shares nothing with s.
func (s *stream) clone() (any, error) {
	c := *s
	c.nodes, c.cut = slices.Clone(s.nodes), 0
	for i := range c.nodes {
		c.nodes[i].b = bytes.Clone(c.nodes[i].b)
	}
	c.groups = make([]*streamGroup, len(s.groups))
	for i, g := range s.groups {
		c.groups[i] = g.clone()
	}
	c.idmp = s.idmp.clone()
	return &c, nil
}

// digest gives what a server mixes into the digest of a key.
func (s *stream) digest(mix func(p []byte)) {
	var id []byte
	var fields [][]byte
	for w := s.walk(); w.next(); {
		id = w.id.AppendTo(id[:0])
		id[bytes.IndexByte(id, '-')] = '.'
		mix(id)
		fields = w.fields(fields[:0])
		for _, f := range fields {
			mix(f)
		}
	}
}

// append adds an entry with an ID above all others.
func (s *stream) append(id entry.StreamID, fields [][]byte) {
	var sizes listpack.Writer // asked for sizes only
	total := 0
	for _, f := range fields {
		total += len(f)
	}
	k := len(s.nodes) - 1
	if k < 0 || int(s.nodes[k].wire)+total >= streamNodeBytes || s.nodes[k].live+s.nodes[k].deleted >= streamNodeEntries {
		s.closeNode()
		k++
		n := streamNode{first: id, wire: 7 + 2 + 2 + 2}
		n.b = binary.AppendUvarint(make([]byte, 0, min(2*total+16, 256)), uint64(len(fields)/2))
		n.wire += wireIntSize(int64(len(fields) / 2))
		for i := 0; i < len(fields); i += 2 {
			n.b = appendItem(n.b, fields[i])
			n.wire += int32(sizes.TextSize(fields[i]))
		}
		if len(s.nodes) == cap(s.nodes) {
			s.cut = 0 // a larger array is made, without what was cut away
		}
		s.nodes = append(s.nodes, n)
	}
	n := &s.nodes[k]
	flags, step := byte(0), 1
	if n.sameFields(fields) {
		flags, step = streamSameFields, 2
	}
	ms, seq := id.Ms-n.first.Ms, id.Seq
	n.wire += 2 + wireIntSize(int64(ms)) + wireIntSize(int64(seq-n.first.Seq)) + wireIntSize(int64(len(fields)+4))
	if ms == 0 {
		seq -= n.first.Seq
	}
	size := uvarintSize(ms) + uvarintSize(seq)
	if step == 1 {
		size += uvarintSize(uint64(len(fields) / 2))
		n.wire += wireIntSize(int64(len(fields) / 2))
	}
	for i := step - 1; i < len(fields); i += step {
		size += itemSize(fields[i])
		n.wire += int32(sizes.TextSize(fields[i]))
	}
	b := binary.AppendUvarint(append(n.b, flags), uint64(size))
	b = binary.AppendUvarint(binary.AppendUvarint(b, ms), seq)
	if step == 1 {
		b = binary.AppendUvarint(b, uint64(len(fields)/2))
	}
	for i := step - 1; i < len(fields); i += step {
		b = appendItem(b, fields[i])
	}
	n.b, n.last = b, id
	n.live++
	s.length++
	s.added++
	s.last = id
	if s.length == 1 {
		s.first = id
	}
}

// closeNode gives back what the last node has reserved and will not use.
func (s *stream) closeNode() {
	if k := len(s.nodes) - 1; k >= 0 && cap(s.nodes[k].b) > len(s.nodes[k].b)+len(s.nodes[k].b)/16 {
		s.nodes[k].b = bytes.Clone(s.nodes[k].b)
	}
}

// sameFields reports whether the fields are those of the master.
func (n *streamNode) sameFields(fields [][]byte) bool {
	count, k := binary.Uvarint(n.b)
	if count != uint64(len(fields)/2) {
		return false
	}
	var name []byte
	b := n.b[k:]
	for i := 0; i < len(fields); i += 2 {
		if name, b = nextItem(b); !bytes.Equal(name, fields[i]) {
			return false
		}
	}
	return true
}

func uvarintSize(v uint64) int {
	n := 1
	for ; v >= 0x80; v >>= 7 {
		n++
	}
	return n
}

// wireIntSize returns the bytes of an integer in a server's node.
func wireIntSize(v int64) int32 {
	switch {
	case v >= 0 && v <= 127:
		return 2
	case v >= -1<<12 && v < 1<<12:
		return 3
	case v == int64(int16(v)):
		return 4
	case v >= -1<<23 && v < 1<<23:
		return 5
	case v == int64(int32(v)):
		return 6
	}
	return 10
}

// delete deletes the entry where w stands. The node goes with its last entry.
// w may not be used then.
func (s *stream) delete(w *streamWalk) {
	s.mark(w)
	if s.nodes[w.node].live == 0 {
		s.removeNode(w.node)
	}
}

// mark marks the entry where w stands as deleted, and lets the node stay.
func (s *stream) mark(w *streamWalk) {
	n := &s.nodes[w.node]
	n.b[w.at] |= streamDeleted
	n.live--
	n.deleted++
	s.length--
}

// removeNode takes node i out, with the entries that are left in it. The nodes
// behind it keep their places, unless it is the first one.
func (s *stream) removeNode(i int) {
	s.length -= uint64(s.nodes[i].live)
	s.nodes[i] = streamNode{first: s.nodes[i].first}
	s.removed++
	s.hint = streamHint{}
	for len(s.nodes) > 0 && s.nodes[0].b == nil {
		s.nodes = s.nodes[1:]
		s.head = 0
		s.cut++
		s.removed--
	}
	for k := len(s.nodes) - 1; k >= 0 && s.nodes[k].b == nil; k-- {
		s.nodes = s.nodes[:k]
		s.removed--
	}
}

// tidy gives back the room of removed nodes, if it is much.
func (s *stream) tidy() {
	if s.removed > 64 && s.removed > len(s.nodes)/2 {
		s.nodes = slices.DeleteFunc(s.nodes, func(n streamNode) bool { return n.b == nil })
		s.removed, s.hint = 0, streamHint{}
	}
	if s.cut > 64 && s.cut > 2*len(s.nodes) {
		s.nodes, s.cut = slices.Clone(s.nodes), 0
	}
}

// refreshFirst finds the first ID again, after entries were deleted.
func (s *stream) refreshFirst() {
	s.first = entry.StreamID{}
	if s.length == 0 {
		return
	}
	if w := s.walk(); w.next() {
		s.first = w.id
		if w.node == 0 {
			s.head = int32(w.at)
		}
	}
}

// top returns the ID of the last entry.
func (s *stream) top() (id entry.StreamID, ok bool) {
	for i := len(s.nodes) - 1; i >= 0; i-- {
		if s.nodes[i].live == 0 {
			continue
		}
		for w := (streamWalk{s: s, node: i}); w.next() && w.node == i; {
			id = w.id
		}
		return id, true
	}
	return id, false
}
