package rdb

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/listpack"
)

// streamValue is the cursor of a stream:
//
//	len nodes, nodes x ( str first ID, str listpack )
//	len length, ID last, [ID first, ID max deleted, len entries added]   (v2)
//	len groups, groups x group
//	[idempotent production]                                              (v4)
//
// An ID among these is two lengths. It gives the entries node by node, then
// what stands behind them in the order of entry.StreamKind.
type streamValue struct {
	cursor
	version int
	out     entry.StreamElem
	phase   streamPhase
	left    uint64 // nodes, groups, producers or iids to come in this phase

	nodesEnd int64 // offset of what follows the nodes

	node  streamNode
	raw   entry.Node
	group streamGroup

	producers uint64
	idmp      entry.IDMP
	name      []byte // of the producer
}

var _ entry.Nodes = (*streamValue)(nil)

type streamPhase uint8

const (
	inNodes streamPhase = iota
	inGroups
	inProducers
	inIIDs
	atCounters
	atEnd
)

func (v *streamValue) begin(d *decoder) error {
	v.start(d)
	v.version, v.phase, v.raw = d.info.version, inNodes, entry.Node{Index: -1}
	v.node.left, v.out.Fields = 0, v.out.Fields[:0]
	v.group.reset()
	v.elem.Stream = &v.out
	d.e.Value = v
	return d.parse(func(p *parser) { v.left = p.length() })
}

func (v *streamValue) Next() bool {
	for v.err == nil {
		switch v.phase {
		case inNodes:
			if ok, err := v.node.next(&v.out); err != nil {
				return v.stopAt("stream listpack", err)
			} else if ok {
				v.index++
				return true
			}
			if v.left == 0 {
				return v.info()
			}
			v.openNode()
		case inGroups:
			if v.group.next(&v.out) {
				return true
			}
			if v.left > 0 {
				v.left--
				if err := v.group.load(v.d, v.version); err != nil {
					v.err = err
				}
				continue
			}
			v.phase = atEnd
			if v.version >= 4 {
				v.beginIDMP()
			}
		case inProducers:
			if v.left == 0 {
				v.phase = atCounters
				continue
			}
			v.left--
			return v.producer()
		case inIIDs:
			if v.left == 0 {
				v.phase, v.left = inProducers, v.producers
				continue
			}
			v.left--
			return v.iid()
		case atCounters:
			return v.counters()
		case atEnd:
			return v.end()
		}
	}
	return false
}

func (p *parser) id() entry.StreamID { return entry.StreamID{Ms: p.length(), Seq: p.length()} }

// rawID reads an ID of 16 bytes, big endian.
func (p *parser) rawID() (id entry.StreamID) {
	if b := p.bytes(16); b != nil {
		id.Ms, id.Seq = binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])
	}
	return id
}

// info reads the metadata behind the nodes.
func (v *streamValue) info() bool {
	in := &v.out.Info
	v.d.blob, v.nodesEnd = -1, v.d.in.offset()
	v.err = v.d.parse(func(p *parser) {
		*in = entry.Info{Version: v.version, Length: p.length(), LastID: p.id()}
		if v.version >= 2 {
			in.FirstID, in.MaxDeletedID, in.EntriesAdded = p.id(), p.id(), p.length()
		}
		in.Groups = p.length()
	})
	v.phase, v.left, v.out.Kind = inGroups, in.Groups, entry.StreamInfo
	return v.err == nil
}

// openNode reads the next node and its master entry.
func (v *streamValue) openNode() {
	if !v.readNode() {
		return
	}
	v.node.first = v.raw.ID
	if err := v.node.open(v.raw.Raw); err != nil {
		v.stopAt("stream listpack", err)
	}
}

// readNode reads the next node.
func (v *streamValue) readNode() bool {
	n := &v.raw
	n.Index++
	v.left--
	v.d.blob = v.d.in.offset()
	v.err = v.d.parse(func(p *parser) {
		key := p.text()
		if p.err == nil && len(key) != 16 {
			p.fail(wrong(ErrNodeKey, "key of a stream node has %d bytes, not 16", len(key)))
		}
		if p.err == nil {
			n.ID.Ms, n.ID.Seq = binary.BigEndian.Uint64(key), binary.BigEndian.Uint64(key[8:])
		}
		n.Raw = p.text()
	})
	return v.err == nil
}

// NextNode moves to the next node.
func (v *streamValue) NextNode() bool {
	if v.err != nil || v.phase != inNodes {
		return false
	}
	v.node.left = 0
	return v.left > 0 && v.readNode()
}

// Node returns the current node.
func (v *streamValue) Node() *entry.Node { return &v.raw }

