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

// pathHashValue is the cursor of a path hash (Valkey 9.2):
//
//	len n, n x ( str path, len m, m x ( str field, str value ) )
type pathHashValue struct {
	cursor
	paths  uint64 // to come
	fields uint64 // to come in this path
	path   []byte
}

func (v *pathHashValue) begin(d *decoder) error {
	v.start(d)
	v.fields = 0
	d.e.Value = v
	return d.parse(func(p *parser) { v.paths = p.length() })
}

func (v *pathHashValue) Next() bool {
	if v.err != nil {
		return false
	}
	if v.fields == 0 {
		if v.paths == 0 {
			return v.end()
		}
		v.paths--
		v.err = v.d.parse(func(p *parser) {
			v.path = append(v.path[:0], p.text()...)
			if v.fields = p.length(); p.err == nil && v.fields == 0 {
				p.failf("path without fields")
			}
		})
		if v.err != nil {
			return false
		}
	}
	v.fields--
	v.err = v.d.parse(func(p *parser) {
		v.elem.Path, v.elem.Data, v.elem.Value = v.path, p.text(), p.text()
	})
	v.index++
	return v.err == nil
}

// cronValue is the cursor of KeyDB's cron job, one element:
//
//	str script, ms8 start, ms8 interval, len n, n x str key, len m, m x str argument
type cronValue struct {
	cursor
	job   entry.CronJob
	given bool
}

func (v *cronValue) begin(d *decoder) error {
	v.start(d)
	v.given = false
	v.elem.Cron = &v.job
	d.e.Value, d.e.Len = v, 1
	return nil
}

func (v *cronValue) Next() bool {
	if v.err != nil || v.given {
		return v.end()
	}
	v.given = true
	v.err = v.d.parse(func(p *parser) {
		v.job = entry.CronJob{Script: p.text(), StartAt: int64(p.u64()), IntervalMs: int64(p.u64()), Keys: p.texts(), Args: p.texts()}
	})
	v.index++
	return v.err == nil
}

// maxCronStrings is more keys or arguments than a script can sensibly have.
const maxCronStrings = 1 << 16

// texts reads a length and as many strings.
func (p *parser) texts() (list [][]byte) {
	n := p.length()
	if n > maxCronStrings {
		p.failf("cron job with %d keys or arguments", n)
	}
	for ; n > 0 && p.err == nil; n-- {
		list = append(list, p.text())
	}
	return list
}
