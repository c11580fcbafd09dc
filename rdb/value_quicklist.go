package rdb

import (
	"fmt"

	"github.com/rdbtool/rdbtool/entry"
)

// quicklistValue is the cursor of a list of nodes, each of them a blob of
// items or, large, an item by itself.
type quicklistValue struct {
	cursor
	blob   walker
	digits digits
	nodes  uint64 // left
	node   int64
	inNode bool
	parts  fragments
	out    entry.Node
}

var _ entry.Nodes = (*quicklistValue)(nil)

// The containers of a node.
const (
	nodePlain  = 1
	nodePacked = 2
)

func (v *quicklistValue) begin(d *decoder) error {
	v.start(d)
	v.inNode, v.parts.active, v.node = false, false, -1
	d.e.Value = v
	var n uint64
	err := d.parse(func(p *parser) { n = p.length() })
	v.nodes = n
	return err
}

func (v *quicklistValue) Next() bool {
	if v.err != nil {
		return false
	}
	if v.parts.active {
		return v.part()
	}
	for {
		if v.inNode {
			if s, num, ok := v.blob.next(); ok {
				v.elem.Data = v.digits.text(s, num, 0)
				v.index++
				return true
			}
			if err := v.blob.err(); err != nil {
				v.err = v.d.fault(v.name(), int64(v.blob.index()), err)
				return false
			}
			v.inNode = false
		}
		if v.nodes == 0 {
			return v.end()
		}
		if v.openNode() {
			return v.err == nil
		}
	}
}

func (v *quicklistValue) name() string {
	blob := "listpack"
	if v.d.info.packing == packZiplist {
		blob = "ziplist"
	}
	return fmt.Sprintf("quicklist node %d %s", v.node, blob)
}

// openNode reads the next node. It returns true if the node itself is the next
// element, or damaged.
func (v *quicklistValue) openNode() bool {
	if !v.readNode() || v.out.Plain {
		return true
	}
	if err := v.blob.open(v.d.info.packing, v.out.Raw); err != nil {
		v.stop(v.name(), err)
		return true
	}
	v.inNode = true
	return false
}

// readNode reads the next node. One that is an item by itself becomes the
// current element, or its first part does.
func (v *quicklistValue) readNode() bool {
	d := v.d
	v.nodes--
	v.node++
	container := uint64(nodePacked)
	if d.info.layout == layQuicklist2 {
		if v.err = d.parse(func(p *parser) { container = p.length() }); v.err != nil {
			return false
		}
		if container != nodePlain && container != nodePacked {
			return v.stop("quicklist", wrong(ErrNodeKind, "node %d is of the unknown kind %d", v.node, container))
		}
	}
	v.out = entry.Node{Index: v.node, Plain: container == nodePlain}
	texts := &d.items
	if d.blob = -1; !v.out.Plain {
		texts, d.blob = &d.values, d.in.offset()
	}
	texts.reset()
	for {
		s, n, missing, err := texts.text(d.in.rest())
		if err == nil {
			d.in.pos += n
			if v.out.Plain {
				v.elem.Data = s
				v.index++
			} else {
				v.out.Raw = s
			}
			return true
		}
		if err == errFragments {
			if err = v.parts.begin(d); err == nil {
				v.index++
				return v.part()
			}
		}
		if err = d.more(err, missing); err != nil {
			return v.stop("quicklist", err)
		}
	}
}

// NextNode moves to the next node.
func (v *quicklistValue) NextNode() bool {
	for v.err == nil && v.parts.active {
		v.part()
	}
	if v.err != nil {
		return false
	}
	v.inNode = false
	if v.nodes == 0 {
		return v.end()
	}
	ok := v.readNode()
	for ok && v.parts.active {
		ok = v.part()
	}
	return ok
}

// Node returns the current node.
func (v *quicklistValue) Node() *entry.Node { return &v.out }

func (v *quicklistValue) part() bool {
	var err error
	v.elem.Total = v.parts.total
	if v.elem.Data, v.elem.More, err = v.parts.next(v.d); err != nil {
		return v.stop("quicklist", err)
	}
	return true
}
