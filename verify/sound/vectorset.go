package sound

import (
	"encoding/binary"
	"hash/maphash"
	"slices"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/rdbwire"
)

// graph is the search graph of a vector set as its elements tell it, node by node:
//
//	id | version<<24, level | level+1 times (nlinks, maxlinks, nlinks x id, [worst]) | range, length
//
// Version 1 has worst: the link that is the longest by its index, behind that length. A
// server loads a graph only if each link has its way back, which is found out without the
// links in memory: each is hashed alike both ways, and what is left of all hashes, added by
// exclusive or, is nothing.
type graph struct {
	numbers []uint64
	links   []uint64 // of a layer
	open    [2]uint64
	spoilt  bool // a node could not be read: links to it are open
}

const (
	graphVersion = 1
	// maxLayer is the highest that a node may be on, and maxRoom how many links it has room
	// for on one at the most.
	maxLayer = 16
	maxRoom  = 4 * 4096
)

// checkVectors checks a vector set. Its vectors are the reader's matter.
func (c *Checker) checkVectors(v entry.Value) {
	g := &c.graph
	g.open, g.spoilt = [2]uint64{}, false
	for v.Next() {
		if c.deep {
			g.spoilt = !c.checkNode(v.Elem().Vector.Raw) || g.spoilt
		}
		c.elems++
	}
	if c.deep && v.Err() == nil && g.open != [2]uint64{} && !g.spoilt {
		c.find(VectorGraph, "vector set", -1, "a node of the search graph is linked with another one that is not linked with it")
	}
}

// checkNode checks the node behind a vector, and takes its links into account.
func (c *Checker) checkNode(raw []byte) (ok bool) {
	g, index := &c.graph, c.elems
	odd := func(format string, args ...any) bool {
		c.find(VectorGraph, "vector set", index, format, args...)
		return false
	}
	strange := func(format string, args ...any) { // servers load it
		c.find(VectorNode, "vector set", index, format, args...)
	}
	if ok = g.read(raw); !ok || len(g.numbers) < 2 {
		return odd("no node of a search graph")
	}
	id, level, version := g.numbers[0], g.numbers[1]&0xff, g.numbers[1]>>24&0xff
	if version > graphVersion || level > maxLayer {
		return odd("node %d of version %d, on layer %d", id, version, level)
	}
	if id == 0 {
		strange("a node without a number")
	} else if c.see(0, binary.LittleEndian.AppendUint64(c.digits[:0], id), index, vectorNode) >= 0 {
		strange("a second node %d", id)
	}
	rest := g.numbers[2:]
	for layer := range level + 1 {
		room := uint64(len(rest))
		if room < 2 {
			return odd("the numbers of node %d end before its links on layer %d", id, layer)
		}
		n, most := uint64(uint32(rest[0])), uint64(uint32(rest[1])) // as servers read them
		if n > most || most > maxRoom || room-2 < n+version {
			return odd("the links of node %d on layer %d are more than it has room for", id, layer)
		}
		g.links = append(g.links[:0], rest[2:2+n]...)
		rest = rest[2+n:]
		if version > 0 {
			if worst := rest[0] & 0xffffffff; n > 0 && worst >= n {
				return odd("the longest link of node %d on layer %d is number %d of %d", id, layer, worst, n)
			}
			rest = rest[1:]
		}
		slices.Sort(g.links)
		for i, to := range g.links {
			if to == id || i > 0 && to == g.links[i-1] {
				return odd("node %d is linked with node %d on layer %d, itself or twice", id, to, layer)
			}
			c.link(id, to, layer)
		}
	}
	if len(rest) == 0 {
		return odd("the numbers of node %d end with its links", id)
	}
	if len(rest) > 1 {
		strange("%d numbers follow the links of node %d, not one", len(rest), id)
	}
	return true
}

// link adds a link, or the way back of one.
func (c *Checker) link(a, b, layer uint64) {
	var key [20]byte
	binary.LittleEndian.PutUint64(key[:], min(a, b))
	binary.LittleEndian.PutUint64(key[8:], max(a, b))
	binary.LittleEndian.PutUint32(key[16:], uint32(layer))
	c.graph.open[0] ^= maphash.Bytes(c.seeds[0], key[:])
	c.graph.open[1] ^= maphash.Bytes(c.seeds[1], key[:])
}

// read reads the numbers behind a vector. The reader has seen that they are there.
//
//	STRING vector | UINT n | n x UINT
func (g *graph) read(raw []byte) bool {
	g.numbers = g.numbers[:0]
	it, n, err := rdbwire.ModuleItem(raw)
	if err != nil || it.Kind != rdbwire.ItemString || it.Head.Body > uint64(len(raw)-n) {
		return false
	}
	raw = raw[n+int(it.Head.Body):]
	count, n, err := rdbwire.ModuleItem(raw)
	if err != nil {
		return false
	}
	for raw = raw[n:]; uint64(len(g.numbers)) < count.Uint; raw = raw[n:] {
		if it, n, err = rdbwire.ModuleItem(raw); err != nil {
			return false
		}
		g.numbers = append(g.numbers, it.Uint)
	}
	return true
}
