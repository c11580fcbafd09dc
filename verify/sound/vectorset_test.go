package sound

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/rdbwire"
)

// node is a node of a graph as a test makes it.
type node struct {
	id    uint64
	links [][]uint64 // by layer
}

// raw returns the vector and the numbers of a node as a file has them, odd ones in version 1,
// even ones in version 0.
func (n *node) raw() []byte {
	version := n.id % 2
	numbers := []uint64{n.id, version<<24 | uint64(len(n.links)-1)}
	for _, links := range n.links {
		numbers = append(numbers, uint64(len(links)), 32)
		numbers = append(numbers, links...)
		if version == 1 {
			numbers = append(numbers, 0)
		}
	}
	numbers = append(numbers, 1)
	b := rdbwire.AppendPlain([]byte{byte(rdbwire.ItemString)}, []byte("vector"))
	b = rdbwire.AppendLength(append(b, byte(rdbwire.ItemUint)), uint64(len(numbers)))
	for _, v := range numbers {
		b = rdbwire.AppendLength(append(b, byte(rdbwire.ItemUint)), v)
	}
	return b
}

// vectors is a vector set of such nodes.
type vectors struct {
	nodes []node
	at    int
	elem  entry.Elem
}

func (v *vectors) Next() bool {
	if v.at == len(v.nodes) {
		return false
	}
	v.elem = entry.Elem{Data: []byte{byte(v.at)}, Vector: &entry.Vector{Raw: v.nodes[v.at].raw()}}
	v.at++
	return true
}
func (v *vectors) Elem() *entry.Elem { return &v.elem }
func (v *vectors) Err() error        { return nil }

// loads is the twin of the check: it looks for each link's way back.
func loads(nodes []node) bool {
	find := func(id uint64) *node {
		if i := slices.IndexFunc(nodes, func(n node) bool { return n.id == id }); i >= 0 {
			return &nodes[i]
		}
		return nil
	}
	for _, n := range nodes {
		for layer, links := range n.links {
			for i, to := range links {
				other := find(to)
				if to == n.id || slices.Contains(links[:i], to) || other == nil || layer >= len(other.links) || !slices.Contains(other.links[layer], n.id) {
					return false
				}
			}
		}
	}
	return true
}

// Graphs with a link more or less, from one node to another or to none, are told from
// whole ones.
func TestVectorGraph(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	whole, broken := 0, 0
	for range 3000 {
		nodes := make([]node, 1+rnd.IntN(7))
		for i := range nodes {
			nodes[i] = node{uint64(i + 1), make([][]uint64, 1+rnd.IntN(3))}
		}
		for range rnd.IntN(12) {
			a, b, layer := &nodes[rnd.IntN(len(nodes))], &nodes[rnd.IntN(len(nodes))], rnd.IntN(3)
			if a == b || layer >= min(len(a.links), len(b.links)) || slices.Contains(a.links[layer], b.id) {
				continue
			}
			a.links[layer], b.links[layer] = append(a.links[layer], b.id), append(b.links[layer], a.id)
		}
		for range rnd.IntN(3) { // or sound
			n := &nodes[rnd.IntN(len(nodes))]
			l := &n.links[rnd.IntN(len(n.links))]
			if rnd.IntN(2) == 0 {
				*l = append(*l, uint64(1+rnd.IntN(len(nodes)+1)))
			} else if len(*l) > 0 {
				*l = slices.Delete(*l, 0, 1)
			}
		}
		found := 0
		c := New(true, 1, "", func(*entry.Entry, Fault) { found++ })
		e := &entry.Entry{Type: entry.Module, Vectors: &entry.VectorSet{}, Value: &vectors{nodes: nodes}}
		if err := c.Check(e); err != nil {
			t.Fatal(err)
		}
		if want := loads(nodes); want != (found == 0) {
			t.Fatalf("%+v: loads %v, %d faults", nodes, want, found)
		} else if want {
			whole++
		} else {
			broken++
		}
	}
	if whole < 500 || broken < 500 {
		t.Errorf("%d whole, %d broken", whole, broken)
	}
}

// Two nodes of one number are found among more than memory holds.
func TestVectorNodesTwice(t *testing.T) {
	nodes := make([]node, 70_000)
	for i := range nodes {
		nodes[i] = node{uint64(i + 1), make([][]uint64, 1)}
	}
	nodes[69_999].id = 5
	var found []Fault
	c := New(true, 1, t.TempDir(), func(_ *entry.Entry, f Fault) { found = append(found, f) })
	e := &entry.Entry{Type: entry.Module, Vectors: &entry.VectorSet{}, Value: &vectors{nodes: nodes}}
	if err := c.Check(e); err != nil {
		t.Fatal(err)
	}
	if len(found) != 1 || found[0].Code != VectorNode || found[0].Element != 69_999 {
		t.Errorf("%+v", found)
	}
}
