package convert

import (
	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/jsonstr"
)

// data appends the Data of the current element, all its parts.
func (c *chunk) data(v entry.Value) {
	if e := v.Elem(); e.More {
		c.parts(v, false)
		c.closeParts()
	} else {
		c.str(e.Data)
	}
	c.spill()
}

// parts collects the parts of the current element in the spool.
func (c *chunk) parts(v entry.Value, value bool) {
	c.big.Reset()
	for c.err == nil {
		e := v.Elem()
		part := e.Data
		if value {
			part = e.Value
		}
		if _, err := c.big.Write(part); err != nil {
			c.err = err
			return
		}
		if !e.More || !v.Next() {
			return
		}
	}
}

// closeParts appends the string whose parts are in the spool.
func (c *chunk) closeParts() {
	if c.err != nil {
		return
	}
	mode := c.d.opts.Strings
	text := false
	if mode == jsonstr.Auto {
		var check jsonstr.Checker
		c.fail(c.big.Each(func(p []byte) error {
			_, err := check.Write(p)
			return err
		}))
		text = check.Text()
	}
	var s jsonstr.Stream
	c.buf = s.Begin(c.buf, mode, text)
	c.fail(c.big.Each(func(p []byte) error {
		c.buf = s.Append(c.buf, p)
		c.spill()
		return c.err
	}))
	c.buf = s.End(c.buf)
}

// The loops over elements keep the buffer in a local variable: storing it in c
// for each string costs a dump some percent.

func (c *chunk) appendArray(v entry.Value) {
	buf := append(c.buf, '[')
	for n := 0; v.Next() && c.err == nil; n++ {
		if n > 0 {
			buf = append(buf, ',')
		}
		if e := v.Elem(); e.More {
			c.buf = buf
			c.data(v)
			buf = c.buf
		} else {
			buf = c.d.quote(buf, e.Data)
		}
		if len(buf) >= flushSize {
			buf = c.spillFrom(buf)
		}
	}
	c.buf = append(buf, ']')
}

// spillFrom is spill for a loop that has the buffer.
func (c *chunk) spillFrom(buf []byte) []byte {
	c.buf = buf
	c.spill()
	return c.buf
}

func (c *chunk) appendScores(v entry.Value) {
	buf := append(c.buf, '{')
	for n := 0; v.Next() && c.err == nil; n++ {
		if n > 0 {
			buf = append(buf, ',')
		}
		e := v.Elem()
		buf = append(c.d.quote(buf, e.Data), ':')
		buf = appendScore(buf, e.Score)
		if len(buf) >= flushSize {
			buf = c.spillFrom(buf)
		}
	}
	c.buf = append(buf, '}')
}

func (c *chunk) appendFields(v entry.Value) {
	buf := append(c.buf, '{')
	for n := 0; v.Next() && c.err == nil; n++ {
		if n > 0 {
			buf = append(buf, ',')
		}
		e := v.Elem()
		buf = append(c.d.quote(buf, e.Data), ':')
		if e.More || e.ExpireAt != entry.NoExpire {
			c.buf = buf
			c.appendField(v)
			buf = c.buf
		} else {
			buf = c.d.quote(buf, e.Value)
		}
		if len(buf) >= flushSize {
			buf = c.spillFrom(buf)
		}
	}
	c.buf = append(buf, '}')
}

// appendField appends the value of a field that comes in parts or expires.
func (c *chunk) appendField(v entry.Value) {
	e := v.Elem()
	inParts := e.More
	if inParts {
		c.parts(v, true) // the expiry may stand behind the last part
	}
	if e.ExpireAt != entry.NoExpire {
		c.raw(`{"value":`)
	}
	if inParts {
		c.closeParts()
		c.big.Reset()
	} else {
		c.str(e.Value)
	}
	if e.ExpireAt != entry.NoExpire {
		c.raw(`,"expire_at_ms":`)
		c.int(e.ExpireAt)
		c.raw(`}`)
	}
}
