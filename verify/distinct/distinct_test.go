package distinct

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// Whatever fits into the table, what comes twice is found: against a map.
func TestDistinct(t *testing.T) {
	for _, tt := range []struct{ n, limit, different int }{
		{0, 64, 1}, {1, 64, 1}, {50, 64, 1000000}, {5000, 8192, 4000}, {5000, 64, 4000}, {100000, 64, 90000}, {3000, 100, 1},
	} {
		t.Run(fmt.Sprint(tt), func(t *testing.T) {
			seeds := NewSeeds()
			d := Set{Limit: tt.limit}
			defer d.Close()
			for range 2 { // and once more, after a reset
				if err := d.Reset(); err != nil {
					t.Fatal(err)
				}
				rng := rand.New(rand.NewPCG(1, 2))
				first := map[int]int64{}
				want, got := [][2]int64{}, [][2]int64{}
				for i := range int64(tt.n) {
					v := rng.IntN(tt.different)
					if f, ok := first[v]; ok {
						want = append(want, [2]int64{f, i})
					} else {
						first[v] = i
					}
					f, err := d.Add(seeds.Of(0, fmt.Append(nil, v), i))
					if err != nil {
						t.Fatal(err)
					}
					if f >= 0 {
						got = append(got, [2]int64{f, i})
					}
				}
				if err := d.Finish(func(first, later int64) { got = append(got, [2]int64{first, later}) }); err != nil {
					t.Fatal(err)
				}
				sortPairs(got)
				got = slices.Compact(got) // what the table knew is found again in the file
				sortPairs(want)
				if !slices.Equal(got, want) {
					t.Fatalf("%d pairs, want %d", len(got), len(want))
				}
			}
		})
	}
}

func sortPairs(p [][2]int64) {
	slices.SortFunc(p, func(a, b [2]int64) int { return slices.Compare(a[:], b[:]) })
}

// Equal strings in different spaces are different.
func TestDistinctSpaces(t *testing.T) {
	seeds, d := NewSeeds(), Set{}
	if err := d.Reset(); err != nil {
		t.Fatal(err)
	}
	for space := range uint64(16) {
		if first, err := d.Add(seeds.Of(space, []byte("k"), int64(space))); first >= 0 || err != nil {
			t.Fatalf("space %d: %d, %v", space, first, err)
		}
	}
}
