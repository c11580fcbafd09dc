package rdb

import (
	"bytes"
	"errors"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/listpack"
)

// templateValue is the cursor of a hash that shares its field names with
// others (Redis 8.10). The names stand in a template record before, or in the
// value itself:
//
//	30  str listpack of the template's ID and the values
//	32  len ID, values x str
//	29  names, str listpack as in 30
//	31  names, values x str
//
//	names  00, str listpack of names  |  01, len n, n x str
type templateValue struct {
	cursor
	blob   walker
	digits digits
	names  [][]byte
	packed bool
}

// The forms of the names in a value.
const (
	templateNamesPacked = 0
	templateNamesPlain  = 1
)

// maxTemplateFields is more fields than a template can sensibly have.
const maxTemplateFields = 1 << 16

// names reads n field names of a template, as copies.
func (p *parser) names(n uint64) (names [][]byte) {
	for ; n > 0 && p.err == nil; n-- {
		if s := p.text(); p.err == nil {
			names = p.name(names, s)
		}
	}
	return names
}

// name appends a field name, which must come after those before it: names are
// in the order of their lengths, those of one length in the order of bytes.
func (p *parser) name(names [][]byte, s []byte) [][]byte {
	if k := len(names); k > 0 {
		last := names[k-1]
		if len(last) > len(s) || len(last) == len(s) && bytes.Compare(last, s) >= 0 {
			p.failf("field %q of a hash template stands behind %q", s[:min(len(s), 32)], last[:min(len(last), 32)])
		} else if k == maxTemplateFields {
			p.failf("hash template of more than %d fields", maxTemplateFields)
		}
	}
	return append(names, bytes.Clone(s))
}

// templateNames reads the names that stand in a value. They are copies.
func (p *parser) templateNames() (names [][]byte) {
	switch format := p.length(); format {
	case templateNamesPlain:
		return p.names(p.length())
	case templateNamesPacked:
		raw := p.text()
		if p.err != nil {
			return nil
		}
		lp, err := listpack.Open(raw)
		if err != nil {
			p.fail(err)
			return nil
		}
		for {
			s, num, ok := lp.Next()
			if !ok {
				break
			}
			var t digits
			if names = p.name(names, t.text(s, num, 0)); p.err != nil {
				return nil
			}
		}
		if err := lp.Err(); err != nil {
			p.fail(err)
		}
	default:
		p.failf("hash template format %d is unknown", format)
	}
	return names
}

func (v *templateValue) begin(d *decoder) error {
	v.start(d)
	if v.packed = d.info.packing == packListpack; v.packed {
		d.blob = d.in.offset()
	}
	err := d.parse(func(p *parser) {
		v.names = nil
		if d.typ == typeTemplatePacked || d.typ == typeTemplateArray {
			v.names = p.templateNames()
		}
		if d.typ == typeTemplateArrayRef {
			v.named(p, p.length())
		}
		if !v.packed || p.err != nil {
			return
		}
		raw := p.text()
		if p.err != nil {
			return
		}
		if err := v.blob.open(packListpack, raw); err != nil {
			p.fail(err)
			return
		}
		switch s, num, ok := v.blob.next(); {
		case !ok || s != nil:
			p.fail(errors.New("the listpack begins with no template number"))
		case d.typ == typeTemplatePackRef:
			v.named(p, uint64(num))
		}
	})
	d.e.Value, d.e.Len = v, int64(len(v.names))
	return err
}

// named looks the names up in the registry.
func (v *templateValue) named(p *parser, id uint64) {
	var ok bool
	if v.names, ok = v.d.lookup(id); !ok && p.err == nil {
		p.failf("hash template %d is not defined", id)
	}
}

func (v *templateValue) Next() bool {
	if v.err != nil || v.ended {
		return false
	}
	i := int(v.index + 1)
	if v.packed {
		s, num, ok := v.blob.next()
		if !ok && v.blob.err() != nil {
			return v.stopAt("listpack", v.blob.err())
		}
		if ok != (i < len(v.names)) {
			return v.stopAt("listpack", errors.New("the number of values is not that of the names"))
		}
		if !ok {
			return v.end()
		}
		v.elem.Value = v.digits.text(s, num, 0)
	} else {
		if i == len(v.names) {
			return v.end()
		}
		if v.err = v.d.parse(func(p *parser) {
			v.elem.Value = p.text()
		}); v.err != nil {
			return false
		}
	}
	v.elem.Data, v.elem.ExpireAt = v.names[i], entry.NoExpire
	v.index++
	return true
}
