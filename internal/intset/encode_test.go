package intset

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestAppend(t *testing.T) {
	for _, tt := range []struct {
		name    string
		want    string
		members []int64
	}{
		{"from a server, width 2", "02 00 00 00 03 00 00 00 | FD FF 01 00 02 00", []int64{-3, 1, 2}},
		{"from a server, width 4", "04 00 00 00 02 00 00 00 | 01 00 00 00 70 11 01 00", []int64{1, 70000}},
		{"empty", "02 00 00 00 00 00 00 00", nil},
		{"width 2, limits", "02 00 00 00 02 00 00 00 | 00 80 FF 7F", []int64{math.MinInt16, math.MaxInt16}},
		{"above width 2", "04 00 00 00 01 00 00 00 | 00 80 00 00", []int64{math.MaxInt16 + 1}},
		{"below width 2", "04 00 00 00 01 00 00 00 | FF 7F FF FF", []int64{math.MinInt16 - 1}},
		{"width 4, limits", "04 00 00 00 02 00 00 00 | 00 00 00 80 FF FF FF 7F", []int64{math.MinInt32, math.MaxInt32}},
		{"above width 4", "08 00 00 00 01 00 00 00 | 00 00 00 80 00 00 00 00", []int64{math.MaxInt32 + 1}},
		{"below width 4", "08 00 00 00 01 00 00 00 | FF FF FF 7F FF FF FF FF", []int64{math.MinInt32 - 1}},
		{"width 8, limits", "08 00 00 00 02 00 00 00 | 00 00 00 00 00 00 00 80 FF FF FF FF FF FF FF 7F", []int64{math.MinInt64, math.MaxInt64}},
		{"the widest first", "08 00 00 00 02 00 00 00 | 00 00 00 00 FF FF FF FF 70 11 01 00 00 00 00 00", []int64{-1 << 32, 70000}},
		{"the widest in the middle", "04 00 00 00 03 00 00 00 | 01 00 00 00 70 11 01 00 02 00 00 00", []int64{1, 70000, 2}},
	} {
		want := append([]byte("head"), fromHex(t, tt.want)...)
		if got := Append([]byte("head"), tt.members); !bytes.Equal(got, want) {
			t.Errorf("%s: %x, want %x", tt.name, got, want)
		}
	}
}

func TestAppendNoAllocation(t *testing.T) {
	members := []int64{-5, 0, 7, 1 << 40}
	buf := make([]byte, 0, headerSize+8*len(members))
	if n := testing.AllocsPerRun(10, func() { buf = Append(buf[:0], members) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// plainWidth returns the width that all members fit.
func plainWidth(members []int64) int {
	width := 2
	for _, m := range members {
		for int64(int16(m)) != m && width < 4 || int64(int32(m)) != m && width < 8 {
			width *= 2
		}
	}
	return width
}

// FuzzAppend holds intsets of random members and a given one against the twin,
// build, and the Reader.
func FuzzAppend(f *testing.F) {
	for i, v := range []int64{0, math.MaxInt16, math.MinInt16, math.MaxInt16 + 1, math.MinInt16 - 1, math.MaxInt32, math.MinInt32, math.MaxInt32 + 1, math.MinInt32 - 1} {
		f.Add(uint64(i), uint8(8*i), uint16(i), v)
	}
	f.Fuzz(func(t *testing.T, seed uint64, shift uint8, n uint16, v int64) {
		r := rand.New(rand.NewPCG(seed, 0))
		members := []int64{v}
		for range n % 600 {
			members = append(members, int64(r.Uint64())>>(shift%64))
		}
		slices.Sort(members)
		got := Append(nil, members)
		if want := build(plainWidth(members), members...); !bytes.Equal(got, want) {
			t.Fatalf("%x, the twin makes %x", got, want)
		}
		if back, err := readAll(t, got); err != nil || !slices.Equal(back, members) {
			t.Fatalf("read back %v, %v; want %v", back, err, members)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	for _, width := range []int{2, 4, 8} {
		members := make([]int64, 500)
		for i := range members {
			members[i] = int64(i-250) << (8*width - 16)
		}
		b.Run("width-"+string(rune('0'+width)), func(b *testing.B) {
			buf := Append(nil, members)
			b.SetBytes(int64(len(buf)))
			b.ReportAllocs()
			for b.Loop() {
				buf = Append(buf[:0], members)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(members)), "ns/member")
		})
	}
}
