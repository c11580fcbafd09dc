package size

import (
	"errors"
	"fmt"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/intset"
	"github.com/rdbtool/rdbtool/internal/listpack"
	"github.com/rdbtool/rdbtool/internal/ziplist"
)

// blob is a packed blob as the file has it.
type blob struct {
	bytes   int64
	entries int64
	asIs    bool // it is of the encoding that the server packs in
}

// open returns the blob of a value, and nil where the value is none: it is plain,
// or of an encoding older than packed blobs.
func (z *Sizer) open(e *entry.Entry) (*blob, error) {
	v, ok := e.Value.(entry.Blob)
	if !ok || e.Encoding == entry.Zipmap {
		return nil, nil
	}
	raw, n := v.Blob()
	if raw == nil {
		if err := z.rest(e); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("blob of key %q cannot be read", e.Key)
	}
	b := &blob{bytes: int64(len(raw)), entries: int64(n), asIs: e.Encoding == entry.Intset || (e.Encoding == entry.Ziplist) == z.packsZiplists()}
	if !b.asIs || z.o.Elements || n < 0 {
		if err := z.walk(raw, e.Encoding); err != nil {
			return nil, errors.Join(z.rest(e), err) // what the cursor says has the place
		}
		b.entries, z.out.Largest = int64(z.pack.entries), z.pack.longest
		if !b.asIs { // the new blob holds the same strings and numbers
			b.bytes = z.pack.bytes
		}
	}
	z.out.Content = int64(len(raw))
	return b, nil
}

// The types of packed hashes with field expiries: three entries for a field.
const typeHashListpackTTL = 25

// packsZiplists reports whether the server packs in ziplists.
func (z *Sizer) packsZiplists() bool { return z.l.number < 700 }

// walk makes z.pack the blob that the server would build of the entries of this
// one.
func (z *Sizer) walk(raw []byte, encoding entry.Encoding) error {
	z.pack.reset(z.packsZiplists())
	switch encoding {
	case entry.Intset:
		r, err := intset.Open(raw)
		for err == nil {
			n, ok := r.Next()
			if !ok {
				break
			}
			z.pack.number(n)
		}
		return err
	case entry.Ziplist:
		r, err := ziplist.Open(raw)
		for err == nil {
			s, num, ok := r.Next()
			if !ok {
				return r.Err()
			}
			z.pack.either(s, num)
		}
		return err
	}
	r, err := listpack.Open(raw)
	for err == nil {
		s, num, ok := r.Next()
		if !ok {
			return r.Err()
		}
		z.pack.either(s, num)
	}
	return err
}

// packed is what a packed blob takes.
func (z *Sizer) packed(bytes int64) value {
	u := usable(bytes)
	if z.l.number < 700 || z.l.gen == kvobj { // counts the bytes themselves
		return value{all(bytes), u}
	}
	return value{u, u}
}

// packedName returns the name of the encoding.
func (z *Sizer) packedName() string {
	if z.packsZiplists() {
		return "ziplist"
	}
	return "listpack"
}

// keeps reports whether what the file has packed stays packed, with so many
// elements.
func (z *Sizer) keeps(elements, most int64) bool { return z.o.Own || elements <= most }

// packsPlain reports whether the server packs what comes as plain elements: when
// it loads them, or gets them by commands.
func (z *Sizer) packsPlain(e *entry.Entry) bool {
	return z.o.State == Loaded || !z.o.Own || e.RDBType < 0 || e.Encoding == entry.Zipmap
}
