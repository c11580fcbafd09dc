package rdb

import (
	"github.com/rdbtool/rdbtool/entry"
)

// cursor is what every value cursor has.
type cursor struct {
	d     *decoder
	elem  entry.Elem
	index int64 // of the current element
	err   error
	ended bool
}

// Elem returns the current element.
func (c *cursor) Elem() *entry.Elem { return &c.elem }

// Err returns what stopped Next.
func (c *cursor) Err() error { return c.err }

// source returns the decoder whose value this is.
func (c *cursor) source() *decoder { return c.d }

// sourceOf returns the decoder that gave e and its value, nil if e comes from
// elsewhere.
func sourceOf(e *entry.Entry) *decoder {
	if v, ok := e.Value.(interface{ source() *decoder }); ok {
		if d := v.source(); &d.e == e {
			return d
		}
	}
	return nil
}

// Rewind puts the value of e back to its start, so that it can be read once
// more. It reports false where that cannot be done: the value is no
// entry.Rewinder, and no entry of this package whose record is in memory.
func Rewind(e *entry.Entry) bool {
	if v, ok := e.Value.(entry.Rewinder); ok {
		return v.Rewind()
	}
	d := sourceOf(e)
	if d == nil || d.large {
		return false
	}
	d.rewind()
	return true
}

func (c *cursor) start(d *decoder) {
	*c = cursor{d: d, index: -1, elem: entry.Elem{ExpireAt: entry.NoExpire}}
}

// end closes a value that has been read to its end.
func (c *cursor) end() bool {
	if c.ended || c.err != nil {
		return false
	}
	c.ended = true
	if d := c.d; d.large {
		d.e.Size = d.in.offset() - d.first
	} else if d.in.pos != d.end {
		c.err = d.fail(d.e.Key, "", -1, errOverrun)
	}
	return false
}

// stop ends the value with damage in the construct named.
func (c *cursor) stop(construct string, err error) bool {
	c.err = c.d.fault(construct, -1, err)
	return false
}

// stopAt ends the value with damage in the element after the current one.
func (c *cursor) stopAt(construct string, err error) bool {
	c.err = c.d.fault(construct, c.index+1, err)
	return false
}
