package keyspace

import "errors"

// Groups tells which keys must be in the same part when a data set is replayed in
// parts, one after the other: those that a command reads or writes together, such
// as the two of RENAME, and whatever these are tied to by others. Databases do
// not count: a key may be moved from one to another.
//
// Only the keys of such commands take memory, some 30 bytes each. They are told
// apart by 64 bits: two that have the same ones are taken for one key, which does
// no harm.
type Groups struct {
	d      *Dataset // knows commands
	x      *Executor
	number map[uint64]uint32
	parent []uint32 // of each number: another of the same group, itself at its root
	first  []uint64 // key with which a group began, by the number of its root
	max    int
	any    bool // a command may concern all keys
	keys   [][]byte
}

// ErrTied is the error for a log whose commands tie more keys to each other than
// there is memory to keep account of.
var ErrTied = errors.New("too many keys are tied to each other by commands such as RENAME and SUNIONSTORE")

// NewGroups returns Groups that keep account of max keys at most.
func NewGroups(max int) *Groups {
	d := New(Options{})
	return &Groups{d: d, x: d.NewExecutor(), number: map[uint64]uint32{}, max: max}
}

// Add takes a command.
func (g *Groups) Add(args [][]byte) error {
	c, _ := g.x.command(args[0])
	if c == nil || c.route < routeTwo || !c.takes(len(args)) {
		return nil
	}
	switch c.route {
	case routeAlone, routeNone, routeEach, routeGlobal:
		return nil
	}
	keys, ok := c.keysOf(g.keys[:0], args)
	g.keys = keys
	if !ok {
		g.any = true
	}
	for i := 1; i < len(keys) && len(g.parent) <= g.max; i++ {
		g.tie(g.root(keys[0]), g.root(keys[i]))
	}
	if len(g.parent) > g.max {
		return ErrTied
	}
	return nil
}

// root returns the number of the group of a key.
func (g *Groups) root(key []byte) uint32 {
	h := mix(key)
	n, ok := g.number[h]
	if !ok {
		n = uint32(len(g.parent))
		g.number[h] = n
		g.parent, g.first = append(g.parent, n), append(g.first, h)
	}
	return g.up(n)
}

func (g *Groups) up(n uint32) uint32 {
	for g.parent[n] != n {
		g.parent[n] = g.parent[g.parent[n]]
		n = g.parent[n]
	}
	return n
}

func (g *Groups) tie(a, b uint32) {
	// The older one stays the root: chains stay short enough by halving.
	g.parent[max(a, b)] = min(a, b)
}

// part returns in which of n parts a key is.
func (g *Groups) part(key []byte, n int) int {
	if g.any {
		return 0
	}
	h := mix(key)
	if k, ok := g.number[h]; ok {
		h = g.first[g.up(k)]
	}
	return scale(h, n)
}
