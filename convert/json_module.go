package convert

import (
	"encoding/base64"
	"math"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/jsonstr"
)

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
		if c.d.opts.Strings != jsonstr.SHA256 { // a redaction leaves the components out
			c.raw(`,"vector":`)
			for i, x := range el.Vector.Components {
				c.raw(separator(i, `[`, `,`))
				c.buf = appendComponent(c.buf, x)
			}
			c.raw(separator(len(el.Vector.Components), `[]`, `]`))
		}
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
