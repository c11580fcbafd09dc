package rdb

import (
	"fmt"
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
}

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
	d := v.d
	v.nodes--
	v.node++
	container := uint64(nodePacked)
	if d.info.layout == layQuicklist2 {
		if v.err = d.parse(func(p *parser) { container = p.length() }); v.err != nil {
			return true
		}
		if container != nodePlain && container != nodePacked {
			v.stop("quicklist", fmt.Errorf("node %d is of the unknown kind %d", v.node, container))
			return true
		}
	}
	texts := &d.items
	if d.blob = -1; container == nodePacked {
		texts, d.blob = &d.values, d.in.offset()
	}
	texts.reset()
	var s []byte
	for {
		var n int
		var missing uint64
		var err error
		if s, n, missing, err = texts.text(d.in.rest()); err == nil {
			d.in.pos += n
			break
		}
		if err == errFragments {
			if err = v.parts.begin(d); err == nil {
				v.index++
				v.part()
				return true
			}
		}
		if err = d.more(err, missing); err != nil {
			v.stop("quicklist", err)
			return true
		}
	}
	if container == nodePlain {
		v.elem.Data = s
		v.index++
		return true
	}
	if err := v.blob.open(d.info.packing, s); err != nil {
		v.stop(v.name(), err)
		return true
	}
	v.inNode = true
	return false
}

func (v *quicklistValue) part() bool {
	var err error
	v.elem.Total = v.parts.total
	if v.elem.Data, v.elem.More, err = v.parts.next(v.d); err != nil {
		return v.stop("quicklist", err)
	}
	return true
}
