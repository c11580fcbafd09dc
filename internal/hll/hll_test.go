package hll

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// values returns the registers of a HyperLogLog, the plain way.
func values(t testing.TB, b []byte) (all [registers]int) {
	t.Helper()
	if b[4] == sparse {
		if err := each(b, func(index, span, value int) {
			for i := range span {
				all[index+i] = value
			}
		}); err != nil {
			t.Fatal(err)
		}
		return all
	}
	for i := range all {
		v := 0
		for bit := range 6 { // bit by bit, the least significant first
			n := i*6 + bit
			v |= int(b[headSize+n/8]>>(n%8)&1) << bit
		}
		all[i] = v
	}
	return all
}

// TestAdd compares with an array of registers.
func TestAdd(t *testing.T) {
	b := New()
	var want [registers]int
	r := rand.New(rand.NewPCG(1, 1))
	for i := range 20000 {
		elem := fmt.Appendf(nil, "%d", r.IntN(1000000))
		h := hash(elem)
		index, count := int(h%registers), 1
		for h >>= precision; h&1 == 0 && count <= hashBits; h >>= 1 {
			count++
		}
		raised := count > want[index]
		want[index] = max(want[index], count)
		var changed bool
		var err error
		if b, changed, err = Add(b, elem); err != nil || changed != raised || !Valid(b) {
			t.Fatalf("element %d: changed %v, want %v, %v", i, changed, raised, err)
		}
		if (i < 1000 || i%1000 == 0) && values(t, b) != want {
			t.Fatalf("element %d: the registers differ", i)
		}
		if b[4] == sparse && len(b) > maxSparse {
			t.Fatalf("%d bytes and sparse", len(b))
		}
	}
	if b[4] != dense {
		t.Error("it is not dense")
	}
	if err := Refresh(b); err != nil {
		t.Fatal(err)
	}
	if Stale(b) {
		t.Error("stale")
	}
	n, _ := count(b)
	if math.Abs(float64(n)/19800-1) > 0.02 {
		t.Errorf("%d distinct elements, about 19800 are due", n)
	}
}

func TestMerge(t *testing.T) {
	one := func(seed uint64, n int) []byte {
		r := rand.New(rand.NewPCG(seed, 1))
		b := New()
		for range n {
			b, _, _ = Add(b, fmt.Appendf(nil, "%d", r.Uint64()))
		}
		return b
	}
	for _, sizes := range [][2]int{{0, 0}, {10, 20}, {300, 5}, {5000, 3}, {2, 9000}, {5000, 5000}} {
		a, b := one(1, sizes[0]), one(2, sizes[1])
		want := values(t, a)
		for i, v := range values(t, b) {
			want[i] = max(want[i], v)
		}
		merged, err := Merge(bytes.Clone(a), a, b)
		if err != nil || values(t, merged) != want || !Stale(merged) {
			t.Errorf("%v: %v", sizes, err)
		}
		fresh, err := Merge(nil, a, b)
		if err != nil || values(t, fresh) != want {
			t.Errorf("%v, new: %v", sizes, err)
		}
	}
}

// FuzzHLL edits damaged HyperLogLogs: errors, no panics, and no invalid result.
func FuzzHLL(f *testing.F) {
	b := New()
	for i := range 50 {
		b, _, _ = Add(b, []byte{byte(i)})
	}
	f.Add(b, []byte("x"))
	f.Add(New(), []byte(""))
	d, _ := ToDense(b)
	f.Add(d, []byte("y"))
	f.Fuzz(func(t *testing.T, b, elem []byte) {
		if !Valid(b) {
			return
		}
		c, _, err := Add(bytes.Clone(b), elem)
		if err == nil && !Valid(c) {
			t.Fatal("not valid any more")
		}
		_ = Refresh(bytes.Clone(b))
		if d, err := ToDense(bytes.Clone(b)); err == nil && len(d) != denseSize {
			t.Fatalf("%d bytes", len(d))
		}
		if m, err := Merge(nil, b); err == nil && !Valid(m) {
			t.Fatal("merged, not valid")
		}
	})
}
