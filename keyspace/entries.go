package keyspace

import (
	"encoding/binary"
	"iter"

	"github.com/rdbtool/rdbtool/entry"
)

// Entries gives the data set as entries: libraries of functions by name, then
// the keys of each database, in an order that depends on what was done to the
// data set only. An entry and its bytes are borrowed until the next one; the
// data set may not change meanwhile.
func (d *Dataset) Entries() iter.Seq2[*entry.Entry, error] {
	return func(yield func(*entry.Entry, error) bool) {
		for _, p := range d.Parts() {
			for e, err := range p {
				if !yield(e, err) {
					return
				}
			}
		}
	}
}

// Parts returns what Entries gives in parts of about a megabyte. Several
// goroutines may work on parts at the same time.
func (d *Dataset) Parts() []iter.Seq2[*entry.Entry, error] {
	parts := []iter.Seq2[*entry.Entry, error]{d.Functions()}
	for _, db := range d.dbs() {
		for i := range d.shards {
			if t := d.shards[i].dbs[db]; t != nil {
				for slab := range t.slabs {
					parts = append(parts, t.entries(db, slab))
				}
			}
		}
	}
	return parts
}

// entries gives the entries of a slab.
func (t *dict) entries(db, slab int) iter.Seq2[*entry.Entry, error] {
	return func(yield func(*entry.Entry, error) bool) {
		var c cursor
		var e entry.Entry
		one := arena{slabs: t.slabs[slab : slab+1], ends: t.ends[slab : slab+1]}
		one.each(func(b block) bool {
			t.entry(&e, &c, b)
			e.DB = db
			return yield(&e, nil)
		})
	}
}

// Functions gives the libraries of functions.
func (d *Dataset) Functions() iter.Seq2[*entry.Entry, error] {
	return func(yield func(*entry.Entry, error) bool) {
		for _, name := range d.sortedLibraries() {
			e := entry.Entry{Meta: &entry.Meta{Kind: entry.MetaFunction, Value: d.libraries[name]}, RDBType: -1, Size: -1, ExpireAt: entry.NoExpire, Idle: -1, Freq: -1}
			if !yield(&e, nil) {
				return
			}
		}
	}
}

// Size is how many keys a database has, and how many of them expire.
type Size struct{ Keys, Expires uint64 }

// Sizes returns the sizes of the databases that have keys.
func (d *Dataset) Sizes() map[int]Size {
	sizes := map[int]Size{}
	for i := range d.shards {
		for db, t := range d.shards[i].dbs {
			s := sizes[db]
			s.Keys += uint64(t.n)
			t.each(func(b block) bool {
				if b[0]&tagExpire != 0 {
					s.Expires++
				}
				return true
			})
			if s.Keys > 0 {
				sizes[db] = s
			}
		}
	}
	return sizes
}

// entry makes e the entry of the key at b, with c as its value.
func (t *dict) entry(e *entry.Entry, c *cursor, b block) {
	*e = entry.Entry{
		Key: b.key(), Type: entry.Type(b.typ()), RDBType: -1, ExpireAt: b.expireAt(),
		Idle: -1, Freq: -1, Offset: -1, Size: -1, Len: -1, Value: c,
	}
	*c = cursor{t: t, b: b}
	if o, ok := c.start().(filler); ok {
		o.fill(e)
		return
	}
	e.Len = c.n
}

// filler is an object that knows how it looks as an entry: it sets the type,
// Len and the value.
type filler interface{ fill(e *entry.Entry) }

// cursor walks over the elements of all values but those of a filler.
type cursor struct {
	t *dict // with the key at b
	b block

	typ    entry.Type
	elem   entry.Elem
	n      int64  // elements of an object, else -1: they would have to be counted
	rest   []byte // of a packed value
	given  bool   // the only element of a string
	chunks []chunk
	walk   dictWalk
	order  *order
	part   []handle // of the order
	next   int      // chunk of the order
}

func (c *cursor) Err() error        { return nil }
func (c *cursor) Elem() *entry.Elem { return &c.elem }

// start puts the cursor to the start of the value. It returns the object that
// stands in place of a packed one, if there is one.
func (c *cursor) start() (object any) {
	*c = cursor{t: c.t, b: c.b, typ: entry.Type(c.b.typ()), n: -1}
	if c.b[0]&tagObject == 0 {
		c.rest = c.b.value()
		return nil
	}
	switch o := c.t.objects[binary.LittleEndian.Uint32(c.b.value())].(type) {
	case *list:
		c.chunks, c.n = o.used(), int64(o.n)
	case *dict:
		c.walk, c.n = dictWalk{a: &o.arena, at: 8}, int64(o.n)
	case *sortedSet:
		if o.order == nil {
			o.order = newOrder(&o.dict)
		}
		c.order, c.n = o.order, int64(o.n)
	default:
		object = o
	}
	return object
}

// Rewind implements entry.Rewinder.
func (c *cursor) Rewind() bool {
	c.start()
	return true
}

// Distinct implements entry.Distinct.
func (c *cursor) Distinct() {}

func (c *cursor) Next() bool {
	switch {
	case c.typ == entry.String:
		if c.given {
			return false
		}
		c.given = true
		c.elem.Data = c.rest
		c.elem.Total = int64(len(c.rest))
		return true
	case c.walk.a != nil:
		b := c.walk.next()
		if b == nil {
			return false
		}
		c.elem.Data = b.key()
		if c.typ == entry.Hash {
			c.elem.Value, c.elem.ExpireAt = b.value(), b.expireAt()
		}
		return true
	case c.order != nil:
		if len(c.part) == 0 {
			if c.next == len(c.order.chunks) {
				return false
			}
			c.part = c.order.chunks[c.next]
			c.next++
		}
		s := c.order.scored(c.part[0])
		c.part = c.part[1:]
		c.elem.Data, c.elem.Score = s.member, s.score
		return true
	}
	for len(c.rest) == 0 && len(c.chunks) > 0 {
		c.rest, c.chunks = c.chunks[0].items, c.chunks[1:]
	}
	return c.nextPacked()
}

func (c *cursor) nextPacked() bool {
	if len(c.rest) == 0 {
		return false
	}
	switch c.typ {
	case entry.ZSet:
		var s scored
		s, c.rest = nextScored(c.rest)
		c.elem.Data, c.elem.Score = s.member, s.score
	case entry.Hash:
		c.elem.Data, c.rest = nextItem(c.rest)
		c.elem.Value, c.rest = nextItem(c.rest)
		c.elem.ExpireAt = entry.NoExpire
	default:
		c.elem.Data, c.rest = nextItem(c.rest)
	}
	return true
}

// dictWalk walks over the blocks of a dict in the order of their places.
type dictWalk struct {
	a    *arena
	slab int
	at   int
}

func (w *dictWalk) next() block {
	for w.slab < len(w.a.slabs) {
		if w.at >= w.a.ends[w.slab] {
			w.slab, w.at = w.slab+1, 8
			continue
		}
		b := block(w.a.slabs[w.slab][w.at:])
		if b[1] == ownSlab {
			w.at = w.a.ends[w.slab]
		} else {
			w.at += classSize(b[1])
		}
		if b[0] != tagFree {
			return b
		}
	}
	return nil
}
