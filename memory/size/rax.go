package size

import "encoding/binary"

// idTree counts the nodes of a radix tree whose keys are IDs of 16 bytes, given in
// order. A node is each place where keys part, each end of a key, and each run of
// bytes in between.
//
//	node: head 4 | bytes | pad to 8 | pointers 8 each, of a run one | value 8 at the end of a key
type idTree struct {
	keys  int64
	nodes int64
	bytes Bytes
	last  [16]byte
	// parts are the places where the last key parts from those before it: how
	// many bytes are common there, and the branches.
	parts []part
}

type part struct{ depth, branches int }

func (t *idTree) reset() { *t = idTree{parts: t.parts[:0]} }

func (t *idTree) node(bytes, pointers, value int64) {
	t.nodes++
	t.bytes.add(usable(roundUp(4+bytes, 8) + 8*pointers + 8*value))
}

// run is the node of n bytes without a branch.
func (t *idTree) run(n int) {
	if n > 0 {
		t.node(int64(n), 1, 0)
	}
}

// add adds a key, which must be greater than the one before; others are passed
// over.
func (t *idTree) add(ms, seq uint64) {
	var key [16]byte
	binary.BigEndian.PutUint64(key[:], ms)
	binary.BigEndian.PutUint64(key[8:], seq)
	if t.keys > 0 {
		common := 0
		for common < 16 && key[common] == t.last[common] {
			common++
		}
		if common == 16 || key[common] < t.last[common] {
			return
		}
		t.close(common)
	}
	t.keys++
	t.last = key
}

// close ends what the last key does not have in common with the next one, which
// shares so many bytes with it.
func (t *idTree) close(common int) {
	above := func() int { // where the node begins that hangs on the last part
		if n := len(t.parts); n > 0 && t.parts[n-1].depth >= common {
			return t.parts[n-1].depth + 1
		}
		return common + 1
	}
	// The end of the last key.
	t.run(16 - above())
	t.node(0, 0, 1)
	for n := len(t.parts); n > 0 && t.parts[n-1].depth > common; n-- {
		p := t.parts[n-1]
		t.parts = t.parts[:n-1]
		t.run(p.depth - above())
		t.node(int64(p.branches), int64(p.branches), 0)
	}
	if n := len(t.parts); n > 0 && t.parts[n-1].depth == common {
		t.parts[n-1].branches++
		return
	}
	t.parts = append(t.parts, part{common, 2})
}

// finish returns the number of nodes and what they take.
func (t *idTree) finish() (nodes int64, bytes Bytes) {
	if t.keys == 0 {
		t.node(0, 0, 0)
		return t.nodes, t.bytes
	}
	// As if a key followed that has nothing in common, but that has no branch.
	from := func() int {
		if n := len(t.parts); n > 0 {
			return t.parts[n-1].depth + 1
		}
		return 0
	}
	t.run(16 - from())
	t.node(0, 0, 1)
	for len(t.parts) > 0 {
		p := t.parts[len(t.parts)-1]
		t.parts = t.parts[:len(t.parts)-1]
		t.run(p.depth - from())
		t.node(int64(p.branches), int64(p.branches), 0)
	}
	return t.nodes, t.bytes
}

// treeOfNames counts the nodes of a radix tree with these keys, which must be in
// order.
func treeOfNames(names []string) (nodes int64, bytes Bytes) {
	var t idTree
	if len(names) == 0 {
		return t.finish()
	}
	t.names(names, 0)
	return t.nodes, t.bytes
}

// names counts the node of keys that have depth bytes in common, and those below
// it.
func (t *idTree) names(keys []string, depth int) {
	value := int64(0)
	for len(keys) > 0 && len(keys[0]) <= depth {
		value, keys = 1, keys[1:]
	}
	if len(keys) == 0 {
		t.node(0, 0, value)
		return
	}
	first, last := keys[0], keys[len(keys)-1]
	end := depth
	for end < len(first) && end < len(last) && first[end] == last[end] {
		end++
	}
	if end > depth {
		t.node(int64(end-depth), 1, value)
		t.names(keys, end)
		return
	}
	branches := int64(0)
	for len(keys) > 0 {
		n := 1
		for n < len(keys) && keys[n][depth] == keys[0][depth] {
			n++
		}
		t.names(keys[:n], depth+1)
		keys = keys[n:]
		branches++
	}
	t.node(branches, branches, value)
}
