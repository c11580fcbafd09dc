package rdb

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/listpack"
	"github.com/rdbtool/rdbtool/internal/rdbwire"
)

// streamTypes are the types of stream records by version.
var streamTypes = [...]byte{1: typeStream1, 2: typeStream2, 3: typeStream3, 4: typeStream4, 5: typeStream5}

// copyStream writes a stream of a version that the target reads. It is copied,
// unless the number of entries that it declares is wrong: servers before
// Valkey 9.1 have written and read such records, newer ones refuse them.
func (x *Encoder) copyStream(d *decoder) {
	if d.large {
		x.encodeStream(d)
		return
	}
	entries, declared := uint64(0), uint64(0)
	for v := x.e.Value; v.Next(); {
		switch s := v.Elem().Stream; s.Kind {
		case entry.StreamEntry:
			entries++
		case entry.StreamInfo:
			declared = s.Info.Length
		}
	}
	if x.fail(x.e.Value.Err()); x.err != nil {
		return
	}
	if entries != declared {
		d.rewind()
		x.encodeStream(d)
		return
	}
	x.prefix(byte(x.e.RDBType))
	x.out = append(x.out, d.in.buf[d.value-d.in.base:d.end]...)
}

// encodeStream writes a stream in a version that the target reads. The nodes
// of a stream from a file are copied.
func (x *Encoder) encodeStream(d *decoder) {
	defer x.nodes.Close()
	x.nodes.Reset()
	x.node.reset()
	if d != nil && d.large {
		d.in.setTap(func(p []byte) {
			_, err := x.nodes.Write(p)
			x.fail(err)
		})
		defer d.in.setTap(nil)
	}
	var info entry.Info
	entries := uint64(0)
	v := x.e.Value
	for x.err == nil && v.Next() {
		s := v.Elem().Stream
		switch s.Kind {
		case entry.StreamEntry:
			entries++
			if d == nil {
				x.addEntry(s)
			}
		case entry.StreamInfo:
			info = s.Info
			if info.Version == 0 || info.Version > x.o.Target.StreamVersion() {
				info.Version = x.o.Target.StreamVersion()
			}
			x.tail.reset(info.Version, s.Info)
		default:
			x.tail.add(s)
		}
	}
	x.fail(v.Err())
	if x.err != nil {
		return
	}
	if x.tail.finish(); x.tail.twice != "" {
		x.fail(x.corrupt(fmt.Sprintf("consumer %q appears twice in its group", x.tail.twice)))
		return
	}
	for what := range NumLosses { // in their order: a report is the same each time
		x.lose(what, x.tail.lost[what])
	}
	x.prefix(streamTypes[info.Version])
	switch {
	case d == nil:
		x.finishNode()
		x.out = rdbwire.AppendLength(x.out, x.node.count)
		x.spooled(-1)
	case d.large:
		d.in.setTap(nil)
		x.out = append(x.out, d.lead...)
		x.spooled(d.stream.nodesEnd - d.value - int64(len(d.lead)))
	default:
		x.out = append(x.out, d.in.buf[d.value-d.in.base:d.stream.nodesEnd-d.in.base]...)
	}
	x.out = rdbwire.AppendLength(x.out, entries)
	x.id(info.LastID)
	if info.Version >= 2 {
		x.id(info.FirstID)
		x.id(info.MaxDeletedID)
		x.out = rdbwire.AppendLength(x.out, info.EntriesAdded)
	}
	x.out = append(x.out, x.tail.out...)
	x.spill()
}

func (x *Encoder) id(id entry.StreamID) { x.out = appendID(x.out, id) }

func appendID(dst []byte, id entry.StreamID) []byte {
	return rdbwire.AppendLength(rdbwire.AppendLength(dst, id.Ms), id.Seq)
}

func appendRawID(dst []byte, id entry.StreamID) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(dst, id.Ms), id.Seq)
}

// nodeBuilder builds the nodes of a stream, as streamNode reads them.
type nodeBuilder struct {
	w       listpack.Writer
	buf     []byte
	scratch []byte
	first   entry.StreamID
	master  [][]byte // the fields of the first entry
	texts   []byte   // their bytes
	entries int      // in the open node, 0 if none is open
	size    int      // of the open node's entries, roughly
	count   uint64   // nodes finished
}

// What a node holds under default settings. The number of entries fits one
// byte, which is filled in at the end.
const (
	maxNodeEntries = 100
	maxNodeBytes   = 4096
)

func (n *nodeBuilder) reset() { n.entries, n.count = 0, 0 }

// addEntry adds a stream entry to the open node, or to a new one.
func (x *Encoder) addEntry(s *entry.StreamElem) {
	n := &x.node
	size := 0
	for _, f := range s.Fields {
		size += len(f) + itemOverhead
	}
	if n.entries == maxNodeEntries || n.entries > 0 && n.size+size >= maxNodeBytes {
		x.finishNode()
	}
	if n.entries == 0 {
		n.open(s)
	}
	n.entries++
	n.size += size
	same := len(s.Fields) == 2*len(n.master)
	for i := 0; same && i < len(n.master); i++ {
		same = bytes.Equal(n.master[i], s.Fields[2*i])
	}
	flags, parts := int64(0), int64(4+len(s.Fields))
	if same {
		flags, parts = itemSameFields, int64(3+len(n.master))
	}
	n.w.AppendInt(flags)
	n.w.AppendInt(int64(s.ID.Ms - n.first.Ms))
	n.w.AppendInt(int64(s.ID.Seq - n.first.Seq))
	if !same {
		n.w.AppendInt(int64(len(s.Fields) / 2))
	}
	for i, f := range s.Fields {
		if !same || i%2 == 1 {
			n.w.AppendText(f)
		}
	}
	n.w.AppendInt(parts)
}

// open begins a node whose first entry is s.
func (n *nodeBuilder) open(s *entry.StreamElem) {
	n.first, n.size, n.texts, n.master = s.ID, 0, n.texts[:0], n.master[:0]
	n.w.Reset(n.buf[:0])
	n.w.AppendInt(0) // entries, filled in by finishNode
	n.w.AppendInt(0) // deleted ones
	n.w.AppendInt(int64(len(s.Fields) / 2))
	for i := 0; i < len(s.Fields); i += 2 {
		n.w.AppendText(s.Fields[i])
		n.texts = append(n.texts, s.Fields[i]...)
	}
	texts := n.texts
	for i := 0; i < len(s.Fields); i += 2 {
		k := len(s.Fields[i])
		n.master = append(n.master, texts[:k:k])
		texts = texts[k:]
	}
	n.w.AppendInt(0)
}

// listpackHeader is where the first element of a listpack begins.
const listpackHeader = 6

func (x *Encoder) finishNode() {
	n := &x.node
	if n.entries == 0 {
		return
	}
	n.buf = n.w.Finish()
	n.buf[listpackHeader] = byte(n.entries)
	n.scratch = appendRawID(rdbwire.AppendLength(n.scratch[:0], 16), n.first)
	n.scratch = x.appendText(n.scratch, n.buf)
	_, err := x.nodes.Write(n.scratch)
	x.fail(err)
	n.entries = 0
	n.count++
}
