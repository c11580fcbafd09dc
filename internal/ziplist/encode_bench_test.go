package ziplist

import (
	"math/rand/v2"
	"strconv"
	"testing"
)

func BenchmarkWriter(b *testing.B) {
	r := rand.New(rand.NewPCG(7, 7))
	text := randomString(r, 4096)
	cases := []struct {
		name string
		text func(i int) string
	}{
		{"mixed", func(int) string {
			switch r.IntN(4) {
			case 0:
				return strconv.FormatInt(r.Int64N(128), 10)
			case 1:
				return strconv.FormatInt(r.Int64N(100000), 10)
			}
			return text[:1+r.IntN(20)]
		}},
		{"field-and-counter", func(i int) string {
			if i%2 == 0 {
				return "field" + strconv.Itoa(i)
			}
			return strconv.FormatInt(r.Int64N(128), 10)
		}},
		{"integers-of-all-widths", func(int) string { return strconv.FormatInt(int64(r.Uint64())>>r.IntN(64), 10) }},
		{"digits-that-are-text", func(int) string { return "2024-11-23 20:15:" + strconv.Itoa(r.IntN(60)) }},
		{"64-byte-strings", func(int) string { return text[:64] }},
		{"1000-byte-strings", func(int) string { return text[:1000] }},
	}
	for _, c := range cases {
		// So many different elements that the branch predictor cannot learn
		// them by heart.
		texts := make([][]byte, 1<<14)
		for i := range texts {
			texts[i] = []byte(c.text(i))
		}
		b.Run(c.name, func(b *testing.B) {
			const elements = 128
			size := 0
			for _, s := range texts {
				size += len(s)
			}
			b.SetBytes(int64(size / len(texts) * elements))
			b.ReportAllocs()
			buf := make([]byte, 0, elements*1100)
			var w Writer
			i := 0
			for b.Loop() {
				w.Reset(buf)
				for _, s := range texts[i : i+elements] {
					w.AppendText(s)
				}
				buf = w.Finish()[:0]
				i = (i + elements) % len(texts)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*elements), "ns/element")
		})
	}
}
