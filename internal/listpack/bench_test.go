package listpack

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// blobs returns enough different lists that the branch predictor cannot learn
// them by heart.
func blobs(n, elements int, next func(r *rand.Rand) element) [][]byte {
	r := rand.New(rand.NewPCG(7, 7))
	bs := make([][]byte, n)
	for i := range bs {
		es := make([]element, elements)
		for j := range es {
			es[j] = next(r)
		}
		bs[i] = build(es...)
	}
	return bs
}

func BenchmarkNext(b *testing.B) {
	text := strings.Repeat("x", 64)
	cases := []struct {
		name     string
		elements int
		blobs    [][]byte
	}{
		{"mixed", 128, blobs(2048, 128, func(r *rand.Rand) element {
			switch r.IntN(4) {
			case 0:
				return num(r.Int64N(128))
			case 1:
				return num(r.Int64N(100000))
			}
			return str(text[:1+r.IntN(20)])
		})},
		{"field and counter", 128, blobs(256, 64, func(r *rand.Rand) element { return str(text[:8]) })},
		{"small integers", 1000, blobs(256, 1000, func(r *rand.Rand) element { return num(r.Int64N(128)) })},
		{"integers of all widths", 1000, blobs(256, 1000, func(r *rand.Rand) element { return num(int64(r.Uint64()) >> r.IntN(64)) })},
		{"64-byte strings", 128, blobs(64, 128, func(r *rand.Rand) element { return str(text) })},
	}
	// A hash as most are: names of one length, values below 128.
	for i := range cases[1].blobs {
		var es []element
		for j := range 64 {
			es = append(es, str(fmt.Sprintf("field%03d", j)), num(int64(i*j%128)))
		}
		cases[1].blobs[i] = build(es...)
	}
	for _, c := range cases {
		b.Run(strings.ReplaceAll(c.name, " ", "-"), func(b *testing.B) {
			b.ReportAllocs()
			size := 0
			for _, blob := range c.blobs {
				size += len(blob)
			}
			b.SetBytes(int64(size / len(c.blobs)))
			var sum, n int
			i := 0
			for b.Loop() {
				r, err := Open(c.blobs[i])
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
				if i++; i == len(c.blobs) {
					i = 0
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/element")
			benchSum = sum
		})
	}
}

// benchSum keeps the work of the benchmark alive.
var benchSum int
