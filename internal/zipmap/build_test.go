package zipmap

import (
	"encoding/binary"
	"math/rand/v2"
)

// pair is what a test expects Next to return.
type pair struct{ field, value string }

// shape tells how to write a pair.
type shape struct {
	longField, longValue bool // long form of the length, needed or not
	free                 int  // free bytes after the value
}

func appendLength(dst []byte, n int, long bool) []byte {
	if long || n >= 254 {
		return binary.LittleEndian.AppendUint32(append(dst, 0xFE), uint32(n))
	}
	return append(dst, byte(n))
}

func appendPair(dst []byte, p pair, s shape) []byte {
	dst = append(appendLength(dst, len(p.field), s.longField), p.field...)
	dst = append(appendLength(dst, len(p.value), s.longValue), byte(s.free))
	dst = append(dst, p.value...)
	for i := range s.free {
		dst = append(dst, byte(0xFF-i)) // rubbish that looks like lengths
	}
	return dst
}

// frame puts count and end mark around encoded pairs.
func frame(body []byte, count int) []byte {
	b := append([]byte{byte(min(count, unknownCount))}, body...)
	return append(b, endMark)
}

// build returns a zipmap of the pairs without free bytes. It is the twin of a
// Writer.
func build(ps ...pair) []byte {
	var body []byte
	for _, p := range ps {
		body = appendPair(body, p, shape{})
	}
	return frame(body, len(ps))
}

func randomPair(r *rand.Rand) (pair, shape) {
	return pair{randomString(r), randomString(r)},
		shape{r.IntN(8) == 0, r.IntN(8) == 0, max(0, r.IntN(20)-10) * r.IntN(28)}
}

func randomString(r *rand.Rand) string {
	n := r.IntN(20)
	switch r.IntN(8) {
	case 0:
		n = 250 + r.IntN(10)
	case 1:
		n = r.IntN(600)
	}
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return string(b)
}
