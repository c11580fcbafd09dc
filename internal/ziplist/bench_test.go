package ziplist

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// benchSum keeps the work of the benchmark alive.
var benchSum int

func BenchmarkNext(b *testing.B) {
	text := strings.Repeat("x", 64)
	cases := []struct {
		name     string
		elements int
		element  func(r *rand.Rand, i int) element
	}{
		{"mixed", 128, func(r *rand.Rand, _ int) element {
			switch r.IntN(4) {
			case 0:
				return num(r.Int64N(13))
			case 1:
				return num(r.Int64N(100000))
			}
			return str(text[:1+r.IntN(20)])
		}},
		{"field-and-counter", 128, func(r *rand.Rand, i int) element {
			if i%2 == 0 {
				return str(fmt.Sprintf("field%03d", i))
			}
			return num(r.Int64N(13))
		}},
		{"small-integers", 1000, func(r *rand.Rand, _ int) element { return num(r.Int64N(13)) }},
		{"integers-of-all-widths", 1000, func(r *rand.Rand, _ int) element { return num(int64(r.Uint64()) >> r.IntN(64)) }},
		{"64-byte-strings", 128, func(*rand.Rand, int) element { return str(text) }},
	}
	for _, c := range cases {
		// Enough different lists that the branch predictor cannot learn them by
		// heart, few enough that they stay in the cache.
		r := rand.New(rand.NewPCG(7, 7))
		var blobs [][]byte
		size := 0
		for size < 512<<10 {
			es := make([]element, c.elements)
			for i := range es {
				es[i] = c.element(r, i)
			}
			blobs = append(blobs, build(es...))
			size += len(blobs[len(blobs)-1])
		}
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(size / len(blobs)))
			var sum, n int
			i := 0
			for b.Loop() {
				r, err := Open(blobs[i])
				if err != nil {
					b.Fatal(err)
				}
				for {
					s, v, ok := r.Next()
					if !ok {
						break
					}
					sum += len(s) + int(v)
				}
				if r.Err() != nil {
					b.Fatal(r.Err())
				}
				n += r.Index()
				if i++; i == len(blobs) {
					i = 0
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/element")
			benchSum = sum
		})
	}
}
