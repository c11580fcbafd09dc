package memory

import (
	"math"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/memory/size"
)

// compact is a record in a third of the room: a batch may hold tens of thousands
// of small keys. What does not fit is kept whole.
type compact struct {
	usage, data                [size.Allocators]uint32
	elements, content, stored  uint32
	keyLen, db, idle, encoding uint32
	expireAt                   int64
	freq, slot                 int16
	typ                        entry.Type
	flags                      uint8
}

const (
	flagExact = 1 << iota
	flagPasses
	flagVectors
	flagWhole // the record is in records.whole, at elements
)

// noIdle is for a key without an idle time.
const noIdle = math.MaxUint32

// put adds a record.
func (r *records) put(k *record) {
	c := compact{expireAt: k.expireAt, keyLen: uint32(k.keyLen), freq: k.freq, slot: k.slot, typ: k.typ}
	if k.exact {
		c.flags |= flagExact
	}
	if k.passes {
		c.flags |= flagPasses
	}
	if k.vectors {
		c.flags |= flagVectors
	}
	fits := k.packed == size.Bytes{} && k.saved == 0 && k.idle < noIdle && r.a.o.PerKey == nil
	for a := range c.usage {
		fits = fits && k.usage[a] == int64(uint32(k.usage[a])) && k.data[a] == int64(uint32(k.data[a]))
		c.usage[a], c.data[a] = uint32(k.usage[a]), uint32(k.data[a])
	}
	for _, n := range []struct {
		to *uint32
		v  int64
	}{{&c.elements, k.elements}, {&c.content, k.content}, {&c.stored, k.stored}, {&c.db, int64(k.db)}} {
		*n.to = uint32(n.v)
		fits = fits && n.v == int64(*n.to)
	}
	c.idle = noIdle
	if k.idle >= 0 {
		c.idle = uint32(k.idle)
	}
	if !fits {
		c.flags |= flagWhole
		c.elements = uint32(len(r.whole))
		r.whole = append(r.whole, *k)
	} else {
		c.encoding = r.number(k.encoding)
	}
	r.all = append(r.all, c)
}

// number returns the number of an encoding's name.
func (r *records) number(name string) uint32 {
	for i, n := range r.encodings {
		if n == name {
			return uint32(i)
		}
	}
	r.encodings = append(r.encodings, name)
	return uint32(len(r.encodings) - 1)
}

// get makes k the nth record; its name begins at keyAt.
func (r *records) get(n, keyAt int, k *record) {
	c := &r.all[n]
	if c.flags&flagWhole != 0 {
		*k = r.whole[c.elements]
		k.keyAt = keyAt
		return
	}
	*k = record{
		elements: int64(c.elements), content: int64(c.content), stored: int64(c.stored),
		expireAt: c.expireAt, idle: int64(c.idle), keyAt: keyAt, keyLen: int(c.keyLen), db: int(c.db), freq: c.freq, slot: c.slot,
		typ: c.typ, exact: c.flags&flagExact != 0, passes: c.flags&flagPasses != 0, vectors: c.flags&flagVectors != 0, encoding: r.encodings[c.encoding],
	}
	if c.idle == noIdle {
		k.idle = -1
	}
	for a := range k.usage {
		k.usage[a], k.data[a] = int64(c.usage[a]), int64(c.data[a])
	}
}
