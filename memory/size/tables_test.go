package size

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestUsable has the size classes that servers were seen to get.
func TestUsable(t *testing.T) {
	for _, tt := range []struct {
		n    int64
		want Bytes // bundled, jemalloc, 5.3.1, libc
	}{
		{1, Bytes{8, 8, 8, 24}},
		{9, Bytes{16, 16, 16, 24}},
		{17, Bytes{24, 32, 32, 24}},
		{25, Bytes{32, 32, 32, 40}},
		{57, Bytes{64, 64, 64, 72}},
		{65, Bytes{80, 80, 80, 72}},
		{129, Bytes{160, 160, 160, 136}},
		{257, Bytes{320, 320, 320, 264}},
		{32768, Bytes{32768, 32768, 32768, 32776}},
		{32769, Bytes{40960, 40960, 36864, 32776}},
		{531091, Bytes{655360, 655360, 532480, 531096}},
		{1 << 40, Bytes{1 << 40, 1 << 40, 1 << 40, 1<<40 + 8}},
	} {
		if got := usable(tt.n); got != tt.want {
			t.Errorf("%d bytes: %v, want %v", tt.n, got, tt.want)
		}
	}
	for n := int64(1); n < 1<<17; n++ {
		for a := range Allocators {
			if u := a.usable(n); u < n || u < a.usable(n-1) || a.usable(u) != u {
				t.Fatalf("%v: a block for %d bytes has %d", a, n, u)
			}
		}
	}
}

// TestIDTree holds the nodes that are counted as keys come in against those of a
// tree that is made of all keys.
func TestIDTree(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		n := rnd.IntN(60)
		var names []string
		ms := uint64(rnd.Uint64N(1 << rnd.IntN(64)))
		for range n {
			var b [16]byte
			binary.BigEndian.PutUint64(b[:], ms+rnd.Uint64N(1<<rnd.IntN(20)))
			binary.BigEndian.PutUint64(b[8:], rnd.Uint64N(1<<rnd.IntN(10)))
			names = append(names, string(b[:]))
		}
		slices.Sort(names)
		names = slices.Compact(names)
		var tree idTree
		for _, k := range names {
			tree.add(binary.BigEndian.Uint64([]byte(k)), binary.BigEndian.Uint64([]byte(k[8:])))
		}
		keys := tree.keys
		nodes, bytes := tree.finish()
		wantNodes, wantBytes := treeOfNames(names)
		if keys != int64(len(names)) || nodes != wantNodes || bytes != wantBytes {
			t.Fatalf("%x: %d keys in %d nodes of %v, want %d nodes of %v", names, keys, nodes, bytes, wantNodes, wantBytes)
		}
	}
}

// TestDict grows tables by steps and at once.
func TestDict(t *testing.T) {
	for n := int64(0); n < 3000; n += 1 + n/10 {
		var one, all dict
		for range n {
			one.add(1)
		}
		all.add(n)
		if one.used != n || all.used != n || all.slots() < n || one.slots() != all.slots() {
			t.Fatalf("%d entries: %+v and %+v", n, one, all)
		}
		if c := all.chained(); c < -1e-6 || c > float64(n) {
			t.Fatalf("%d entries: %v are chained", n, c)
		}
	}
	for n, want := range map[int64]int64{0: 4, 4: 4, 5: 8, 8: 8, 9: 16, 1 << 20: 1 << 20, 1<<20 + 1: 1 << 21} {
		if got := slotsFor(n); got != want {
			t.Errorf("%d entries: %d slots, want %d", n, got, want)
		}
	}
}

// TestChildBuckets holds the expected child buckets against drawn ones.
func TestChildBuckets(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	for _, n := range []int64{5, 7, 8, 20, 100, 448, 1000, 5000} {
		buckets := bucketsFor(n)
		const rounds = 400
		sum := 0
		for range rounds {
			fill := make([]int, buckets)
			for range n {
				fill[rnd.IntN(len(fill))]++
			}
			for _, k := range fill {
				sum += max(0, k-bucketEntries+5) / 6
			}
		}
		got, drawn := childBuckets(n, buckets), float64(sum)/rounds
		if math.Abs(got-drawn) > 0.05*drawn+0.3 {
			t.Errorf("%d entries in %d buckets: %.2f children, drawn %.2f", n, buckets, got, drawn)
		}
	}
}

func TestBucketTable(t *testing.T) {
	for n := int64(1); n < 5000; n += 1 + n/7 {
		var table bucketTable
		table.add(n)
		if table.used != n || table.settled()*bucketEntries < n || bucketsFor(n)*bucketEntries < n {
			t.Fatalf("%d entries: %+v", n, table)
		}
	}
}

// TestFieldIndex has expiries that are all alike, far apart, hostile.
func TestFieldIndex(t *testing.T) {
	l := &layouts[len(layouts)-1]
	rnd := rand.New(rand.NewPCG(9, 10))
	for _, width := range []int64{1, 16, 1000, 1 << 20, 1 << 40, math.MaxInt64} {
		for _, n := range []int{0, 1, 2, 3, 127, 128, 129, 1000, 5000} {
			expiries := make([]int64, n)
			for i := range expiries {
				expiries[i] = math.MaxInt64 - rnd.Int64N(width)
			}
			got := l.fieldIndex(expiries)[0]
			if n > 2 && got < int64(8*n) || got > int64(100*n+300) {
				t.Errorf("%d fields within %d ms: %d bytes", n, width, got)
			}
		}
	}
}

// TestNode holds the mean of a node against drawn heights.
func TestNode(t *testing.T) {
	rnd := rand.New(rand.NewPCG(11, 12))
	for i := range layouts {
		l := &layouts[i]
		for _, n := range []int64{0, 5, 31, 32, 200} {
			base := int64(24)
			if l.gen == kvobj {
				base = 16 + sdsRequest(n)
			}
			if l.gen == valkey9 {
				base = 17 + sdsRequest(n)
			}
			var sum int64
			const rounds = 200_000
			for range rounds {
				h := int64(1)
				for rnd.IntN(4) == 0 && h < maxHeight {
					h++
				}
				sum += Jemalloc.usable(base + 16*h)
			}
			if got, drawn := l.node(n)[Jemalloc], float64(sum)/rounds; math.Abs(got-drawn) > 0.3 {
				t.Errorf("%s: a node of %d bytes takes %.2f, drawn %.2f", l.name, n, got, drawn)
			}
		}
	}
}
