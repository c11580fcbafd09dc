package rdb

import (
	"errors"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/rdbwire"
	"github.com/rdbtool/rdbtool/internal/zipmap"
)

// packedValue is the cursor of a collection in one compact blob.
type packedValue struct {
	cursor
	blob   walker
	zm     zipmap.Reader
	digits digits
	raw    []byte
	min    int64 // the earliest expiry of a field, as the record says
	opened bool
}

var (
	_ entry.Blob    = (*packedValue)(nil)
	_ entry.Soonest = (*packedValue)(nil)
	_ entry.Soonest = (*plainValue)(nil)

	errNoValue  = errors.New("ends with a field that has no value")
	errNoScore  = errors.New("ends with a member that has no score")
	errNoExpiry = errors.New("ends with a field that has no expiry")
)

func (v *packedValue) begin(d *decoder) error {
	v.start(d)
	v.raw, v.opened = nil, false
	d.e.Value = v
	return nil
}

// name of the blob's format, for error texts.
func (v *packedValue) name() string { return v.d.info.encoding.String() }

// load brings the blob into memory and opens it.
func (v *packedValue) load() bool {
	v.opened = true
	d := v.d
	d.blob = d.in.offset()
	err := d.parse(func(p *parser) {
		if d.info.layout == layBlobMin {
			v.min = int64(p.u64()) // each field has its own in the blob
		}
		v.raw = p.text()
	})
	if err != nil {
		v.err = err
		return false
	}
	if d.info.packing == packZipmap {
		v.blob.packing = packZipmap
		v.zm, err = zipmap.Open(v.raw)
	} else {
		err = v.blob.open(d.info.packing, v.raw)
	}
	if err != nil {
		return v.stop(v.name(), err)
	}
	return true
}

// Blob returns the unpacked blob and the number of entries it declares, nil
// where it is damaged: Next tells how.
func (v *packedValue) Blob() (raw []byte, n int) {
	if !v.opened {
		v.load()
	}
	switch {
	case v.err != nil:
		return nil, -1
	case v.blob.packing == packZipmap:
		return v.raw, v.zm.Len()
	}
	return v.raw, v.blob.len()
}

// Soonest returns the expiry before the blob.
func (v *packedValue) Soonest() (int64, bool) { return v.min, v.d.info.layout == layBlobMin }

func (v *packedValue) Next() bool {
	if v.err != nil || !v.opened && !v.load() {
		return false
	}
	e := &v.elem
	if v.blob.packing == packZipmap {
		field, value, ok := v.zm.Next()
		if !ok {
			return v.finish(v.zm.Err())
		}
		e.Data, e.Value = field, value
		v.index++
		return true
	}
	s, num, ok := v.blob.next()
	if !ok {
		return v.finish(v.blob.err())
	}
	e.Data = v.digits.text(s, num, 0)
	switch v.d.e.Type {
	case entry.ZSet:
		if s, num, ok = v.blob.next(); !ok {
			return v.missing(errNoScore)
		}
		if s == nil {
			e.Score = float64(num)
		} else {
			score, err := rdbwire.ParseScore(s)
			if err != nil {
				return v.stopIn(v.blob.index()-1, err)
			}
			e.Score = score
		}
	case entry.Hash:
		if s, num, ok = v.blob.next(); !ok {
			return v.missing(errNoValue)
		}
		e.Value = v.digits.text(s, num, 1)
		if v.d.info.triples {
			return v.expiry()
		}
	}
	v.index++
	return true
}

// expiry reads the third entry of a field: when it expires, 0 for never.
func (v *packedValue) expiry() bool {
	s, num, ok := v.blob.next()
	if !ok {
		return v.missing(errNoExpiry)
	}
	if s != nil || num < 0 {
		return v.stopIn(v.blob.index()-1, wrong(ErrFieldExpiry, "expiry of the field is %q", v.digits.text(s, num, 2)))
	}
	if v.elem.ExpireAt = num; num == 0 {
		v.elem.ExpireAt = entry.NoExpire
	}
	v.index++
	return true
}

// missing ends the value inside an element.
func (v *packedValue) missing(what error) bool {
	if err := v.blob.err(); err != nil {
		return v.stopIn(v.blob.index(), err)
	}
	return v.stopIn(v.blob.index(), what)
}

// stopIn ends the value with damage at an entry of the blob.
func (v *packedValue) stopIn(i int, err error) bool {
	v.err = v.d.fault(v.name(), int64(i), err)
	return false
}

func (v *packedValue) finish(err error) bool {
	switch {
	case err == nil:
		return v.end()
	case v.blob.packing == packZipmap:
		v.err = v.d.fault(v.name(), int64(v.zm.Index()), err)
		return false
	}
	return v.stopIn(v.blob.index(), err)
}