// streamNode walks the entries of one node:
//
//	master  live, deleted, nfields, field1 ... fieldN, 0
//	entry   flags, ms - first.ms, seq - first.seq, [nfields, field, value ... | value ...], entries of this entry
//
// The fields are left out where they are those of the master.
type streamNode struct {
	first  entry.StreamID
	left   int64 // entries to come, deleted ones included
	lp     listpack.Reader
	master [][]byte
	texts  []byte // of integers among the master's fields
	digits []byte // of integers in the current entry
}

const (
	itemDeleted    = 1
	itemSameFields = 2
)

var errStreamEnd = errors.New("the listpack ends inside a stream entry")

// number reads an integer entry.
func (n *streamNode) number() (int64, error) {
	s, num, ok := n.lp.Next()
	switch {
	case !ok && n.lp.Err() != nil:
		return 0, n.lp.Err()
	case !ok:
		return 0, errStreamEnd
	case s != nil:
		return 0, fmt.Errorf("an integer is due, found the string %q", s[:min(len(s), 32)])
	}
	return num, nil
}

// text reads an entry of any kind as bytes; those of integers go to *digits.
func (n *streamNode) text(digits *[]byte) ([]byte, error) {
	s, num, ok := n.lp.Next()
	switch {
	case !ok && n.lp.Err() != nil:
		return nil, n.lp.Err()
	case !ok:
		return nil, errStreamEnd
	case s != nil:
		return s, nil
	}
	start := len(*digits)
	*digits = strconv.AppendInt(*digits, num, 10)
	return (*digits)[start:len(*digits):len(*digits)], nil
}

func (n *streamNode) numbers(to ...*int64) (err error) {
	for _, p := range to {
		if *p, err = n.number(); err != nil {
			return err
		}
	}
	return nil
}

func (n *streamNode) open(raw []byte) (err error) {
	n.left, n.master, n.texts = 0, n.master[:0], n.texts[:0]
	if n.lp, err = listpack.Open(raw); err != nil {
		return err
	}
	var live, deleted, fields, zero int64
	if err := n.numbers(&live, &deleted, &fields); err != nil {
		return err
	}
	if limit := int64(len(raw)); live < 0 || live > limit || deleted < 0 || deleted > limit || fields < 0 || fields > limit {
		return fmt.Errorf("a node of %d bytes with %d live entries, %d deleted ones and %d fields", len(raw), live, deleted, fields)
	}
	for range fields {
		s, err := n.text(&n.texts)
		if err != nil {
			return err
		}
		n.master = append(n.master, s)
	}
	if err := n.numbers(&zero); err != nil {
		return err
	}
	if zero != 0 {
		return fmt.Errorf("the master entry ends with %d, not 0", zero)
	}
	n.left = live + deleted
	return n.close()
}

// next puts the next live entry into out.
func (n *streamNode) next(out *entry.StreamElem) (ok bool, err error) {
	for n.left > 0 {
		var flags, ms, seq, size, want int64
		if err := n.numbers(&flags, &ms, &seq); err != nil {
			return false, err
		}
		if flags&^(itemDeleted|itemSameFields) != 0 {
			return false, fmt.Errorf("stream entry with unknown flags %#x", flags)
		}
		out.Kind = entry.StreamEntry
		out.ID = entry.StreamID{Ms: n.first.Ms + uint64(ms), Seq: n.first.Seq + uint64(seq)}
		if want, err = n.fields(out, flags&itemSameFields != 0); err != nil {
			return false, err
		}
		if err := n.numbers(&size); err != nil {
			return false, err
		}
		if size != want {
			return false, fmt.Errorf("stream entry %s says it has %d parts, it has %d", out.ID, size, want)
		}
		n.left--
		if err := n.close(); err != nil {
			return false, err
		}
		if flags&itemDeleted == 0 {
			return true, nil
		}
	}
	return false, nil
}

// fields reads the fields and values of an entry and returns how many parts
// its listpack entries are.
func (n *streamNode) fields(out *entry.StreamElem, same bool) (parts int64, err error) {
	out.Fields, n.digits = out.Fields[:0], n.digits[:0]
	count, parts := int64(len(n.master)), int64(3+len(n.master))
	if !same {
		if count, err = n.number(); err != nil {
			return 0, err
		}
		if count < 0 || count > math.MaxInt32 {
			return 0, fmt.Errorf("stream entry with %d fields", count)
		}
		parts = 4 + 2*count
	}
	for i := range count {
		var field, value []byte
		if same {
			field = n.master[i]
		} else if field, err = n.text(&n.digits); err != nil {
			return 0, err
		}
		if value, err = n.text(&n.digits); err != nil {
			return 0, err
		}
		out.Fields = append(out.Fields, field, value)
	}
	return parts, nil
}

// close checks, after the last entry, that the listpack ends too.
func (n *streamNode) close() error {
	if n.left > 0 {
		return nil
	}
	if _, _, more := n.lp.Next(); more {
		return errors.New("the listpack goes on after the entries that the node declares")
	}
	return n.lp.Err()
}
