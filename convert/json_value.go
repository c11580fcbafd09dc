package convert

import (
	"encoding/base64"
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
	c.big.reset()
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
		c.fail(c.big.each(func(p []byte) error {
			_, err := check.Write(p)
			return err
		}))
		text = check.Text()
	}
	var s jsonstr.Stream
	c.buf = s.Begin(c.buf, mode, text)
	c.fail(c.big.each(func(p []byte) error {
		c.buf = s.Append(c.buf, p)
		c.spill()
		return c.err
	}))
	c.buf = s.End(c.buf)
}

func (c *chunk) fail(err error) {
	if c.err == nil {
		c.err = err
	}
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
		c.big.reset()
	} else {
		c.str(e.Value)
	}
	if e.ExpireAt != entry.NoExpire {
		c.raw(`,"expire_at_ms":`)
		c.int(e.ExpireAt)
		c.raw(`}`)
	}
}

func (c *chunk) appendModule(e *entry.Entry) {
	c.raw(`{"name":"` + e.Module.Name() + `","version":`)
	c.int(int64(e.Module.Version()))
	c.raw(`,"data":`)
	if e.Value.Next() {
		c.data(e.Value)
	}
	e.Value.Next()
	c.raw(`}`)
}

func (c *chunk) appendVectors(e *entry.Entry) {
	s := e.Vectors
	c.raw(`{"name":"` + e.Module.Name() + `","version":`)
	c.int(int64(e.Module.Version()))
	c.raw(`,"dimension":`)
	c.int(int64(s.Dim))
	c.raw(`,"quantisation":"` + s.Quantization.String() + `","links":`)
	c.int(int64(s.Links))
	if s.Projection != nil {
		c.raw(`,"input_dimension":`)
		c.int(int64(s.InputDim))
		c.raw(`,"projection":`)
		c.binary(s.Projection)
	}
	c.raw(`,"elements":[`)
	for n := 0; e.Value.Next() && c.err == nil; n++ {
		el := e.Value.Elem()
		c.raw(separator(n, `{"name":`, `,{"name":`))
		c.str(el.Data)
		c.raw(`,"vector":`)
		for i, x := range el.Vector.Components {
			c.raw(separator(i, `[`, `,`))
			c.buf = appendComponent(c.buf, x)
		}
		c.raw(separator(len(el.Vector.Components), `[]`, `]`))
		if s.HasAttributes {
			c.raw(`,"attributes":`)
			c.str(el.Vector.Attributes)
		}
		c.raw(`,"data":`)
		c.binary(el.Vector.Raw)
		c.raw(`}`)
		c.spill()
	}
	c.raw(`]}`)
}

func appendComponent(dst []byte, x float32) []byte {
	f := float64(x)
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return appendScore(dst, f)
	}
	return appendFloat(dst, f, 32)
}

// binary appends bytes that are never text. Only the redacting rules change
// how they stand.
func (c *chunk) binary(b []byte) {
	if c.d.opts.Strings != jsonstr.Auto {
		c.str(b)
		return
	}
	c.raw(`"base64:`)
	c.buf = base64.StdEncoding.AppendEncode(c.buf, b)
	c.raw(`"`)
}

func (c *chunk) appendSparse(e *entry.Entry) {
	c.raw(`{`)
	if e.Array.HasCursor {
		c.raw(`"cursor":`)
		c.uint(e.Array.Cursor)
		c.raw(`,`)
	}
	c.raw(`"elements":{`)
	for n := 0; e.Value.Next() && c.err == nil; n++ {
		el := e.Value.Elem()
		c.raw(separator(n, `"`, `,"`))
		c.uint(el.Index)
		c.raw(`":`)
		c.str(el.Data)
		c.spill()
	}
	c.raw(`}}`)
}

func (c *chunk) appendPaths(v entry.Value) {
	c.raw(`{`)
	var path []byte
	n := 0
	for ; v.Next() && c.err == nil; n++ {
		e := v.Elem()
		if n == 0 || string(path) != string(e.Path) {
			c.raw(separator(n, ``, `},`))
			c.str(e.Path)
			c.raw(`:{`)
			path = append(path[:0], e.Path...)
		} else {
			c.raw(`,`)
		}
		c.str(e.Data)
		c.raw(`:`)
		c.str(e.Value)
		c.spill()
	}
	c.raw(separator(n, `}`, `}}`))
}

func (c *chunk) appendCron(v entry.Value) {
	if !v.Next() {
		return
	}
	j := v.Elem().Cron
	c.raw(`{"script":`)
	c.str(j.Script)
	c.raw(`,"start_at_ms":`)
	c.int(j.StartAt)
	c.raw(`,"interval_ms":`)
	c.int(j.IntervalMs)
	c.raw(`,"keys":`)
	c.list(j.Keys)
	c.raw(`,"args":`)
	c.list(j.Args)
	c.raw(`}`)
	v.Next()
}

// list appends an array of strings.
func (c *chunk) list(items [][]byte) {
	c.buf = append(c.buf, '[')
	for i, s := range items {
		if i > 0 {
			c.buf = append(c.buf, ',')
		}
		c.str(s)
	}
	c.buf = append(c.buf, ']')
}
