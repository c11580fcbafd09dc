package keyspace

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/rdbtool/rdbtool/entry"
)

// asked is the element that others are looked for near to.
type asked struct {
	number uint32
	lanes  lanes // of int8 components
}

// ask makes n the element that is asked for.
func (g *graph) ask(n uint32) {
	g.number = n
	if g.s.info.Quantization == entry.QuantInt8 {
		g.lanes.set(g.s.int8s(n))
	}
}

// from returns b with how far it is from the element that is asked for.
func (g *graph) from(b uint32) near {
	if g.s.info.Quantization != entry.QuantInt8 {
		return g.between(g.number, b)
	}
	return g.nearInt8(g.number, b, g.lanes.dot(g.s.int8s(b)))
}

// between returns b with how far it is from a: 1 less the cosine of the angle,
// of what is kept of the vectors.
func (g *graph) between(a, b uint32) near {
	s := g.s
	switch s.info.Quantization {
	case entry.QuantInt8:
		return g.nearInt8(a, b, dotInt8(s.int8s(a), s.int8s(b)))
	case entry.QuantBinary:
		size := keptSize(&s.info)
		n := differing(s.kept[int(a)*size:][:size], s.kept[int(b)*size:][:size])
		return nearOf(float32(2*n)/float32(s.info.Dim), b)
	}
	dim := s.info.Dim
	return nearOf(1-dot(s.floats[int(a)*dim:][:dim], s.floats[int(b)*dim:][:dim]), b)
}

func (g *graph) nearInt8(a, b uint32, dot int) near {
	x, y := math.Float32frombits(uint32(g.s.scales[a]>>32)), math.Float32frombits(uint32(g.s.scales[b]>>32))
	return nearOf(1-float32(float32(dot)*((x/127)*(y/127))), b)
}

func nearOf(distance float32, n uint32) near {
	if !(distance < 1e30) {
		distance = 1e30 // of vectors that hold what is no number
	}
	return near(math.Float32bits(max(distance, 0)))<<32 | near(n)<<1
}

// int8s returns the components of an element.
func (s *vectorSet) int8s(n uint32) []byte {
	size := s.info.Dim
	return s.kept[int(n)*size:][:size]
}

func dotInt8(a, b []byte) (sum int) {
	b = b[:len(a)]
	for i, x := range a {
		sum += int(int8(x)) * int(int8(b[i]))
	}
	return sum
}

// lanes is a vector of int8 made ready to be multiplied with others, two
// components at a time: of eight there are four words, each with component i+4
// as its lower half and component i as the upper one. A product with a word that
// has component i of the other vector below and i+4 above has in its upper half
// the sum that is due. The other vector's components are made positive by adding
// 128; bias is what this adds to the result.
type lanes struct {
	words []uint64
	rest  []byte
	bias  int
}

func (l *lanes) set(v []byte) {
	l.words, l.bias = l.words[:0], 0
	for ; len(v) >= 8; v = v[8:] {
		for i := range 4 {
			upper, lower := int64(int8(v[i])), int64(int8(v[i+4]))
			l.words = append(l.words, uint64(upper<<32+lower))
			l.bias += 128 * int(upper+lower)
		}
	}
	l.rest = v
}

func (l *lanes) dot(v []byte) int {
	const half = 0x000000ff_000000ff
	var even, odd uint64
	words := l.words
	for ; len(v) >= 8 && len(words) >= 4; v, words = v[8:], words[4:] {
		w := binary.LittleEndian.Uint64(v) ^ 0x8080808080808080
		even += w&half*words[0] + w>>16&half*words[2]
		odd += w>>8&half*words[1] + w>>24&half*words[3]
	}
	sum := even + odd
	sum -= uint64(int64(int32(sum))) // the lower half may have borrowed from the upper one
	return int(int32(sum>>32)) - l.bias + dotInt8(v, l.rest)
}

func differing(a, b []byte) (n int) {
	for ; len(a) >= 8 && len(b) >= 8; a, b = a[8:], b[8:] {
		n += bits.OnesCount64(binary.LittleEndian.Uint64(a) ^ binary.LittleEndian.Uint64(b))
	}
	return n
}

// dot adds in an order of its own, the same one on each machine.
func dot(a, b []float32) float32 {
	var s [4]float32
	b = b[:len(a)]
	for ; len(a) >= 4 && len(b) >= 4; a, b = a[4:], b[4:] {
		s[0] += float32(a[0] * b[0])
		s[1] += float32(a[1] * b[1])
		s[2] += float32(a[2] * b[2])
		s[3] += float32(a[3] * b[3])
	}
	for i, x := range a {
		s[0] += float32(x * b[i])
	}
	return s[0] + s[1] + (s[2] + s[3])
}
