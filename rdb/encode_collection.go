package rdb

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"strconv"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/intset"
	"github.com/rdbtool/rdbtool/internal/listpack"
	"github.com/rdbtool/rdbtool/internal/rdbwire"
	"github.com/rdbtool/rdbtool/internal/ziplist"
	"github.com/rdbtool/rdbtool/internal/zipmap"
)

// The largest collections that servers keep in a compact encoding, by default:
// elements and bytes of the longest string.
const (
	maxPackedFields  = 512
	maxPackedMembers = 128
	maxPackedInts    = 512
	maxPackedItems   = 512 // of a list, before quicklists
	maxPackedString  = 64
)

// packs returns the compact format that the target would give the elements in
// the stage: a listpack, or a ziplist before Redis 7.0. packNone stands for an
// element by element record. most is the target's limit.
func (x *Encoder) packs(most int64) packing {
	s := &x.elems
	modern := x.o.Target.format() >= 10
	switch {
	case s.out:
		return packNone
	case x.e.Encoding == entry.Ziplist:
		return packZiplist
	case x.e.Encoding == entry.Listpack && modern:
		return packListpack
	case x.e.Encoding == entry.Hashtable, x.e.Encoding == entry.Skiplist, x.e.Encoding == entry.LinkedList:
		return packNone
	case s.n == 0 || s.n > most || s.longest > maxPackedString:
		return packNone
	case modern:
		return packListpack
	}
	return packZiplist
}

// packer builds a listpack or a ziplist.
type packer struct {
	packing packing
	lp      listpack.Writer
	zl      ziplist.Writer
}

func (p *packer) reset(to packing, dst []byte) {
	if p.packing = to; to == packListpack {
		p.lp.Reset(dst)
	} else {
		p.zl.Reset(dst)
	}
}

func (p *packer) text(s []byte) {
	if p.packing == packListpack {
		p.lp.AppendText(s)
	} else {
		p.zl.AppendText(s)
	}
}

func (p *packer) finish() []byte {
	if p.packing == packListpack {
		return p.lp.Finish()
	}
	return p.zl.Finish()
}

// member is an element of the stage, in memory.
type member struct {
	a, b   []byte
	number uint64
}

// members returns the elements of a stage that is in memory, until the next call.
func (x *Encoder) members() []member {
	x.all = x.all[:0]
	for r := x.elems.read(); r.next(); {
		x.all = append(x.all, member{r.a, r.b, r.number})
	}
	return x.all
}

// distinct makes sure that no member or field of a stage in memory comes
// twice: a server would not load it.
func (x *Encoder) distinct() {
	if x.elems.out {
		return // too many to remember; the server will tell
	}
	if _, sure := x.e.Value.(entry.Distinct); sure {
		return
	}
	seen := make(map[string]struct{}, x.elems.n)
	for r := x.elems.read(); r.next(); {
		if _, twice := seen[string(r.a)]; twice {
			x.fail(x.corrupt(strconv.Quote(string(r.a)) + " appears twice"))
			return
		}
		seen[string(r.a)] = struct{}{}
	}
}

// each writes the elements of the stage one by one.
func (x *Encoder) each(write func(r *staged)) {
	r := x.elems.read()
	for r.next() && x.err == nil {
		write(r)
		x.spill()
	}
	x.fail(r.err)
}

// gather puts the elements of the value into the stage.
func (x *Encoder) gather(add func(e *entry.Elem) error) {
	x.elems.reset()
	v := x.e.Value
	for x.err == nil && v.Next() {
		x.fail(add(v.Elem()))
	}
	x.fail(v.Err())
}

// full begins a record that stands element by element.
func (x *Encoder) full(typ byte) {
	x.prefix(typ)
	x.out = rdbwire.AppendLength(x.out, uint64(x.elems.n))
}

// packed writes a record in one blob.
func (x *Encoder) packedRecord(typ byte, blob []byte) {
	x.blob = blob
	x.prefix(typ)
	x.text(blob)
	x.spill()
}

func (x *Encoder) encodeSet() {
	defer x.elems.close()
	ints := x.ints[:0]
	numbers := true
	x.gather(func(e *entry.Elem) error {
		s := x.whole(x.e.Value)
		if n, ok := integer(s); ok && numbers && (len(ints) < maxPackedInts || x.e.Encoding == entry.Intset) {
			ints = append(ints, n)
		} else {
			numbers = false
		}
		return x.elems.add(s, nil, 0)
	})
	x.ints = ints
	x.distinct()
	if x.err != nil {
		return
	}
	if enc := x.e.Encoding; numbers && len(ints) > 0 && enc != entry.Hashtable && enc != entry.Listpack {
		slices.Sort(ints)
		x.packedRecord(typeSetIntset, intset.Append(x.blob[:0], ints))
		return
	}
	if x.o.Target.holdsType(Redis, typeSetListpack) && x.packs(maxPackedMembers) == packListpack {
		var w listpack.Writer
		w.Reset(x.blob[:0])
		x.each(func(r *staged) { w.AppendText(r.a) })
		x.packedRecord(typeSetListpack, w.Finish())
		return
	}
	x.full(typeSet)
	x.each(func(r *staged) { x.text(r.a) })
}

