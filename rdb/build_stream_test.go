package rdb_test

import (
	"encoding/binary"

	"github.com/rdbtool/rdbtool/entry"
)

// sid is a stream ID in 16 bytes, big endian.
func sid(ms, seq uint64) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, ms), seq)
}

// numID is a stream ID in two lengths.
func numID(ms, seq uint64) []byte { return cat(num(ms), num(seq)) }

// node is one node of a stream: the ID that its entries count from, and a
// listpack.
func node(ms, seq uint64, elems ...any) []byte {
	return cat(str(string(sid(ms, seq))), blob(listpack(elems...)))
}

// stream is a stream's value in the order of the file. The version of the
// record decides which parts are written.
type stream struct {
	nodes     [][]byte
	length    uint64
	last      entry.StreamID
	first     entry.StreamID // version 2
	maxDel    entry.StreamID // version 2
	added     uint64         // version 2
	groups    []group
	duration  uint64 // version 4
	maxSize   uint64 // version 4
	producers [][]byte
	iids      uint64 // version 4
	dups      uint64 // version 4
}

type group struct {
	name      string
	last      entry.StreamID
	read      uint64   // version 2
	pending   [][]byte // ID, ms8 delivered, len deliveries
	consumers []consumer
	nacked    []entry.StreamID // version 5
}

type consumer struct {
	name         string
	seen, active int64 // active: version 3
	owns         []entry.StreamID
}

func (s stream) value(version int) []byte {
	id := func(id entry.StreamID) []byte { return numID(id.Ms, id.Seq) }
	out := num(uint64(len(s.nodes)))
	for _, n := range s.nodes {
		out = append(out, n...)
	}
	out = cat(out, num(s.length), id(s.last))
	if version >= 2 {
		out = cat(out, id(s.first), id(s.maxDel), num(s.added))
	}
	out = cat(out, num(uint64(len(s.groups))))
	for _, g := range s.groups {
		out = cat(out, str(g.name), id(g.last))
		if version >= 2 {
			out = cat(out, num(g.read))
		}
		out = cat(out, num(uint64(len(g.pending))))
		for _, p := range g.pending {
			out = append(out, p...)
		}
		out = cat(out, num(uint64(len(g.consumers))))
		for _, c := range g.consumers {
			out = cat(out, str(c.name), ms8(c.seen))
			if version >= 3 {
				out = cat(out, ms8(c.active))
			}
			out = cat(out, ids(c.owns))
		}
		if version >= 5 {
			out = cat(out, ids(g.nacked))
		}
	}
	if version >= 4 {
		out = cat(out, num(s.duration), num(s.maxSize), num(uint64(len(s.producers))))
		for _, p := range s.producers {
			out = append(out, p...)
		}
		out = cat(out, num(s.iids), num(s.dups))
	}
	return out
}

// ids is a count and as many IDs of 16 bytes.
func ids(list []entry.StreamID) []byte {
	out := num(uint64(len(list)))
	for _, id := range list {
		out = append(out, sid(id.Ms, id.Seq)...)
	}
	return out
}

// pending is one entry of a group's PEL.
func pending(ms, seq uint64, delivered int64, deliveries uint64) []byte {
	return cat(sid(ms, seq), ms8(delivered), num(deliveries))
}
