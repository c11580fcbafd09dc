package keyspace

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/rdbtool/rdbtool/entry"
)

// What servers do with a vector before they keep it. Each product is rounded
// before it is added, as it is there: a float32 conversion keeps the compiler
// from joining the two.

// maxMatrix is the most bytes that a projection is made with here.
const maxMatrix = 256 << 20

// newProjection returns the matrix that servers make for a new set: rows x
// columns float32, all of the same size, with the signs of a Hadamard matrix.
func newProjection(columns, rows int) []byte {
	scale := float32(1 / math.Sqrt(float64(columns)))
	matrix := make([]byte, 0, 4*rows*columns)
	for i := range rows {
		for j := range columns {
			v := scale
			if bits.OnesCount(uint(i&j))%2 == 1 {
				v = -scale
			}
			matrix = binary.LittleEndian.AppendUint32(matrix, math.Float32bits(v))
		}
	}
	return matrix
}

// project multiplies a vector with a matrix of that many rows.
func project(matrix []byte, v []float32, rows int) []float32 {
	out := make([]float32, rows)
	for i := range out {
		sum := float32(0)
		for _, x := range v {
			sum += float32(math.Float32frombits(binary.LittleEndian.Uint32(matrix)) * x)
			matrix = matrix[4:]
		}
		out[i] = sum
	}
	return out
}

// normalize divides a vector by its length, which it returns. One of zeros, or
// whose squares are, stays as it is and has the length 1.
func normalize(v []float32) float32 {
	sum := float32(0)
	rest := v
	for ; len(rest) >= 4; rest = rest[4:] {
		four := float32(rest[0]*rest[0]) + float32(rest[1]*rest[1])
		four += float32(rest[2] * rest[2])
		four += float32(rest[3] * rest[3])
		sum += four
	}
	for _, x := range rest {
		sum += float32(x * x)
	}
	if sum == 0 {
		return 1
	}
	length := float32(math.Sqrt(float64(sum)))
	if length != length {
		length = firstNaN(v)
	}
	for i, x := range v {
		v[i] = divide(x, length)
	}
	return length
}

// firstNaN is what makes a sum no number. Where there are several of them it
// depends on the compiler of a server which one does.
func firstNaN(v []float32) float32 {
	for _, x := range v {
		if x != x {
			return quiet(x)
		}
	}
	return 0
}

// divide is x / y. What is no number has the bits that it has on a server,
// whatever the processor here.
func divide(x, y float32) float32 {
	q := x / y
	switch {
	case q == q:
		return q
	case x != x:
		return quiet(x)
	case y != y:
		return quiet(y)
	}
	return math.Float32frombits(0xffc00000)
}

func quiet(nan float32) float32 { return math.Float32frombits(math.Float32bits(nan) | 1<<22) }

// appendInt8 appends a vector as int8 components, and returns the largest
// component, which 127 stands for.
func appendInt8(dst []byte, v []float32) ([]byte, float32) {
	top := float32(0)
	for _, x := range v {
		top = maxOf(maxOf(top, x), -x)
	}
	scale := float32(0)
	if top != 0 {
		scale = 127 / top
	}
	for _, x := range v {
		n := 0
		if f := math.Round(float64(x * scale)); math.Abs(f) <= 127 { // else not finite: 0
			n = int(f)
		}
		dst = append(dst, byte(n))
	}
	return dst, top
}

// maxOf is the larger one, and a where b is no number.
func maxOf(a, b float32) float32 {
	if b > a {
		return b
	}
	return a
}

// appendBits appends the signs of a vector, one bit each, in words of 64.
func appendBits(dst []byte, v []float32) []byte {
	for ; len(v) > 0; v = v[min(64, len(v)):] {
		word := uint64(0)
		for i, x := range v[:min(64, len(v))] {
			if x > 0 {
				word |= 1 << i
			}
		}
		dst = binary.LittleEndian.AppendUint64(dst, word)
	}
	return dst
}

// keptSize returns the bytes of a vector as it is kept.
func keptSize(info *entry.VectorSet) int {
	switch info.Quantization {
	case entry.QuantInt8:
		return info.Dim
	case entry.QuantBinary:
		return (info.Dim + 63) / 64 * 8
	}
	return 4 * info.Dim
}

// appendComponents appends the vector that was added, as far as what is kept of
// it tells. scale is the last number of its node.
func appendComponents(dst []float32, info *entry.VectorSet, kept []byte, scale uint64) []float32 {
	length, top := math.Float32frombits(uint32(scale)), math.Float32frombits(uint32(scale>>32))
	for i := range info.Dim {
		var x float32
		switch info.Quantization {
		case entry.QuantInt8:
			x = float32(int8(kept[i])) / 127 * top * length
		case entry.QuantBinary:
			if x = -1; kept[i/8]>>(i%8)&1 == 1 {
				x = 1
			}
		default:
			x = math.Float32frombits(binary.LittleEndian.Uint32(kept[4*i:])) * length
		}
		dst = append(dst, x)
	}
	return dst
}
