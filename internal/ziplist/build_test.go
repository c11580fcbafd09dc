package ziplist

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
	form6 form = iota // string
	form14
	form32
	formImmediate // integer
	form8
	form16
	form24
	formI32
	form64
)

// forms returns every form that can hold e, the shortest first.
func (e element) forms() []form {
	if !e.isNum {
		switch n := len(e.str); {
		case n < 1<<6:
			return []form{form6, form14, form32}
		case n < 1<<14:
			return []form{form14, form32}
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
		{math.MinInt8, math.MaxInt8, form8},
		{0, 12, formImmediate},
	} {
		if c.min <= e.num && e.num <= c.max {
			fs = append([]form{c.f}, fs...)
		}
	}
	return fs
}

// appendData appends encoding and data of e in form f, without prevlen.
func appendData(dst []byte, e element, f form) []byte {
	switch f {
	case form6:
		return append(append(dst, byte(len(e.str))), e.str...)
	case form14:
		return append(append(dst, 0x40|byte(len(e.str)>>8), byte(len(e.str))), e.str...)
	case form32:
		dst = binary.BigEndian.AppendUint32(append(dst, 0x80), uint32(len(e.str)))
		return append(dst, e.str...)
	case formImmediate:
		return append(dst, 0xF1+byte(e.num))
	case form8:
		return append(dst, 0xFE, byte(e.num))
	case form16:
		return binary.LittleEndian.AppendUint16(append(dst, 0xC0), uint16(e.num))
	case form24:
		return append(dst, 0xF0, byte(e.num), byte(e.num>>8), byte(e.num>>16))
	case formI32:
		return binary.LittleEndian.AppendUint32(append(dst, 0xD0), uint32(e.num))
	}
	return binary.LittleEndian.AppendUint64(append(dst, 0xE0), uint64(e.num))
}

// builder chains elements by their prevlens.
type builder struct {
	body []byte
	prev int // size of the last element
	n    int
}

// add appends an element in form f; long asks for the long form of prevlen.
func (bl *builder) add(e element, f form, long bool) {
	bl.addData(appendData(nil, e, f), long)
}

func (bl *builder) addData(data []byte, long bool) {
	start := len(bl.body)
	if long || bl.prev >= 254 {
		bl.body = binary.LittleEndian.AppendUint32(append(bl.body, 0xFE), uint32(bl.prev))
	} else {
		bl.body = append(bl.body, byte(bl.prev))
	}
	bl.body = append(bl.body, data...)
	bl.prev = len(bl.body) - start
	bl.n++
}

func (bl *builder) blob() []byte {
	return frame(bl.body, len(bl.body)-bl.prev, bl.n)
}

// frame puts header and end mark around encoded elements, the last of which
// starts at offset last of body.
func frame(body []byte, last, count int) []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(headerSize+len(body)+1))
	b = binary.LittleEndian.AppendUint32(b, uint32(headerSize+last))
	b = binary.LittleEndian.AppendUint16(b, uint16(min(count, unknownCount)))
	return append(append(b, body...), endMark)
}

// build returns a ziplist of the elements in their shortest forms. It is the twin
// of a Writer.
func build(es ...element) []byte {
	var bl builder
	for _, e := range es {
		bl.add(e, e.forms()[0], false)
	}
	return bl.blob()
}

func randomElement(r *rand.Rand) element {
	switch r.IntN(8) {
	case 0, 1:
		return num(r.Int64N(13))
	case 2, 3:
		return num(int64(r.Uint64()) >> r.IntN(64))
	case 4:
		limits := []int64{
			0, 12, 13, -1, 127, -128, 128, -129, math.MaxInt16, math.MinInt16, math.MaxInt16 + 1,
			math.MinInt16 - 1, 1<<23 - 1, -1 << 23, 1 << 23, -1<<23 - 1, math.MaxInt32, math.MinInt32,
			math.MaxInt32 + 1, math.MinInt32 - 1, math.MaxInt64, math.MinInt64,
		}
		return num(limits[r.IntN(len(limits))])
	case 5:
		lengths := []int{0, 1, 63, 64, 249, 250, 251, 252, 253, 254, 255, 16383, 16384}
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
