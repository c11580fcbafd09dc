package zipmap

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
	r := rand.New(rand.NewPCG(7, 7))
	cases := []struct {
		name string
		pair func(i int) pair
	}{
		{"mixed", func(i int) pair { return pair{fmt.Sprintf("f%d", i), text[:r.IntN(20)]} }},
		{"64-byte-strings", func(i int) pair { return pair{text, text} }},
	}
	for _, c := range cases {
		blobs := make([][]byte, 64)
		size := 0
		for i := range blobs {
			ps := make([]pair, 64)
			for j := range ps {
				ps[j] = c.pair(j)
			}
			blobs[i] = build(ps...)
			size += len(blobs[i])
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
					field, value, ok := r.Next()
					if !ok {
						break
					}
					sum += len(field) + len(value)
				}
				if r.Err() != nil {
					b.Fatal(r.Err())
				}
				n += r.Index()
				if i++; i == len(blobs) {
					i = 0
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/pair")
			benchSum = sum
		})
	}
}
