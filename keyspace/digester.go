package keyspace

import (
	"bytes"
	"crypto/sha1"
	"hash"
	"maps"
	"slices"
	"strconv"

	"github.com/rdbtool/rdbtool/entry"
)

// Digester computes DEBUG DIGEST from entries, of which it keeps nothing: the
// order of the keys of a database does not matter.
type Digester struct {
	format DigestFormat
	dbs    map[int]*digest
}

// NewDigester returns a Digester.
func NewDigester(f DigestFormat) *Digester { return &Digester{format: f, dbs: map[int]*digest{}} }

// Add takes an entry. Records that are no keys do not count. The value is read
// to its end, and may come in fragments.
func (g *Digester) Add(e *entry.Entry) error {
	if e.Meta != nil {
		return nil
	}
	var key digest
	key.mix(e.Key)
	if err := key.mixEntry(e, g.format); err != nil {
		return err
	}
	db := g.dbs[e.DB]
	if db == nil {
		db = &digest{}
		g.dbs[e.DB] = db
	}
	db.xor(key[:])
	return nil
}

// Join adds what another Digester has taken, which is then empty.
func (g *Digester) Join(more *Digester) {
	for n, d := range more.dbs {
		db := g.dbs[n]
		if db == nil {
			db = &digest{}
			g.dbs[n] = db
		}
		for i := range db {
			db[i] ^= d[i]
		}
	}
	clear(more.dbs)
}

// Sum returns the digest of all that was added.
func (g *Digester) Sum() [sha1.Size]byte {
	var final digest
	for _, n := range slices.Sorted(maps.Keys(g.dbs)) {
		final.mixNumber(uint32(n))
		for i, b := range g.dbs[n] {
			final[i] ^= b
		}
	}
	return final
}

// DigestEntry returns what DEBUG DIGEST-VALUE answers for the key of e.
func DigestEntry(e *entry.Entry, f DigestFormat) (value [sha1.Size]byte, err error) {
	var g digest
	err = g.mixEntry(e, f)
	return g, err
}

// mixEntry joins a value and whether it expires, as dict.digest does.
func (g *digest) mixEntry(e *entry.Entry, f DigestFormat) error {
	g.mixNumber(typeNumbers[e.Type])
	v := e.Value
	switch {
	case e.Vectors != nil:
		if err := g.mixVectors(e); err != nil {
			return err
		}
	case e.Type == entry.Stream:
		var id []byte
		for v.Next() {
			s := v.Elem().Stream
			if s.Kind != entry.StreamEntry {
				continue
			}
			id = s.ID.AppendTo(id[:0])
			id[bytes.IndexByte(id, '-')] = '.'
			g.mix(id)
			for _, b := range s.Fields {
				g.mix(b)
			}
		}
	case e.Type > entry.Hash: // opaque to servers too
		for v.Next() {
		}
	default:
		g.mixElems(e, f)
	}
	if e.ExpireAt != entry.NoExpire {
		g.xor([]byte("!!expire!!"))
	}
	return v.Err()
}

// mixElems joins the elements of the types that all servers have.
func (g *digest) mixElems(e *entry.Entry, f DigestFormat) {
	var whole hash.Hash // of a string that comes in parts
	v := e.Value
	for v.Next() {
		m := v.Elem()
		part := m.Data
		if e.Type == entry.Hash {
			part = m.Value
		}
		sum, done := sumOf(&whole, part, m.More)
		if !done {
			continue
		}
		switch e.Type {
		case entry.Set:
			g.xorSum(sum)
		case entry.ZSet:
			digestScore(g, m.Data, m.Score, f)
		case entry.Hash:
			var field digest
			field.mix(m.Data)
			field.mixSum(sum)
			if f.FieldExpiry && m.ExpireAt != entry.NoExpire {
				field.xor([]byte("!!hexpire!!"))
			}
			g.xor(field[:])
		default:
			g.mixSum(sum)
		}
	}
}

// sumOf returns the SHA-1 sum of a string when its last part has come.
func sumOf(whole *hash.Hash, part []byte, more bool) (sum digest, done bool) {
	if !more && *whole == nil {
		return sha1.Sum(part), true
	}
	if *whole == nil {
		*whole = sha1.New()
	}
	(*whole).Write(part)
	if more {
		return sum, false
	}
	(*whole).Sum(sum[:0])
	*whole = nil
	return sum, true
}

// mixVectors joins a vector set: see digestVectors.
func (g *digest) mixVectors(e *entry.Entry) error {
	var all, one digest
	n := int64(0)
	for e.Value.Next() {
		m := e.Value.Elem()
		one = digest{}
		one.mix(keptVector(m.Vector.Raw))
		one.mix(m.Data)
		if len(m.Vector.Attributes) > 0 {
			one.mix(m.Vector.Attributes)
		}
		all.xor(one[:])
		n++
	}
	one = digest{}
	one.mix(strconv.AppendInt(nil, n, 10))
	one.mix(strconv.AppendInt(nil, int64(e.Vectors.Dim), 10))
	all.xor(one[:])
	g.xor(all[:])
	return e.Value.Err()
}
