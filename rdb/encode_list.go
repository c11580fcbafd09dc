package rdb

import (
	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/rdbwire"
)

// maxNode is how many bytes a node of a list holds under default settings.
const maxNode = 8 << 10

func (x *Encoder) encodeList() {
	defer x.elems.close()
	x.gather(func(*entry.Elem) error { return x.elems.add(x.whole(x.e.Value), nil, 0) })
	if x.err != nil {
		return
	}
	t := &x.o.Target
	switch enc := x.e.Encoding; {
	case enc == entry.Ziplist && !x.elems.out, enc != entry.LinkedList && t.format() < 7 && x.packs(maxPackedItems) == packZiplist:
		var p packer
		p.reset(packZiplist, x.blob[:0])
		x.each(func(r *staged) { p.text(r.a) })
		x.packedRecord(typeListZiplist, p.finish())
	case enc == entry.LinkedList, t.format() < 7:
		x.full(typeList)
		x.each(func(r *staged) { x.text(r.a) })
	default:
		x.encodeQuicklist()
	}
}

// encodeQuicklist writes the items in nodes of at most maxNode bytes. A longer
// item is a node by itself, and newer servers keep it plain.
func (x *Encoder) encodeQuicklist() {
	defer x.nodes.Reset()
	t := &x.o.Target
	typ, to := byte(typeQuicklist), packZiplist
	if t.format() >= 10 {
		typ, to = typeQuicklist2, packListpack
	}
	plain := to == packListpack && (t.AtLeast(7, 4) || t.AtLeastValkey(8, 0))
	x.nodes.Reset()
	var p packer
	scratch := x.listed
	count, open, size := uint64(0), false, 0
	node := func(container uint64, s []byte) {
		scratch = scratch[:0]
		if typ == typeQuicklist2 {
			scratch = rdbwire.AppendLength(scratch, container)
		}
		scratch = x.appendText(scratch, s)
		_, err := x.nodes.Write(scratch)
		x.fail(err)
		x.listed = scratch
		count++
	}
	finish := func() {
		if open {
			x.blob = p.finish()
			node(nodePacked, x.blob)
			open = false
		}
	}
	r := x.elems.read()
	for r.next() && x.err == nil {
		need := len(r.a) + itemOverhead
		if open && size+need > maxNode {
			finish()
		}
		if plain && len(r.a) > maxNode {
			node(nodePlain, r.a)
			continue
		}
		if !open {
			p.reset(to, x.blob[:0])
			open, size = true, nodeOverhead
		}
		p.text(r.a)
		size += need
	}
	x.fail(r.err)
	finish()
	x.prefix(typ)
	x.out = rdbwire.AppendLength(x.out, count)
	x.spooled(-1)
}

// What an item and a node take beside the bytes of the items. A long item takes
// up to three bytes more; servers, too, let a node pass the limit by a little.
const (
	itemOverhead = 5
	nodeOverhead = 11
)

// spooled writes what is in nodes, n bytes of it or, if n is negative, all.
func (x *Encoder) spooled(n int64) {
	if n < 0 {
		n = x.nodes.Size()
	}
	x.fail(x.nodes.Each(func(p []byte) error {
		p = p[:min(int64(len(p)), n)]
		n -= int64(len(p))
		x.out = append(x.out, p...)
		x.spill()
		return x.err
	}))
}
