package listpack

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
)

// element is what a test expects Next to return.
type element struct {
	str   string
	num   int64
	isNum bool
}

func str(s string) element { return element{str: s} }
func num(v int64) element  { return element{num: v, isNum: true} }

// form is one way to encode an element.
type form int

const (
	formShortest form = iota
	form6             // string
	form12
	form32
	formU7 // integer
	form13
	form16
	form24
	formI32
	form64
)

// forms returns every form that can hold e.
func (e element) forms() []form {
	if !e.isNum {
		switch n := len(e.str); {
		case n < 1<<6:
			return []form{form6, form12, form32}
		case n < 1<<12:
			return []form{form12, form32}
		}
		return []form{form32}
	}
	fs := []form{form64}
	for _, c := range []struct {
		min, max int64
		f        form
	}{
		{math.MinInt32, math.MaxInt32, formI32},
		{-1 << 23, 1<<23 - 1, form24},
		{math.MinInt16, math.MaxInt16, form16},
		{-1 << 12, 1<<12 - 1, form13},
		{0, 127, formU7},
	} {
		if c.min <= e.num && e.num <= c.max {
			fs = append([]form{c.f}, fs...)
		}
	}
	return fs
}

// appendElement appends e in form f, with its backlen.
func appendElement(dst []byte, e element, f form) []byte {
	if f == formShortest {
		f = e.forms()[0]
	}
	start := len(dst)
	switch f {
	case form6:
		dst = append(append(dst, 0x80|byte(len(e.str))), e.str...)
	case form12:
		dst = append(append(dst, 0xE0|byte(len(e.str)>>8), byte(len(e.str))), e.str...)
	case form32:
		dst = binary.LittleEndian.AppendUint32(append(dst, 0xF0), uint32(len(e.str)))
		dst = append(dst, e.str...)
	case formU7:
		dst = append(dst, byte(e.num))
	case form13:
		dst = append(dst, 0xC0|byte(e.num>>8)&0x1F, byte(e.num))
	case form16:
		dst = binary.LittleEndian.AppendUint16(append(dst, 0xF1), uint16(e.num))
	case form24:
		dst = append(dst, 0xF2, byte(e.num), byte(e.num>>8), byte(e.num>>16))
	case formI32:
		dst = binary.LittleEndian.AppendUint32(append(dst, 0xF3), uint32(e.num))
	case form64:
		dst = binary.LittleEndian.AppendUint64(append(dst, 0xF4), uint64(e.num))
	}
	return appendTestBacklen(dst, len(dst)-start)
}

// appendTestBacklen is written apart from the one under test: the limits are
// spelled out.
func appendTestBacklen(dst []byte, size int) []byte {
	group := func(i int) byte { return byte(size >> (7 * i) & 127) }
	switch {
	case size <= 127:
		return append(dst, group(0))
	case size < 16383:
		return append(dst, group(1), group(0)|128)
	case size < 2097151:
		return append(dst, group(2), group(1)|128, group(0)|128)
	case size < 268435455:
		return append(dst, group(3), group(2)|128, group(1)|128, group(0)|128)
	}
	return append(dst, group(4), group(3)|128, group(2)|128, group(1)|128, group(0)|128)
}

// frame puts header and end mark around encoded elements.
func frame(body []byte, count int) []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(headerSize+len(body)+1))
	b = binary.LittleEndian.AppendUint16(b, uint16(min(count, unknownCount)))
	return append(append(b, body...), endMark)
}

// build returns a listpack of the elements in their shortest forms. It is the twin
// of a Writer.
func build(es ...element) []byte {
	var body []byte
	for _, e := range es {
		body = appendElement(body, e, formShortest)
	}
	return frame(body, len(es))
}

func randomElement(r *rand.Rand) element {
	switch r.IntN(8) {
	case 0, 1:
		return num(r.Int64N(128))
	case 2, 3:
		return num(int64(r.Uint64()) >> r.IntN(64))
	case 4:
		limits := []int64{
			0, 127, 128, -1, 4095, -4096, 4096, -4097, math.MaxInt16, math.MinInt16, math.MaxInt16 + 1,
			math.MinInt16 - 1, 1<<23 - 1, -1 << 23, 1 << 23, -1<<23 - 1, math.MaxInt32, math.MinInt32,
			math.MaxInt32 + 1, math.MinInt32 - 1, math.MaxInt64, math.MinInt64,
		}
		return num(limits[r.IntN(len(limits))])
	case 5:
		lengths := []int{0, 1, 63, 64, 124, 125, 126, 127, 128, 4095, 4096, 16377, 16378, 16379, 16382, 16383}
		return str(randomString(r, lengths[r.IntN(len(lengths))]))
	}
	return str(randomString(r, r.IntN(80)))
}

func randomString(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return string(b)
}
