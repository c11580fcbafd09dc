package rdb

import (
	"bytes"
	"math"
	"strconv"

	"github.com/rdbtool/rdbtool/entry"
)

// arrayValue is the cursor of an array (Redis 8.8):
//
//	len count, len flag, [len cursor], count x ( len index, len tag, payload )
//
// The cursor is there if the flag is 1.
type arrayValue struct {
	cursor
	left uint64
	info entry.ArrayInfo
	text []byte
}

// The tags of an array element.
const (
	arrayText  = 0
	arrayInt   = 1
	arrayFloat = 2
	arrayShort = 3 // a string of at most seven bytes
)

const maxArrayShort = 7

func (v *arrayValue) begin(d *decoder) error {
	v.start(d)
	v.info = entry.ArrayInfo{}
	err := d.parse(func(p *parser) {
		v.left = p.length()
		switch flag := p.length(); flag {
		case 0:
		case 1:
			v.info = entry.ArrayInfo{HasCursor: true, Cursor: p.length()}
		default:
			p.failf("array flag %d is unknown", flag)
		}
		if p.err == nil && v.left == 0 {
			p.failf("array without elements")
		}
	})
	d.e.Value, d.e.Array, d.e.Len = v, &v.info, int64(min(v.left, math.MaxInt64))
	return err
}

func (v *arrayValue) Next() bool {
	if v.left == 0 || v.err != nil {
		return v.end()
	}
	v.err = v.d.parse(func(p *parser) {
		v.elem.Index = p.length()
		if p.err == nil && v.elem.Index == math.MaxUint64 {
			p.failf("array index %d", v.elem.Index)
		}
		switch tag := p.length(); tag {
		case arrayText, arrayShort:
			v.elem.Data = p.text()
			if tag == arrayShort && len(v.elem.Data) > maxArrayShort {
				p.failf("short string of %d bytes in an array", len(v.elem.Data))
			}
		case arrayInt:
			v.text = strconv.AppendInt(v.text[:0], int64(p.u64()), 10)
			v.elem.Data = v.text
		case arrayFloat:
			v.text = appendArrayFloat(v.text[:0], math.Float64frombits(p.u64()))
			v.elem.Data = v.text
		default:
			p.failf("array tag %d is unknown", tag)
		}
	})
	v.left--
	v.index++
	return v.err == nil
}

// appendArrayFloat appends f as the server shows it: the shortest text, with
// ".0" behind what would read as an integer.
func appendArrayFloat(dst []byte, f float64) []byte {
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'g', -1, 64)
	if !bytes.ContainsAny(dst[start:], ".eE") {
		dst = append(dst, ".0"...)
	}
	return dst
}
