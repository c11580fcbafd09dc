package keyspace

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/rdbtool/rdbtool/entry"
)

// addVectors executes n random commands on vector sets of each quantisation.
func addVectors(t testing.TB, x *Executor, r *rand.Rand, n int) {
	t.Helper()
	for range n {
		quant := []string{"NOQUANT", "Q8", "BIN"}[r.IntN(3)]
		name := fmt.Appendf(nil, "e%d", r.IntN(60))
		args := [][]byte{[]byte("VADD"), []byte(quant), []byte("FP32"), randomVector(r, 17), name, []byte(quant), []byte("M"), []byte("4")}
		switch r.IntN(5) {
		case 0:
			args = [][]byte{[]byte("VREM"), []byte(quant), name}
		case 1:
			args = [][]byte{[]byte("VSETATTR"), []byte(quant), name, make([]byte, r.IntN(3)*40)}
		}
		if err := x.Do(args); err != nil {
			t.Fatalf("%q: %v", args, err)
		}
	}
}

func randomVector(r *rand.Rand, dim int) (b []byte) {
	for range dim {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(r.NormFloat64())))
	}
	return b
}

// TestVectorSetGraph changes vector sets at random. Links of the graph stand at
// both ends, no element has too many or is cut off, and a set that is read back is
// the same, and can be changed again.
func TestVectorSetGraph(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		x := New(Options{}).NewExecutor()
		for range 4 {
			addVectors(t, x, r, 150)
			again := New(Options{})
			for e, err := range x.ds.Entries() {
				if err == nil {
					err = again.Load(e)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			if got, want := again.Digest(DigestFormat{}), x.ds.Digest(DigestFormat{}); got != want {
				t.Fatalf("seed %d: digest %x of what was read back, want %x", seed, got, want)
			}
			for _, x := range []*Executor{x, again.NewExecutor()} {
				for _, quant := range []string{"NOQUANT", "Q8", "BIN"} {
					if _, s, err := x.vectorSet([]byte(quant)); err != nil {
						t.Fatal(err)
					} else if s != nil {
						s.unpack()
						s.graph.finish()
						checkGraph(t, s)
					}
				}
			}
			x = again.NewExecutor()
		}
	}
}

func checkGraph(t *testing.T, s *vectorSet) {
	t.Helper()
	g := &s.graph
	if g.todo != 0 || len(g.level) != len(s.at) {
		t.Fatalf("%d elements to be added, %d of %d in the graph", g.todo, len(g.level), len(s.at))
	}
	for n, level := range g.level {
		if s.find(s.name(n).key()) != n {
			t.Fatalf("element %d has another number by its name", n)
		}
		for layer := range int(level) + 1 {
			row := g.row(uint32(n), layer)
			for i, l := range row.links() {
				switch other := l.number(); {
				case int(other) == n || int(other) >= len(g.level) || int(g.level[other]) < layer:
					t.Fatalf("element %d has a link to %d on layer %d", n, other, layer)
				case g.row(other, layer).find(uint32(n)) < 0:
					t.Fatalf("a link of %d to %d has no other end", n, other)
				case row.find(other) != i:
					t.Fatalf("element %d is linked to %d twice", n, other)
				}
			}
		}
	}
	met := map[uint32]bool{}
	next := []uint32{uint32(g.entry)}
	for len(next) > 0 {
		n := next[0]
		next = next[1:]
		if met[n] {
			continue
		}
		met[n] = true
		for _, l := range g.row(n, 0).links() {
			next = append(next, l.number())
		}
	}
	if len(met) != len(s.at) {
		t.Fatalf("a way leads to %d of %d elements", len(met), len(s.at))
	}
}

// TestInt8Lanes holds the fast product of int8 vectors against the plain one.
func TestInt8Lanes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 20_000 {
		a, b := make([]byte, r.IntN(200)), []byte(nil)
		extreme := r.IntN(4) == 0
		for i := range a {
			if a[i] = byte(r.Uint32()); extreme {
				a[i] = []byte{0x7f, 0x80, 0x81}[r.IntN(3)]
			}
			b = append(b, byte(r.Uint32()))
			if extreme {
				b[i] = []byte{0x7f, 0x80, 0x81}[r.IntN(3)]
			}
		}
		var l lanes
		l.set(a)
		if got, want := l.dot(b), dotInt8(a, b); got != want {
			t.Fatalf("%v . %v is %d, want %d", a, b, got, want)
		}
	}
}

// FuzzVectorSet loads vector sets whose elements hold any bytes, and changes them:
// they are damaged, or they work.
func FuzzVectorSet(f *testing.F) {
	x := New(Options{}).NewExecutor()
	addVectors(f, x, rand.New(rand.NewPCG(1, 1)), 60)
	for e := range x.ds.Entries() {
		for i := 0; e.Value.Next() && i < 5; i++ {
			f.Add(e.Value.Elem().Vector.Raw, uint8(e.Vectors.Quantization), uint16(17), uint16(e.Vectors.Links), int64(i))
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte, quant uint8, dim, links uint16, seed int64) {
		r := rand.New(rand.NewPCG(uint64(seed), 1))
		e := entry.Entry{
			Key: []byte("k"), Type: entry.Module, ExpireAt: entry.NoExpire, Len: -1,
			Vectors: &entry.VectorSet{Dim: int(dim), Quantization: entry.Quantization(quant % 3), Links: int(links)},
		}
		e.Module, _ = entry.NewModuleID(vectorModule, 0)
		e.Value = &sameVectors{raw: raw, n: 3}
		ds := New(Options{})
		if ds.Load(&e) != nil {
			return
		}
		x := ds.NewExecutor()
		for range 5 {
			name := fmt.Appendf(nil, "e%d", r.IntN(4))
			options := []byte([]string{"NOQUANT", "Q8", "BIN"}[e.Vectors.Quantization])
			_ = x.Do([][]byte{[]byte("VADD"), []byte("k"), []byte("FP32"), randomVector(r, int(dim)), name, options, []byte("M"), fmt.Append(nil, links)})
			_ = x.Do([][]byte{[]byte("VREM"), []byte("k"), fmt.Appendf(nil, "e%d", r.IntN(4))})
		}
		if _, s, err := x.vectorSet([]byte("k")); err == nil && s != nil {
			s.unpack()
			s.graph.finish()
			checkGraph(t, s)
			ds.Digest(DigestFormat{})
		}
	})
}

// sameVectors are n elements with the same data.
type sameVectors struct {
	raw  []byte
	i, n int
	elem entry.Elem
}

func (v *sameVectors) Err() error        { return nil }
func (v *sameVectors) Elem() *entry.Elem { return &v.elem }
func (v *sameVectors) Next() bool {
	if v.i == v.n {
		return false
	}
	v.elem = entry.Elem{Data: fmt.Appendf(nil, "e%d", v.i), Vector: &entry.Vector{Raw: v.raw}}
	v.i++
	return true
}
