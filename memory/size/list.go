package size

import (
	"github.com/rdbtool/rdbtool/entry"
)

// listNodes adds up the nodes of a list.
type listNodes struct {
	n, bytes int64 // nodes, bytes in them
	plain    int64
	counted  Bytes // blocks of the blobs, or their bytes where these are counted
	blocks   Bytes
	held     []heldNode // the last ones, which are not compressed: a ring
	oldest   int        // in held
}

type heldNode struct{ bytes, lzf int64 }

// list sizes a list.
func (z *Sizer) list(e *entry.Entry) (value, error) {
	var nodes listNodes
	var err error
	if v, ok := e.Value.(entry.Nodes); ok {
		err = z.nodesOf(e, v, &nodes)
	} else {
		err = z.buildNodes(e, &nodes)
	}
	if err != nil {
		return value{}, err
	}
	oneNode := nodes.n == 1 && nodes.plain == 0 && nodes.bytes <= z.limits.ListBytes
	if (z.l.number >= 702) && oneNode {
		z.out.Encoding = "listpack"
		return z.packed(nodes.bytes), nil
	}
	z.out.Encoding = "quicklist"
	qnode := usable(z.l.qnode).times(nodes.n)
	data := usable(z.l.quicklist).plus(qnode).plus(nodes.blocks)
	switch {
	case z.l.gen == kvobj:
		return value{usable(z.l.quicklist).plus(qnode).plus(nodes.counted), data}, nil
	case z.l.number == 800: // takes the mean of elements
		return value{average(all(z.l.quicklist), nodes.counted.plus(all(z.l.qnode*nodes.n)), z.out.Elements), data}, nil
	}
	return value{average(all(z.l.quicklist), nodes.counted.plus(all(z.l.qnode*nodes.n)), nodes.n), data}, nil
}

// addNode adds a node of so many bytes, lzf of them where it is compressed.
func (z *Sizer) addNode(nodes *listNodes, bytes, lzf int64, plain bool) {
	nodes.n++
	nodes.bytes += bytes
	if plain {
		nodes.plain++
	}
	block := bytes
	if lzf > 0 {
		block = 8 + lzf
	}
	u := usable(block)
	nodes.blocks.add(u)
	switch {
	case z.l.number < 700 && lzf > 0:
		nodes.counted.addAll(lzf)
	case z.l.number < 700, z.l.gen == kvobj:
		nodes.counted.addAll(block)
	default:
		nodes.counted.add(u)
	}
}

// nodesOf takes the nodes of the file, which a server takes over as they are. A
// node of an older encoding is packed anew.
func (z *Sizer) nodesOf(e *entry.Entry, v entry.Nodes, nodes *listNodes) error {
	for v.NextNode() {
		node := v.Node()
		if node.Plain {
			n, err := z.plainNode(v)
			if err != nil {
				return err
			}
			z.addNode(nodes, n, 0, true)
			continue
		}
		n, err := z.packedNode(e, node.Raw)
		if err != nil {
			return err
		}
		z.hold(nodes, n, z.compressed(node, n))
	}
	for _, h := range nodes.held {
		z.addNode(nodes, h.bytes, 0, false)
	}
	return v.Err()
}

// plainNode returns the bytes of a node that is an item by itself.
func (z *Sizer) plainNode(v entry.Nodes) (int64, error) {
	el := v.Elem()
	n := int64(len(el.Data))
	for el.More && v.Next() {
		el = v.Elem()
		n += int64(len(el.Data))
	}
	z.out.Elements++
	z.out.Content += n
	z.out.Largest = max(z.out.Largest, n)
	return n, v.Err()
}

// packedNode returns the bytes of a packed node on the server.
func (z *Sizer) packedNode(e *entry.Entry, raw []byte) (int64, error) {
	z.out.Content += int64(len(raw))
	encoding := entry.Listpack
	if e.RDBType == typeQuicklist {
		encoding = entry.Ziplist
	}
	bytes := int64(len(raw))
	n, longest, err := z.check(raw, encoding)
	if err == nil && (encoding == entry.Ziplist) != z.packsZiplists() {
		err = z.walk(raw, encoding)
		bytes = z.pack.bytes
	}
	if z.o.Elements {
		z.out.Largest = max(z.out.Largest, longest)
	}
	z.out.Elements += n
	return bytes, err
}

// typeQuicklist is a list of ziplists.
const typeQuicklist = 14

// minCompressed is the smallest node that is compressed.
const minCompressed = 48

// compressed returns the bytes that a node has compressed, 0 where that does not
// make it smaller. Nodes at the start of a list are not compressed.
func (z *Sizer) compressed(node *entry.Node, bytes int64) int64 {
	if z.o.CompressDepth == 0 || bytes < minCompressed || bytes != int64(len(node.Raw)) || node.Index < int64(z.o.CompressDepth) {
		return 0
	}
	packed, ok := z.lzf.Compress(z.lzfOut[:0], node.Raw)
	z.lzfOut = packed
	if n := int64(len(packed)); ok && n+8 < bytes {
		return n
	}
	return 0
}

// hold keeps a node back until it is known not to be at the end of the list.
func (z *Sizer) hold(nodes *listNodes, bytes, lzf int64) {
	if z.o.CompressDepth == 0 {
		z.addNode(nodes, bytes, 0, false)
		return
	}
	if len(nodes.held) < z.o.CompressDepth {
		nodes.held = append(nodes.held, heldNode{bytes, lzf})
		return
	}
	h := &nodes.held[nodes.oldest]
	z.addNode(nodes, h.bytes, h.lzf, false)
	*h = heldNode{bytes, lzf}
	nodes.oldest = (nodes.oldest + 1) % z.o.CompressDepth
}

// buildNodes makes nodes of the items of a list as RPUSH does.
func (z *Sizer) buildNodes(e *entry.Entry, nodes *listNodes) error {
	z.pack.reset(z.packsZiplists())
	flush := func() {
		if z.pack.entries > 0 {
			z.addNode(nodes, z.pack.bytes, 0, false)
		}
		z.pack.reset(z.packsZiplists())
	}
	for z.next(e.Value) {
		el := &z.elem
		n := el.dataLen
		if z.l.plainNodes() && n > z.limits.ListBytes {
			flush()
			z.addNode(nodes, n, 0, true)
			continue
		}
		if z.pack.entries > 0 && z.pack.bytes+n+z.overhead(n) > z.limits.ListBytes {
			flush()
		}
		if el.data == nil {
			z.pack.length(n)
		} else {
			z.pack.text(el.data)
		}
	}
	flush()
	return e.Value.Err()
}

// overhead is what a server reckons an item to need in a node beside its bytes.
func (z *Sizer) overhead(n int64) int64 {
	if !z.packsZiplists() {
		return 8
	}
	over := int64(1)
	if n >= 254 {
		over = 5
	}
	switch {
	case n < 64:
		return over + 1
	case n < 1<<14:
		return over + 2
	}
	return over + 5
}
