package keyspace

import "github.com/rdbtool/rdbtool/entry"

// opaque is a value of a kind that no command here changes: it is kept as it
// came.
type opaque struct {
	head  entry.Entry // without key and value
	elems []*entry.Elem
}

func loadOpaque(e *entry.Entry) (*opaque, error) {
	o := &opaque{head: *e.Clone()}
	for e.Value.Next() {
		o.elems = append(o.elems, e.Value.Elem().Clone())
	}
	return o, e.Value.Err()
}

// clone returns o itself, which never changes.
func (o *opaque) clone() (any, error) { return o, nil }

func (o *opaque) fill(e *entry.Entry) {
	e.Module, e.Array, e.Len = o.head.Module, o.head.Array, int64(len(o.elems))
	e.Value = &opaqueCursor{elems: o.elems, at: -1}
}

type opaqueCursor struct {
	elems []*entry.Elem
	at    int
}

func (c *opaqueCursor) Next() bool {
	if c.at+1 >= len(c.elems) {
		return false
	}
	c.at++
	return true
}

func (c *opaqueCursor) Elem() *entry.Elem { return c.elems[c.at] }
func (c *opaqueCursor) Err() error        { return nil }
