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
	raw, _ := v.Blob()
	if raw == nil {
		if err := z.rest(e); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("blob of key %q cannot be read", e.Key)
	}
	b := &blob{bytes: int64(len(raw)), asIs: e.Encoding == entry.Intset || (e.Encoding == entry.Ziplist) == z.packsZiplists()}
	var longest int64
	var err error
	if b.entries, longest, err = z.check(raw, e.Encoding); err != nil {
		return nil, err
	}
	if per := entriesPer(e); b.entries%per != 0 {
		return nil, fmt.Errorf("%s of %d entries: %w", e.Encoding, b.entries, errOdd)
	}
	if z.o.Elements {
		z.out.Largest = longest
	}
	if !b.asIs { // the new blob holds the same strings and numbers
		if err := z.walk(raw, e.Encoding); err != nil {
			return nil, err
		}
		b.bytes = z.pack.bytes
	}
	z.out.Content = int64(len(raw))
	return b, nil
}

var errOdd = errors.New("the last element is not whole")

// entriesPer returns how many entries of a blob make an element.
func entriesPer(e *entry.Entry) int64 {
	switch {
	case e.RDBType == typeHashListpackTTL && e.Type == entry.Hash:
		return 3
	case e.Type == entry.Hash, e.Type == entry.ZSet:
		return 2
	}
	return 1
}

// entries walks the entries of a blob.
type entries struct {
	encoding entry.Encoding
	listpack listpack.Reader
	ziplist  ziplist.Reader
	intset   intset.Reader
}

func (r *entries) open(raw []byte, encoding entry.Encoding) (err error) {
	switch r.encoding = encoding; encoding {
	case entry.Intset:
		r.intset, err = intset.Open(raw)
	case entry.Ziplist:
		r.ziplist, err = ziplist.Open(raw)
	default:
		r.listpack, err = listpack.Open(raw)
	}
	return err
}

// next returns the next entry: a string or, if that is nil, a number.
func (r *entries) next() (s []byte, num int64, ok bool) {
	switch r.encoding {
	case entry.Intset:
		num, ok = r.intset.Next()
		return nil, num, ok
	case entry.Ziplist:
		return r.ziplist.Next()
	}
	return r.listpack.Next()
}

// len returns how many entries the head of the blob declares, -1 if it does not.
func (r *entries) len() int {
	switch r.encoding {
	case entry.Intset:
		return r.intset.Len()
	case entry.Ziplist:
		return r.ziplist.Len()
	}
	return r.listpack.Len()
}

func (r *entries) err() error {
	switch r.encoding {
	case entry.Intset:
		return nil
	case entry.Ziplist:
		return r.ziplist.Err()
	}
	return r.listpack.Err()
}

// check walks a blob and returns its entries and the bytes of the longest one.
func (z *Sizer) check(raw []byte, encoding entry.Encoding) (n, longest int64, err error) {
	r := &z.entries
	if err := r.open(raw, encoding); err != nil {
		return 0, 0, err
	}
	if n := r.len(); z.o.Sound && !z.o.Elements && n >= 0 {
		return int64(n), 0, nil
	}
	for {
		s, num, ok := r.next()
		if !ok {
			return n, longest, r.err()
		}
		n++
		longest = max(longest, lengthOf(s, num))
	}
}

func lengthOf(s []byte, num int64) int64 {
	if s == nil {
		return digits(num)
	}
	return int64(len(s))
}

// The types of packed hashes with field expiries: three entries for a field.
const typeHashListpackTTL = 25

// packsZiplists reports whether the server packs in ziplists.
func (z *Sizer) packsZiplists() bool { return z.l.number < 700 }

// walk makes z.pack the blob that the server would build of the entries of this
// one.
func (z *Sizer) walk(raw []byte, encoding entry.Encoding) error {
	z.pack.reset(z.packsZiplists())
	r := &z.entries
	if err := r.open(raw, encoding); err != nil {
		return err
	}
	for {
		s, num, ok := r.next()
		if !ok {
			return r.err()
		}
		z.pack.either(s, num)
	}
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
