package jsonstr

import (
	"encoding/hex"
	"fmt"
	"math"
	"math/rand"
	"strconv"
	"testing"
)

// appendGo is Append without pieces and without the assembly for text. Its base64 is that of the build.
func appendGo(dst, s []byte) []byte {
	if hasPrefix(s) {
		return appendBase64(dst, s)
	}
	start := len(dst)
	dst = append(reserve(dst, len(s)), '"')
	for i, high := 0, false; ; high = true {
		read, wrote := escapeGo(dst[len(dst):cap(dst)], s[i:], high)
		i += read
		dst = dst[:len(dst)+wrote]
		if i == len(s) {
			return append(dst, '"')
		}
		if !validGo(s[i:]) {
			return appendBase64(dst[:start], s)
		}
	}
}

func benchHex(r *rand.Rand, n int) string {
	b := make([]byte, (n+1)/2)
	r.Read(b)
	return hex.EncodeToString(b)[:n]
}

func benchJSON(r *rand.Rand, n int) string {
	s := ""
	for len(s) < n {
		s += fmt.Sprintf(`{"sku":"%s","qty":%d,"price":%.2f},`, benchHex(r, 8), r.Intn(20), float64(r.Intn(99999))/100)
	}
	return "[" + s[:len(s)-1] + "]"
}

func benchText(r *rand.Rand, n int) string {
	words := []string{"alpha", "of", "서울", "delivery", "주문이", "a", "완료되었습니다", "order", "shipped", "고객", "with", "thanks"}
	s := ""
	for len(s) < n {
		s += words[r.Intn(len(words))] + " "
	}
	return s
}

// benchSize draws a long-tailed length with the given median.
func benchSize(r *rand.Rand, median float64) int {
	return 1 + int(median*math.Exp(r.NormFloat64()*0.9))
}

func benchKey(r *rand.Rand) string {
	id := strconv.Itoa(r.Intn(1_000_000))
	return [...]string{"user:" + id + ":profile", "sku:" + benchHex(r, 8), id, "email", "counter:" + id}[r.Intn(5)]
}

func benchBinary(r *rand.Rand) string {
	b := make([]byte, benchSize(r, 120))
	r.Read(b)
	return string(b)
}

// benchCorpora are large enough that no branch predictor learns them by heart.
var benchCorpora = []struct {
	name string
	one  func(r *rand.Rand) string
}{
	{"json40", func(r *rand.Rand) string { return benchJSON(r, 10+r.Intn(60)) }},
	{"json300", func(r *rand.Rand) string { return benchJSON(r, benchSize(r, 300)) }},
	{"keys", benchKey},
	{"korean", func(r *rand.Rand) string { return benchText(r, benchSize(r, 100)) }},
	{"binary", benchBinary},
	{"controls", func(r *rand.Rand) string { return "line\n\tx\x00" + benchHex(r, 20+r.Intn(20)) + "\x1b[0m\r\n" }},
	{"mix", func(r *rand.Rand) string { // by count, as a file of many kinds of keys has them
		switch p := r.Intn(1000); {
		case p < 640:
			return benchKey(r)
		case p < 960:
			return benchJSON(r, 40)
		case p < 972:
			return benchJSON(r, benchSize(r, 300))
		case p < 988:
			return benchText(r, benchSize(r, 100))
		default:
			return benchBinary(r)
		}
	}},
}

func BenchmarkAppend(b *testing.B) {
	impls := []struct {
		name string
		f    func(dst, s []byte) []byte
	}{
		{"twin", twin},
		{"go", appendGo},
		{"append", Append},
		{"copy", func(dst, s []byte) []byte { return append(dst, s...) }}, // the floor
	}
	for _, c := range benchCorpora {
		r := rand.New(rand.NewSource(1))
		// One after the other in memory, as in a batch that was just read. Spread over the heap, cache misses would cost
		// more than the escaping, for append() of the strings too.
		const size = 8 << 20
		backing := make([]byte, 0, size+1<<20)
		var strings [][]byte
		for len(backing) < size {
			at := len(backing)
			backing = append(backing, c.one(r)...)
			strings = append(strings, backing[at:len(backing):len(backing)])
		}
		for _, impl := range impls {
			b.Run(c.name+"/"+impl.name, func(b *testing.B) {
				dst := make([]byte, 0, 1<<20)
				b.SetBytes(int64(len(backing)))
				b.ReportAllocs()
				for b.Loop() {
					dst = dst[:0]
					for _, s := range strings {
						if len(dst) > 256<<10 {
							dst = dst[:0]
						}
						dst = impl.f(dst, s)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(strings)), "ns/string")
			})
		}
	}
}
