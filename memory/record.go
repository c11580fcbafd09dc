package memory

import (
	"bytes"
	"hash/maphash"
	"io"
	"iter"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/memory/pattern"
	"github.com/rdbtool/rdbtool/memory/size"
	"github.com/rdbtool/rdbtool/rdb"
)

// record is what is counted of one key.
type record struct {
	usage, data, packed size.Bytes

	elements, largest, content int64
	stored                     int64 // bytes of the record in the file
	saved                      int64 // by LZF, of a long string
	expireAt, idle             int64
	nth                        int64 // among the keys of the file
	keyAt, keyLen              int
	db                         int
	freq                       int16
	slot                       int16 // of a key with a hash tag, else -1
	typ                        entry.Type
	exact, passes, vectors     bool
	encoding                   string
}

// typeName returns what TYPE answers.
func (r *record) typeName() string {
	if r.vectors {
		return "vectorset"
	}
	return r.typ.String()
}

// records is what a batch of entries is turned into, in the order of the file.
type records struct {
	a     *analysis
	sizer *size.Sizer
	all   []compact
	whole []record // those that do not fit there
	keys  []byte   // names of the keys, one after the other
	names []names
	// dbs counts the keys of each database, those too that are not in the sample.
	dbs       map[int]*Database
	functions int64
	encodings []string // by number
}

func (a *analysis) newRecords() *records {
	r := &records{a: a, dbs: map[int]*Database{}, names: make([]names, len(a.named))}
	for i := range r.names {
		r.names[i].reset()
	}
	return r
}

func (r *records) reset() {
	r.all, r.whole, r.keys, r.functions = r.all[:0], r.whole[:0], r.keys[:0], 0
	clear(r.dbs)
	for i := range r.names {
		r.names[i].reset()
	}
}

// batch takes in a batch of a snapshot.
func (r *records) batch(b *rdb.Batch, _ func() error) error {
	for {
		e, err := b.Next()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = r.add(e)
		}
		if err != nil {
			return err
		}
	}
}

