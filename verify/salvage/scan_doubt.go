package salvage

import (
	"cmp"
	"context"
	"hash/maphash"

	"github.com/rdbtool/rdbtool/rdb"
)

// order reports whether a database, or its size, is announced where servers do.
func (s *scan) order(r *rdb.Record, before byte) error {
	switch r.First {
	case opResizeDB:
		if s.sized = true; before != opSelectDB && !s.trusting {
			return errOrder
		}
	case opSelectDB:
		db := int(r.Meta.Nums[0])
		s.unordered = s.unordered || s.trusting && db <= s.inDB && !s.dubious(db, r.End)
		if db <= s.inDB && !s.unordered {
			return errOrder
		}
		if s.inDB, s.doubted = db, 0; s.dubious(db, r.End) {
			s.doubted = s.here
		}
	}
	return nil
}

// firstSeconds reports whether r has an expiry in seconds, and nothing speaks against it:
// no key of the file has one in milliseconds, and damage is far.
func (s *scan) firstSeconds(r *rdb.Record) bool {
	return attrsAt(s.p, r) == expirySeconds && !s.ev.written(expiry, true) && s.since >= fewRecords && meant(r.ExpireAt)
}

// dubious reports whether a record that selects a database and ends there may be none:
// the number is high, or how many keys there are does not follow where it is due, nor
// anything that a record may begin with.
func (s *scan) dubious(db int, end int64) bool {
	b := s.p.Bytes(end, 1)
	return db >= commonDBs || len(b) == 1 && (s.sized && b[0] != opResizeDB || !s.p.May(b[0]))
}

// doubt returns why the record of a key is none, though it reads like one, and whether
// others were looked at for that.
func (s *scan) doubt(ctx context.Context, r *rdb.Record) (looked bool, err error) {
	strange := len(r.Key) == 0 || s.ev.strange(r.Key)
	k := s.ev.keep(r)
	if s.trusting {
		if !s.whole || !strange {
			return false, nil
		}
		value := r.Value
		if s.reached() {
			return true, errBroken
		}
		path, err := s.inside(ctx, &k, s.st.DB())
		if len(path) > 0 && path[0].off < value { // no client means such a key
			err = errBroken
		}
		return true, err
	}
	twice := s.key
	s.key = maphash.Bytes(s.seed, r.Key) | 1
	if s.since++; r.Damage != nil {
		s.since = 0
	}
	switch {
	case s.key == twice:
		return false, errTwice
	case (r.Damage != nil || k.empty) && k.bits < impossible:
		return false, cmp.Or(r.Damage, errOdd) // nor is the key one
	case s.picky && (s.since < fewRecords || len(r.Key) == 0) && k.bits < impossible:
		return false, errOdd
	case strange && s.since < fewSince && k.odd >= manyOdd && s.ev.unfamiliar(r.Key):
		return false, errOdd
	case r.Bare > r.Offset && !s.ev.written(attrsAt(s.p, r), false) && !s.firstSeconds(r):
		return false, errOdd // they are what is left of the value before
	}
	suspicious := s.suspicious(r)
	if strange && s.ev.holdsHead(s.p, r) {
		return true, errBanned
	}
	if strange && s.reached() {
		s.banned[s.recent[len(s.recent)-1].place()] = true
		return true, errBanned
	}
	if suspicious { // it may be one with others inside of it
		if swallows, err := s.swallows(ctx, &k, s.st); swallows || err != nil {
			return true, cmp.Or(err, errBanned)
		}
	}
	return strange || suspicious, nil
}

// reached reports whether the record before seems to reach into the one here.
func (s *scan) reached() bool {
	n := len(s.recent)
	return n > 0 && s.recent[n-1].loose() && s.leads(&s.recent[n-1], s.st)
}

// suspicious reports whether r is unlike the other records: its key is long or holds
// what no other does, its type is one that no server of the file's version writes,
// its value is damaged, or it stands right behind one that is and its key begins as no
// other.
// In a damaged hash whose fields each have an expiry, fields look like records
// and are none.
func (s *scan) suspicious(r *rdb.Record) bool {
	long := s.ev.keys >= fewLearnt && len(r.Key) > 2*s.ev.longest+longKey
	behind := s.since == 1 && !r.Tight && s.ev.unfamiliar(r.Key)
	return long || behind || s.ev.strange(r.Key) || !s.p.May(r.First) || r.Damage != nil && r.First != typeHashTTL
}
