package keyspace

import (
	"crypto/sha1"
	"encoding/binary"
	"maps"
	"slices"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/fpconv"
)

// DigestFormat tells which servers a digest is to be compared with: they
// differ in two details.
type DigestFormat struct {
	// Scores17 has scores printed with 17 digits, as Redis up to 7.0 does.
	Scores17 bool
	// FieldExpiry has fields that expire tell so, as Redis does since 7.4.
	FieldExpiry bool
}

// digest is a SHA-1 sum, or several that were joined.
type digest [sha1.Size]byte

// xor joins data in a way that its order does not matter.
func (g *digest) xor(data []byte) { g.xorSum(sha1.Sum(data)) }

func (g *digest) xorSum(sum digest) {
	for i := range g {
		g[i] ^= sum[i]
	}
}

// mix joins data in a way that its order matters.
func (g *digest) mix(data []byte) { g.mixSum(sha1.Sum(data)) }

func (g *digest) mixSum(sum digest) {
	g.xorSum(sum)
	*g = sha1.Sum(g[:])
}

func (g *digest) mixNumber(n uint32) {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], n)
	g.mix(b[:])
}

// Digest returns what DEBUG DIGEST answers for the data set: 40 zeros in hex if
// it is empty.
func (d *Dataset) Digest(f DigestFormat) [sha1.Size]byte {
	var final digest
	for _, db := range d.dbs() {
		empty := true
		for i := range d.shards {
			t := d.shards[i].dbs[db]
			if t == nil || t.n == 0 {
				continue
			}
			if empty {
				final.mixNumber(uint32(db))
				empty = false
			}
			t.each(func(b block) bool {
				var g digest
				g.mix(b.key())
				t.digest(&g, b, f)
				final.xor(g[:])
				return true
			})
		}
	}
	return final
}

// DigestValue returns what DEBUG DIGEST-VALUE answers for a key: zeros if it
// does not exist.
func (d *Dataset) DigestValue(db int, key []byte, f DigestFormat) [sha1.Size]byte {
	x := Executor{ds: d}
	var g digest
	if r := x.lookupIn(db, key); r.ok() {
		r.d.digest(&g, r.d.block(r.at), f)
	}
	return g
}

// dbs returns the numbers of the databases that have keys.
func (d *Dataset) dbs() []int {
	in := map[int]bool{}
	for i := range d.shards {
		for n, db := range d.shards[i].dbs {
			if db.n > 0 {
				in[n] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(in))
}

// The types by the numbers that servers give them.
var typeNumbers = map[entry.Type]uint32{
	entry.String: 0, entry.List: 1, entry.Set: 2, entry.ZSet: 3, entry.Hash: 4, entry.Module: 5, entry.Stream: 6,
}

// digest joins the value of the key at b, and its deadline.
func (t *dict) digest(g *digest, b block, f DigestFormat) {
	typ := entry.Type(b.typ())
	g.mixNumber(typeNumbers[typ])
	var object any
	if b[0]&tagObject != 0 {
		object = t.objects[binary.LittleEndian.Uint32(b.value())]
	}
	switch o := object.(type) {
	case nil:
		digestPacked(g, typ, b.value(), f)
	case *list:
		for _, c := range o.used() {
			digestPacked(g, typ, c.items, f)
		}
	case *dict:
		o.each(func(e block) bool {
			if typ == entry.Set {
				g.xor(e.key())
				return true
			}
			digestField(g, e.key(), e.value(), f.FieldExpiry && e.expireAt() >= 0)
			return true
		})
	case *sortedSet:
		o.each(func(e block) bool {
			digestScore(g, e.key(), scoreOf(e.value()), f)
			return true
		})
	case *stream:
		o.digest(g.mix)
	case *vectorSet:
		o.digest(g)
	}
	if b[0]&tagExpire != 0 {
		g.xor([]byte("!!expire!!"))
	}
}

func digestPacked(g *digest, typ entry.Type, rest []byte, f DigestFormat) {
	if typ == entry.String {
		g.mix(rest)
		return
	}
	for len(rest) > 0 {
		if typ == entry.ZSet {
			var s scored
			s, rest = nextScored(rest)
			digestScore(g, s.member, s.score, f)
			continue
		}
		var item []byte
		item, rest = nextItem(rest)
		switch typ {
		case entry.List:
			g.mix(item)
		case entry.Set:
			g.xor(item)
		case entry.Hash:
			var value []byte
			value, rest = nextItem(rest)
			digestField(g, item, value, false)
		}
	}
}

func digestScore(g *digest, member []byte, score float64, f DigestFormat) {
	var e digest
	var buf [400]byte
	e.mix(member)
	if f.Scores17 {
		e.mix(fpconv.AppendDouble17(buf[:0], score))
	} else {
		e.mix(fpconv.AppendDouble(buf[:0], score))
	}
	g.xor(e[:])
}

func digestField(g *digest, field, value []byte, expires bool) {
	var e digest
	e.mix(field)
	e.mix(value)
	if expires {
		e.xor([]byte("!!hexpire!!"))
	}
	g.xor(e[:])
}
