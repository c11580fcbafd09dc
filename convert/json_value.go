package convert

import (
	"math"
	"strconv"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/jsonstr"
)

// str appends s as a JSON string.
func (c *chunk) str(s []byte) { c.buf = c.d.quote(c.buf, s) }

// quote appends s to dst as a JSON string.
func (d *dumper) quote(dst, s []byte) []byte {
	if d.opts.Strings == jsonstr.Auto {
		return jsonstr.Append(dst, s)
	}
	return d.opts.Strings.Append(dst, s)
}

func (c *chunk) int(v int64) { c.buf = strconv.AppendInt(c.buf, v, 10) }

func (c *chunk) uint(v uint64) { c.buf = strconv.AppendUint(c.buf, v, 10) }

// appendScore appends the shortest text that reads back to the same double, as
// a string where JSON has no number for it.
func appendScore(dst []byte, f float64) []byte {
	if i := int64(f); float64(i) == f && -1<<53 < i && i < 1<<53 && (i != 0 || !math.Signbit(f)) {
		return strconv.AppendInt(dst, i, 10)
	}
	switch {
	case math.IsNaN(f):
		return append(dst, `"nan"`...)
	case math.IsInf(f, 1):
		return append(dst, `"inf"`...)
	case math.IsInf(f, -1):
		return append(dst, `"-inf"`...)
	}
	if f == 0 {
		return append(dst, "-0.0"...) // some readers take -0 for the integer 0
	}
	return appendFloat(dst, f, 64)
}

// appendFloat appends a finite number as ECMAScript does.
func appendFloat(dst []byte, f float64, bits int) []byte {
	format := byte('f')
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	dst = strconv.AppendFloat(dst, f, format, -1, bits)
	if n := len(dst); format == 'e' && dst[n-4] == 'e' && dst[n-2] == '0' { // e-09
		dst[n-2] = dst[n-1]
		dst = dst[:n-1]
	}
	return dst
}

// appendHead appends an entry's object up to its value, left open.
func (c *chunk) appendHead(e *entry.Entry) {
	c.raw(`{"db":`)
	c.int(int64(e.DB))
	c.raw(`,"key":`)
	c.str(e.Key)
	c.raw(`,"type":"`)
	c.raw(e.Type.String())
	if e.Encoding != entry.EncodingUnknown {
		c.raw(`","encoding":"`)
		c.raw(e.Encoding.String())
	}
	c.raw(`"`)
	if e.ExpireAt != entry.NoExpire {
		c.raw(`,"expire_at_ms":`)
		c.int(e.ExpireAt)
	}
	if e.Idle >= 0 {
		c.raw(`,"idle_seconds":`)
		c.int(e.Idle)
	}
	if e.Freq >= 0 {
		c.raw(`,"freq":`)
		c.int(int64(e.Freq))
	}
	for i, m := range e.KeyMeta {
		c.raw(separator(i, `,"key_meta":[`, `,`))
		c.raw(`{"class":"` + m.Class + `","version":`)
		c.int(int64(m.Version))
		c.raw(`,"flags":`)
		c.int(int64(m.Flags))
		c.raw(`,"data":`)
		c.str(m.Data)
		c.raw(`}`)
	}
	if len(e.KeyMeta) > 0 {
		c.raw(`]`)
	}
}

// separator returns first before element 0 and then before all others.
func separator(i int, first, then string) string {
	if i == 0 {
		return first
	}
	return then
}

// appendValue appends the value of e.
func (c *chunk) appendValue(e *entry.Entry) error {
	v := e.Value
	switch e.Type {
	case entry.String:
		if v.Next() {
			c.data(v)
		}
		v.Next() // lets the cursor see the end
	case entry.List, entry.Set:
		c.appendArray(v)
	case entry.ZSet:
		c.appendScores(v)
	case entry.Hash:
		c.appendFields(v)
	case entry.Stream:
		c.appendStream(v)
	case entry.Module:
		if e.Vectors != nil {
			c.appendVectors(e)
		} else {
			c.appendModule(e)
		}
	case entry.Array:
		c.appendSparse(e)
	case entry.PathHash:
		c.appendPaths(v)
	case entry.Cron:
		c.appendCron(v)
	}
	if err := v.Err(); err != nil {
		return err
	}
	return c.err
}

func (c *chunk) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}
