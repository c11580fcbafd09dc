package keyspace

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"github.com/rdbtool/rdbtool/internal/lzf"
	"github.com/rdbtool/rdbtool/internal/rdbwire"
)

// What a snapshot holds of the elements of a vector set.

// splitVector divides what a snapshot holds of an element: the vector, unpacked,
// and the numbers of its node.
//
//	STRING vector, UINT n, n x UINT
func splitVector(raw []byte) (vector, node []byte, numbers uint64, err error) {
	it, n, err := rdbwire.ModuleItem(raw)
	if err != nil || it.Kind != rdbwire.ItemString || uint64(len(raw)-n) < it.Head.Body || it.Head.Size > 4*math.MaxInt32 {
		return nil, nil, 0, errVectorShape
	}
	vector, raw = raw[n:n+int(it.Head.Body)], raw[n+int(it.Head.Body):]
	switch it.Head.Kind {
	case rdbwire.Integer:
		vector = strconv.AppendInt(nil, it.Head.Int, 10)
	case rdbwire.Compressed:
		if vector, err = lzf.Append(nil, vector, int(it.Head.Size)); err != nil {
			return nil, nil, 0, errVectorShape
		}
	}
	if it, n, err = rdbwire.ModuleItem(raw); err != nil || it.Kind != rdbwire.ItemUint {
		return nil, nil, 0, errVectorShape
	}
	return vector, raw[n:], it.Uint, nil
}

// checkVector checks the data of an element with a vector of size bytes.
func checkVector(raw []byte, size int) error {
	it, _, err := rdbwire.ModuleItem(raw)
	if err != nil || it.Kind != rdbwire.ItemString || it.Head.Size != uint64(size) {
		return errVectorShape
	}
	_, node, numbers, err := splitVector(raw)
	for ; err == nil && numbers > 0; numbers-- {
		_, node, err = nextNumber(node)
	}
	if err != nil || len(node) > 0 {
		return errVectorShape
	}
	return nil
}

// nextNumber returns the number at the start of a node, and what follows it.
func nextNumber(node []byte) (v uint64, rest []byte, err error) {
	it, n, err := rdbwire.ModuleItem(node)
	if err != nil || it.Kind != rdbwire.ItemUint {
		return 0, nil, errVectorShape
	}
	return it.Uint, node[n:], nil
}

// lastNumber returns the last number of a node, 0 if it has none.
func lastNumber(node []byte) (v uint64) {
	for len(node) > 0 {
		v, node, _ = nextNumber(node)
	}
	return v
}

// keptVector returns the vector in an element's data, which has been read before.
func keptVector(raw []byte) []byte {
	vector, _, _, _ := splitVector(raw)
	return vector
}

// load takes over the nodes of a snapshot, as numbers after their count:
//
//	id, version<<24 | level, for each layer ( n, room, n x id, [longest] ), scale
//
// What of it makes no sense is left out.
func (g *graph) load(nodes [][]byte) {
	g.loose = true
	numbers := make(map[uint64]uint32, len(nodes))
	var above [maxLevel + 1]int // how many elements are that high
	for n, node := range nodes {
		id, node, err := nextNumber(node)
		v, _, err2 := nextNumber(node)
		level := v & 0xff
		if _, twice := numbers[id]; twice || err != nil || err2 != nil || v>>24 > 1 || level > maxLevel {
			continue
		}
		// Rows take memory: no file has many elements on high layers.
		if above[level]++; above[level] > len(nodes)>>level+64 {
			continue
		}
		numbers[id] = uint32(n)
		g.enter(uint32(n), int(level))
		if g.entry < 0 || g.level[n] > g.level[g.entry] {
			g.entry = n
		}
	}
	for n, node := range nodes {
		if g.level[n] != notLinked {
			g.loadLinks(uint32(n), node, numbers)
		}
	}
	lonely := func(n int) bool { return g.level[n] != notLinked && g.row(uint32(n), 0)[0] == 0 && len(nodes) > 1 }
	for n := range nodes {
		if n != g.entry && lonely(n) {
			g.remove(uint32(n))
		}
	}
	if g.entry >= 0 && lonely(g.entry) { // last, since another one has to be looked for
		g.remove(uint32(g.entry))
	}
}

// loadLinks takes over the links of an element to those with a higher number:
// the others stand there too.
func (g *graph) loadLinks(n uint32, node []byte, numbers map[uint64]uint32) {
	var err error
	next := func() (v uint64) {
		if err == nil {
			v, node, err = nextNumber(node)
		}
		return v
	}
	next()
	version := next() >> 24
	for layer := 0; layer <= int(g.level[n]) && err == nil; layer++ {
		count := next()
		next()
		own := g.row(n, layer)
		for ; count > 0 && err == nil; count-- {
			other, ok := numbers[next()]
			if err != nil || !ok || other <= n || int(g.level[other]) < layer || own.full() || g.row(other, layer).full() || own.find(other) >= 0 {
				continue
			}
			g.tie(n, g.between(n, other), layer)
		}
		if version > 0 {
			next()
		}
	}
}

// appendNode appends the numbers of an element's node and how many they are.
func (g *graph) appendNode(dst []byte, n uint32) []byte {
	level := int(g.level[n])
	count := 3
	for layer := range level + 1 {
		count += 3 + len(g.row(n, layer).links())
	}
	dst = rdbwire.AppendItemUint(dst, uint64(count))
	dst = rdbwire.AppendItemUint(dst, uint64(n)+1)
	dst = rdbwire.AppendItemUint(dst, 1<<24|uint64(level))
	for layer := range level + 1 {
		// Servers sort links by their ids when they load them, and count on the
		// place of the longest nevertheless.
		links := append(g.pool[:0], g.row(n, layer).links()...)
		slices.SortFunc(links, func(a, b near) int { return cmp.Compare(a.number(), b.number()) })
		room := g.s.info.Links
		if layer == 0 {
			room *= 2
		}
		dst = rdbwire.AppendItemUint(dst, uint64(len(links)))
		dst = rdbwire.AppendItemUint(dst, uint64(max(room, len(links))))
		longest := 0
		for i, x := range links {
			dst = rdbwire.AppendItemUint(dst, uint64(x.number())+1)
			if x.distance() > links[longest].distance() {
				longest = i
			}
		}
		worst := uint64(0)
		if len(links) > 0 {
			worst = uint64(links[longest].distance())<<32 | uint64(longest)
		}
		dst = rdbwire.AppendItemUint(dst, worst)
		g.pool = links
	}
	return rdbwire.AppendItemUint(dst, g.s.scales[n])
}
