package rdb

import (
	"encoding/binary"
	"math"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/rdbwire"
)

// plainValue is the cursor of a collection that stands in the file element by
// element.
type plainValue struct {
	cursor
	shape plainShape
	left  uint64
	min   int64 // what the expiries of fields count from, 0 if they are absolute
	parts fragments
	name  []byte // the field whose value comes in parts
	head  bool   // expiry and field of the element have been read
}

func (v *plainValue) begin(d *decoder) error {
	v.start(d)
	v.shape, v.head, v.parts.active = d.info.plain, false, false
	var n uint64
	v.min = 0
	err := d.parse(func(p *parser) {
		if d.info.layout == layPlainMin {
			v.min = int64(p.u64())
		}
		n = p.length()
	})
	v.left = n
	d.e.Value, d.e.Len = v, int64(min(n, math.MaxInt64))
	return err
}

// Soonest returns the expiry that the fields' own count from.
func (v *plainValue) Soonest() (int64, bool) { return v.min, v.d.info.layout == layPlainMin }

// Next reads an element whole where it is in memory, and does it again when it
// had to bring more of it there.
func (v *plainValue) Next() bool {
	if v.parts.active {
		return v.part()
	}
	if v.left == 0 || v.err != nil {
		return v.end()
	}
	d := v.d
	for {
		n, missing, err := v.one(d.in.rest())
		if err == nil {
			d.in.pos += n
			v.left--
			v.index++
			return true
		}
		if err == errFragments {
			return v.firstPart()
		}
		if err = d.more(err, missing); err != nil {
			return v.stopAt(v.d.e.Type.String(), err)
		}
	}
}

// one decodes the element at the start of b and returns its length.
func (v *plainValue) one(b []byte) (n int, missing uint64, err error) {
	e, d := &v.elem, v.d
	if v.shape.ttl {
		ttl, m, err := rdbwire.Length(b)
		if err != nil {
			return 0, 1, err
		}
		n = m
		if e.ExpireAt, err = v.expiry(ttl); err != nil {
			return 0, 0, err
		}
	}
	d.items.reset()
	var s []byte
	var m int
	if v.shape.strings == 2 {
		d.names.reset()
		if e.Data, m, missing, err = d.names.text(b[n:]); err != nil {
			return 0, missing, err
		}
		n += m
		if e.Value, m, missing, err = d.items.text(b[n:]); err != nil {
			return 0, missing, err
		}
		n += m
	} else {
		if v.shape.tail == tailNone {
			s, m, missing, err = d.items.text(b[n:])
		} else {
			s, m, missing, err = d.names.text(b[n:])
		}
		if err != nil {
			return 0, missing, err
		}
		e.Data = s
		n += m
	}
	switch v.shape.tail {
	case tailNone:
		return n, 0, nil
	case tailText:
		e.Score, m, err = rdbwire.TextDouble(b[n:])
		return n + m, 1, err
	}
	if len(b)-n < 8 {
		return 0, uint64(8 - (len(b) - n)), rdbwire.ErrShort
	}
	tail := binary.LittleEndian.Uint64(b[n:])
	if v.shape.tail == tailFloat {
		e.Score = math.Float64frombits(tail)
	} else {
		if e.ExpireAt = int64(tail); e.ExpireAt < entry.NoExpire {
			return 0, 0, expiryError(e.ExpireAt)
		}
	}
	return n + 8, 0, nil
}

// expiry turns what stands before a field into its expiry. 0 is none; else it
// counts from the earliest expiry of the hash, one more than the distance.
func (v *plainValue) expiry(ttl uint64) (int64, error) {
	if ttl == 0 {
		return entry.NoExpire, nil
	}
	at := int64(min(ttl, math.MaxInt64))
	if v.d.info.layout == layPlainMin {
		at += v.min - 1
	}
	if ttl > maxExpiry+1 || at < 0 || at > maxExpiry {
		return 0, expiryError(at)
	}
	return at, nil
}

// maxExpiry is the last millisecond at which a field can expire.
const maxExpiry = 1<<48 - 1

func expiryError(at int64) error { return wrong(ErrFieldExpiry, "a field expires at %d ms", at) }

// firstPart reads the element at the start of the window, whose last string is
// long, up to the first part of that string.
func (v *plainValue) firstPart() bool {
	d := v.d
	if v.shape.strings == 2 {
		err := d.parse(func(p *parser) {
			if v.shape.ttl {
				at, err := v.expiry(p.length())
				if v.elem.ExpireAt = at; err != nil {
					p.fail(err)
				}
			} else {
				v.elem.ExpireAt = entry.NoExpire
			}
			p.arena = &d.names
			d.names.reset()
			v.name = append(v.name[:0], p.text()...)
		})
		if err != nil {
			v.err = err
			return false
		}
		v.elem.Data = v.name
	}
	if err := v.parts.begin(d); err != nil {
		return v.stopAt(d.e.Type.String(), err)
	}
	v.left--
	v.index++
	return v.part()
}

func (v *plainValue) part() bool {
	d := v.d
	part, more, err := v.parts.next(d)
	if err == nil && !more && v.shape.tail == tailMs {
		// What stands after the string is brought into memory beside its last
		// part, which must not move.
		part = append([]byte{}, part...)
		err = d.parse(func(p *parser) {
			if v.elem.ExpireAt = int64(p.u64()); v.elem.ExpireAt < entry.NoExpire {
				p.fail(expiryError(v.elem.ExpireAt))
			}
		})
	}
	if err != nil {
		return v.stop(d.e.Type.String(), err)
	}
	v.elem.Total = v.parts.total
	v.elem.More = more
	if v.shape.strings == 2 {
		v.elem.Value = part
	} else {
		v.elem.Data = part
	}
	return true
}