// part takes in a part of a data set.
func (r *records) part(p iter.Seq2[*entry.Entry, error]) error {
	for e, err := range p {
		if err == nil {
			err = r.add(e)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *records) add(e *entry.Entry) (err error) {
	if e.Meta != nil {
		if e.Meta.Kind == entry.MetaFunction {
			r.functions += int64(len(e.Meta.Value))
		}
		return nil
	}
	db := r.dbs[e.DB]
	if db == nil {
		db = &Database{DB: e.DB}
		r.dbs[e.DB] = db
	}
	db.Keys++
	if e.ExpireAt != entry.NoExpire {
		db.Expires++
	}
	if r.a.o.Sample < 1 && !r.a.sampled(e.Key) {
		return nil
	}
	if r.sizer == nil {
		if r.sizer, err = size.NewSizer(r.a.sizing); err != nil {
			return err
		}
	}
	keyAt := len(r.keys)
	r.keys = append(r.keys, e.Key...)
	s, err := r.sizer.Size(e)
	if err != nil {
		return r.placed(e, err)
	}
	if err := r.prove(e); err != nil {
		return err
	}
	if e.Size < 0 { // known once the value has been read
		for e.Value.Next() {
		}
		if err := e.Value.Err(); err != nil {
			return err
		}
	}
	k := record{
		usage: s.Usage, data: s.Data, packed: s.Packed,
		elements: s.Elements, largest: s.Largest, content: s.Content, stored: max(0, e.Size),
		expireAt: expiry(e), idle: e.Idle, freq: e.Freq, keyLen: len(e.Key), db: e.DB, slot: -1,
		typ: e.Type, exact: s.Exact, encoding: s.Encoding, vectors: e.Vectors != nil, passes: r.a.o.Filter.Pass(e),
	}
	if k.passes {
		r.describe(&k, e, r.keys[keyAt:])
	}
	r.put(&k)
	return nil
}

// prove reads a packed value element by element, where no checksum tells that the
// file is whole: what is wrong inside an element shows then.
func (r *records) prove(e *entry.Entry) error {
	if r.a.trusted {
		return nil
	}
	switch e.Value.(type) {
	case entry.Blob, entry.Nodes:
		if !rdb.Rewind(e) {
			return nil // large, and read only once
		}
		for e.Value.Next() {
		}
	}
	return e.Value.Err()
}

// expiry returns when a key expires. Before 1970 is long ago, and not never.
func expiry(e *entry.Entry) int64 {
	if e.ExpireAt == entry.NoExpire {
		return e.ExpireAt
	}
	return max(0, e.ExpireAt)
}

// placed returns the error that the sizer has met, with its place. The codecs of
// packed blobs do not know it; the value's own cursor does, where it can go over
// the blob once more.
func (r *records) placed(e *entry.Entry, err error) error {
	if e.Value.Err() == nil && rdb.Rewind(e) {
		for e.Value.Next() {
		}
	}
	if own := e.Value.Err(); own != nil {
		return own
	}
	place := entry.Place{File: r.a.o.Name, Offset: e.Offset, DB: e.DB, Key: bytes.Clone(e.Key), Element: -1}
	return &entry.CorruptError{Place: place, Err: err}
}

// describe adds what is counted of a key that passes the filter.
func (r *records) describe(k *record, e *entry.Entry, key []byte) {
	if e.Encoding == entry.LZF && k.content >= longString {
		k.saved = max(0, k.content-(e.Size-int64(len(e.Key))))
	}
	if r.a.slots || bytes.IndexByte(key, '{') >= 0 {
		k.slot = slotOf(key, r.a.slots)
	}
	for i, n := range r.a.named {
		r.names[i].add(n, key)
	}
}

// longString is how long a string is that is worth compressing.
const longString = 1 << 10

// names are the names that the keys of a batch are grouped by, and for each key
// the number of its name.
type names struct {
	arena []byte
	all   [][]byte
	ids   []uint32
	slots []uint32 // a table of numbers + 1, by hash
	seed  maphash.Seed
}

func (n *names) reset() {
	if n.slots == nil {
		n.slots, n.seed = make([]uint32, 256), maphash.MakeSeed()
	} else if len(n.all) > 0 {
		clear(n.slots)
	}
	n.arena, n.all, n.ids = n.arena[:0], n.all[:0], n.ids[:0]
}

// add adds the name of a key.
func (n *names) add(g *Grouping, key []byte) {
	at := len(n.arena)
	switch g.By {
	case "pattern":
		n.arena = pattern.Append(n.arena, key)
	case "prefix":
		n.arena = pattern.AppendLiteral(n.arena, pattern.Prefix(key, g.Depth, g.Separator))
	case "custom":
		n.arena = g.Custom.Append(n.arena, key)
	}
	name := n.arena[at:len(n.arena):len(n.arena)]
	mask := uint64(len(n.slots) - 1)
	h := maphash.Bytes(n.seed, name)
	for ; ; h++ {
		id := n.slots[h&mask]
		if id == 0 {
			break
		}
		if bytes.Equal(n.all[id-1], name) {
			n.arena = n.arena[:at]
			n.ids = append(n.ids, id-1)
			return
		}
	}
	n.ids = append(n.ids, uint32(len(n.all)))
	n.all = append(n.all, name)
	n.slots[h&mask] = uint32(len(n.all))
	if 2*len(n.all) > len(n.slots) {
		n.grow()
	}
}

func (n *names) grow() {
	n.slots = make([]uint32, 2*len(n.slots))
	mask := uint64(len(n.slots) - 1)
	for i, name := range n.all {
		h := maphash.Bytes(n.seed, name)
		for n.slots[h&mask] != 0 {
			h++
		}
		n.slots[h&mask] = uint32(i + 1)
	}
}
