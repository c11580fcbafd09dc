package keyspace

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/rdbwire"
)

// rawVectors gives elements of a vector set as a snapshot holds them.
type rawVectors struct {
	raw    [][]byte
	next   int
	elem   entry.Elem
	vector entry.Vector
}

func (v *rawVectors) Err() error        { return nil }
func (v *rawVectors) Elem() *entry.Elem { return &v.elem }
func (v *rawVectors) Next() bool {
	if v.next == len(v.raw) {
		return false
	}
	v.vector.Raw = v.raw[v.next]
	v.elem = entry.Elem{Data: fmt.Append(nil, "e", v.next), ExpireAt: entry.NoExpire, Vector: &v.vector}
	v.next++
	return true
}

func rawElement(vector []byte, node ...uint64) []byte {
	b := rdbwire.AppendItemUint(rdbwire.AppendItemString(nil, vector), uint64(len(node)))
	for _, n := range node {
		b = rdbwire.AppendItemUint(b, n)
	}
	return b
}

func loadVectors(t *testing.T, info entry.VectorSet, raw [][]byte) *Executor {
	t.Helper()
	ds := New(Options{})
	id, ok := entry.NewModuleID(vectorModule, 0)
	if !ok {
		t.Fatal("no id")
	}
	e := &entry.Entry{Key: []byte("v"), Type: entry.Module, Module: id, Vectors: &info, ExpireAt: entry.NoExpire, Value: &rawVectors{raw: raw}}
	if err := ds.Load(e); err != nil {
		t.Fatal(err)
	}
	return ds.NewExecutor()
}

// TestVectorsAlone opens a set none of whose elements has a link, which must not
// take a look at all of them for each.
func TestVectorsAlone(t *testing.T) {
	const n = 200_000
	var raw [][]byte
	for i := range uint64(n) {
		raw = append(raw, rawElement([]byte{byte(i)}, i+1, 1<<24, 0, 32, 0, packScale(1, 1)))
	}
	x := loadVectors(t, entry.VectorSet{Dim: 1, Quantization: entry.QuantInt8, Links: 16}, raw)
	start := time.Now()
	if err := x.Do(words("VADD v VALUES 1 0.5 new")); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}

// TestVectorNodes loads sets whose nodes hold anything, and changes them: what
// comes out has links at both of their ends, and can be loaded again.
func TestVectorNodes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	number := func(n int) uint64 {
		switch r.IntN(12) {
		case 0:
			return r.Uint64()
		case 1:
			return 0
		}
		return uint64(1 + r.IntN(n+1))
	}
	for range 1500 {
		info := entry.VectorSet{Dim: 1 + r.IntN(5), Quantization: entry.Quantization(r.IntN(3)), Links: []int{0, 1, 4, 16, 4096, 65535}[r.IntN(6)]}
		n := 1 + r.IntN(40)
		var raw [][]byte
		for i := range n {
			level := []uint64{0, 0, 0, 1, 2, 15, 16, 255}[r.IntN(8)]
			node := []uint64{uint64(i + 1), uint64(r.IntN(3))<<24 | level}
			if r.IntN(10) == 0 {
				node[0] = number(n)
			}
			for range level + uint64(r.IntN(2)) {
				links := r.IntN(12)
				node = append(node, uint64(links), 32)
				for range links {
					node = append(node, number(n))
				}
				node = append(node, r.Uint64())
			}
			if r.IntN(10) == 0 {
				node = node[:r.IntN(len(node))]
			}
			vector := make([]byte, keptSize(&info))
			for i := range vector {
				vector[i] = byte(r.IntN(256))
			}
			raw = append(raw, rawElement(vector, node...))
		}
		x := loadVectors(t, info, raw)
		quant := []string{"NOQUANT", "Q8", "BIN"}[info.Quantization]
		for range r.IntN(30) {
			line := fmt.Sprintf("VREM v e%d", r.IntN(n))
			if r.IntN(2) == 0 {
				line = fmt.Sprintf("VADD v VALUES %d", info.Dim)
				for range info.Dim {
					line += fmt.Sprint(" ", r.NormFloat64())
				}
				line += fmt.Sprintf(" e%d %s M %d", r.IntN(2*n), quant, max(min(info.Links, maxLinks), 0))
			}
			_ = x.Do(words(line)) // some sets take no elements
			if r.IntN(10) == 0 {
				checkVectors(t, x)
			}
		}
		checkVectors(t, x)
	}
}

func checkVectors(t *testing.T, x *Executor) {
	t.Helper()
	for e, err := range x.ds.Entries() {
		if err != nil {
			t.Fatal(err)
		}
		again := New(Options{})
		if err := again.Load(e); err != nil {
			t.Fatal(err)
		}
		if a, b := x.ds.Digest(DigestFormat{}), again.Digest(DigestFormat{}); a != b {
			t.Fatal("the set is another one when it is loaded again")
		}
	}
	_, s, err := x.vectorSet([]byte("v"))
	if err != nil || s == nil || !s.open {
		return
	}
	g := &s.graph
	if g.todo != 0 || len(g.level) != len(s.at) {
		t.Fatalf("%d elements are to be added, %d of %d", g.todo, len(g.level), len(s.at))
	}
	for n := range g.level {
		for layer := range int(g.level[n]) + 1 {
			for _, l := range g.row(uint32(n), layer).links() {
				if int(l.number()) == n || g.row(l.number(), layer).find(uint32(n)) < 0 {
					t.Fatalf("the link from %d to %d on layer %d is at one end only", n, l.number(), layer)
				}
			}
		}
	}
}