// integer returns the number that s is the canonical text of.
func integer(s []byte) (int64, bool) {
	if len(s) == 0 || len(s) > 20 || s[0] > '9' {
		return 0, false
	}
	for _, c := range s[1:] {
		if c < '0' || c > '9' {
			return 0, false // ParseInt would make an error of it
		}
	}
	n, err := strconv.ParseInt(string(s), 10, 64)
	if err != nil {
		return 0, false
	}
	var buf [20]byte
	return n, bytes.Equal(strconv.AppendInt(buf[:0], n, 10), s)
}

func (x *Encoder) encodeZSet() {
	defer x.elems.close()
	x.gather(func(e *entry.Elem) error {
		if math.IsNaN(e.Score) {
			return x.corrupt("a score is not a number")
		}
		return x.elems.add(e.Data, nil, math.Float64bits(e.Score))
	})
	x.distinct()
	if x.err != nil {
		return
	}
	t := &x.o.Target
	if to := x.packs(maxPackedMembers); to != packNone {
		x.packScores(to)
		return
	}
	if t.holdsType(Redis, typeZSet) {
		x.full(typeZSet)
		x.each(func(r *staged) {
			x.text(r.a)
			x.out = binary.LittleEndian.AppendUint64(x.out, r.number)
		})
		return
	}
	x.full(typeZSetText)
	x.each(func(r *staged) {
		x.text(r.a)
		x.out = rdbwire.AppendTextDouble(x.out, math.Float64frombits(r.number))
	})
}

// packScores writes a sorted set as one blob, in its order: servers search it
// in place.
func (x *Encoder) packScores(to packing) {
	all := x.members()
	slices.SortStableFunc(all, func(a, b member) int {
		return cmp.Or(cmp.Compare(math.Float64frombits(a.number), math.Float64frombits(b.number)), bytes.Compare(a.a, b.a))
	})
	var p packer
	p.reset(to, x.blob[:0])
	shortest := x.o.Target.AtLeast(7, 2)
	buf := x.score[:0]
	for _, m := range all {
		p.text(m.a)
		if score := math.Float64frombits(m.number); shortest {
			buf = rdbwire.AppendScore(buf[:0], score)
		} else {
			buf = rdbwire.AppendScore17(buf[:0], score)
		}
		p.text(buf)
	}
	x.score = buf
	x.packedRecord(packedType(to, typeZSetListpack, typeZSetZiplist), p.finish())
}

func packedType(p packing, listpack, ziplist byte) byte {
	if p == packListpack {
		return listpack
	}
	return ziplist
}

func (x *Encoder) encodeHash() {
	defer x.elems.close()
	t := &x.o.Target
	lost, expiring, first := int64(0), false, int64(math.MaxInt64)
	x.gather(func(e *entry.Elem) error {
		field, value := e.Data, x.whole(x.e.Value)
		at := e.ExpireAt
		switch {
		case at == entry.NoExpire:
		case t.KeepsFieldExpiry(at):
			expiring, first = true, min(first, at)
		default:
			lost++
			at = entry.NoExpire
		}
		return x.elems.add(field, value, uint64(at))
	})
	x.distinct()
	x.lose(LostFieldExpiry, lost)
	if x.err != nil {
		return
	}
	to := x.packs(maxPackedFields)
	switch {
	case expiring && t.Version.Family == Valkey:
		x.full(typeHash2)
		x.each(func(r *staged) {
			x.text(r.a)
			x.text(r.b)
			x.out = binary.LittleEndian.AppendUint64(x.out, r.number)
		})
	case expiring && to == packListpack:
		x.packExpiring(first)
	case expiring:
		x.expiring(first)
	case x.e.Encoding == entry.Zipmap && !x.elems.out:
		var w zipmap.Writer
		w.Reset(x.blob[:0])
		x.each(func(r *staged) { w.AppendPair(r.a, r.b) })
		x.packedRecord(typeHashZipmap, w.Finish())
	case to != packNone:
		var p packer
		p.reset(to, x.blob[:0])
		x.each(func(r *staged) {
			p.text(r.a)
			p.text(r.b)
		})
		x.packedRecord(packedType(to, typeHashListpack, typeHashZiplist), p.finish())
	default:
		x.full(typeHash)
		x.each(func(r *staged) {
			x.text(r.a)
			x.text(r.b)
		})
	}
}

// packExpiring writes a hash of field, value, expiry: those that expire first
// in front, those that never do, with 0, at the end.
func (x *Encoder) packExpiring(first int64) {
	all := x.members()
	slices.SortStableFunc(all, func(a, b member) int { return cmp.Compare(a.number, b.number) }) // NoExpire is the largest uint64
	var w listpack.Writer
	w.Reset(x.blob[:0])
	for _, m := range all {
		w.AppendText(m.a)
		w.AppendText(m.b)
		w.AppendInt(max(int64(m.number), 0))
	}
	x.blob = w.Finish()
	x.prefix(typeHashListpackTTL)
	x.out = binary.LittleEndian.AppendUint64(x.out, uint64(first))
	x.text(x.blob)
}

// expiring writes a hash whose expiries count from the first one, with one
// added so that 0 is never.
func (x *Encoder) expiring(first int64) {
	x.prefix(typeHashTTL)
	x.out = binary.LittleEndian.AppendUint64(x.out, uint64(first))
	x.out = rdbwire.AppendLength(x.out, uint64(x.elems.n))
	x.each(func(r *staged) {
		ttl := uint64(0)
		if at := int64(r.number); at != entry.NoExpire {
			ttl = uint64(at-first) + 1
		}
		x.out = rdbwire.AppendLength(x.out, ttl)
		x.text(r.a)
		x.text(r.b)
	})
}
