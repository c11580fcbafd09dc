package keyspace

import (
	"encoding/binary"

	"github.com/rdbtool/rdbtool/entry"
)

// streamWalk goes through the entries of a stream. Entries may be appended and
// marked as deleted meanwhile; no node may be removed.
type streamWalk struct {
	s    *stream
	node int
	end  int // of the current entry; 0 at the start of a node

	at    int // of the current entry
	id    entry.StreamID
	flags byte
	body  []byte // its fields or values
}

// walk returns a streamWalk that stands before the first entry.
func (s *stream) walk() streamWalk { return streamWalk{s: s, end: int(s.head)} }

// from returns a streamWalk that stands before the first entry of that ID or a
// higher one.
func (s *stream) from(id entry.StreamID) streamWalk {
	lo, hi := 0, len(s.nodes)
	for lo < hi {
		if mid := int(uint(lo+hi) / 2); id.Less(s.nodes[mid].first) {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	w := streamWalk{s: s, node: max(lo-1, 0)}
	switch {
	case w.node == s.hint.node && s.hint.at > 0 && !id.Less(s.nodes[w.node].idAt(s.hint.at)):
		w.end = s.hint.at
	case w.node == 0:
		w.end = int(s.head)
	}
	for {
		node, end := w.node, w.end
		if !w.next() || !w.id.Less(id) {
			w.node, w.end = node, end
			return w
		}
	}
}

// find returns a streamWalk that stands at the entry of that ID.
func (s *stream) find(id entry.StreamID) (w streamWalk, ok bool) {
	if s.last.Less(id) {
		return w, false
	}
	w = s.from(id)
	if !w.next() || w.id != id {
		return w, false
	}
	s.hint = streamHint{w.node, w.at}
	return w, true
}

// has reports whether there is an entry of that ID.
func (s *stream) has(id entry.StreamID) bool {
	_, ok := s.find(id)
	return ok
}

// idAt returns the ID of the entry at that offset.
func (n *streamNode) idAt(at int) entry.StreamID {
	_, k := binary.Uvarint(n.b[at+1:])
	id, _ := n.id(n.b[at+1+k:])
	return id
}

// id reads an ID and returns its size.
func (n *streamNode) id(b []byte) (id entry.StreamID, size int) {
	ms, i := binary.Uvarint(b)
	seq, j := binary.Uvarint(b[i:])
	if ms == 0 {
		seq += n.first.Seq
	}
	return entry.StreamID{Ms: n.first.Ms + ms, Seq: seq}, i + j
}

// masterEnd returns where the entries of the node begin.
func (n *streamNode) masterEnd() int {
	count, k := binary.Uvarint(n.b)
	b := n.b[k:]
	for range count {
		_, b = nextItem(b)
	}
	return len(n.b) - len(b)
}

// next goes to the next entry that is not deleted.
func (w *streamWalk) next() bool {
	for ; w.node < len(w.s.nodes); w.node, w.end = w.node+1, 0 {
		for n := &w.s.nodes[w.node]; n.live > 0 && w.step(n); {
			if w.flags&streamDeleted == 0 {
				return true
			}
		}
	}
	return false
}

// step goes to the next entry of the node, deleted or not.
func (w *streamWalk) step(n *streamNode) bool {
	if w.end == 0 {
		w.end = n.masterEnd()
	}
	if w.end >= len(n.b) {
		return false
	}
	w.at = w.end
	w.flags = n.b[w.at]
	size, k := binary.Uvarint(n.b[w.at+1:])
	start := w.at + 1 + k
	w.end = start + int(size)
	id, k := n.id(n.b[start:w.end])
	w.id, w.body = id, n.b[start+k:w.end]
	return true
}

// fields appends the fields and values of the entry to dst. They are borrowed
// from the stream.
func (w *streamWalk) fields(dst [][]byte) [][]byte {
	body, f := w.body, []byte(nil)
	if w.flags&streamSameFields == 0 {
		_, k := binary.Uvarint(body)
		for body = body[k:]; len(body) > 0; {
			f, body = nextItem(body)
			dst = append(dst, f)
		}
		return dst
	}
	master := w.s.nodes[w.node].b
	count, k := binary.Uvarint(master)
	master = master[k:]
	for range count {
		f, master = nextItem(master)
		dst = append(dst, f)
		f, body = nextItem(body)
		dst = append(dst, f)
	}
	return dst
}
