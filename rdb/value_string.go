package rdb

import (
	"github.com/rdbtool/rdbtool/entry"
)

// stringValue is the cursor of a string: one element, or parts of it.
type stringValue struct {
	cursor
	parts fragments
	given bool
}

func (v *stringValue) begin(d *decoder) error {
	v.start(d)
	v.given, v.parts.active = false, false
	d.e.Value, d.e.Len = v, 1
	for len(d.in.rest()) == 0 {
		if err := d.in.fill(1); err != nil {
			return d.fault("", -1, err)
		}
	}
	switch first := d.in.buf[d.in.pos]; {
	case first >= 0xC0 && first < 0xC3:
		d.e.Encoding = entry.Int
	case first == 0xC3:
		d.e.Encoding = entry.LZF
	}
	return nil
}

func (v *stringValue) Next() bool {
	d := v.d
	switch {
	case v.err != nil:
		return false
	case v.parts.active:
		return v.part()
	case v.given:
		return v.end()
	}
	v.given = true
	d.items.reset()
	for {
		s, n, missing, err := d.items.text(d.in.rest())
		if err == nil {
			d.in.pos += n
			v.elem.Data = s
			v.index++
			return true
		}
		if err == errFragments {
			if err = v.parts.begin(d); err == nil {
				v.index++
				return v.part()
			}
		}
		if err = d.more(err, missing); err != nil {
			return v.stop("string", err)
		}
	}
}

func (v *stringValue) part() bool {
	var err error
	v.elem.Total = v.parts.total
	if v.elem.Data, v.elem.More, err = v.parts.next(v.d); err != nil {
		return v.stop("string", err)
	}
	return true
}
