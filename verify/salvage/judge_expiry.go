package salvage

import (
	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

// bare returns the record behind the gap at i, if it is that of a key without
// attributes.
func (j *judge) bare(i int) (rdb.Record, bool) {
	r, ok := j.record(i + 1)
	g := &j.p.pieces[i]
	if !ok || g.to-g.from > maxAttrBytes && !j.beginsExpiry(g.from) {
		return r, false
	}
	next := &j.p.pieces[i+1]
	if told, ok := j.sc.announced[next.state.DB()]; ok {
		if c := j.sc.counts[next.state.DB()]; c != nil && uint64(c.expires+j.withExpiry[next.state.DB()]) >= told.Expires {
			return r, false // no expiry is missing
		}
	}
	return r, r.ExpireAt == entry.NoExpire
}

// maxAttrBytes is how many bytes of attributes a key may have: an expiry, an idle time
// of five bytes, and what a damaged one of them leaves.
const maxAttrBytes = 16

// cutExpiry reports whether the gap at i begins like an expiry, of a record that
// stands behind it.
func (j *judge) cutExpiry(i int) bool {
	_, ok := j.bare(i)
	return ok && j.beginsExpiry(j.p.pieces[i].from)
}

// expiringIn returns how many keys with an expiry seem to begin in what is not kept.
func (s *salvage) expiringIn(pc *piece) (n int64) {
	if s.expiring(pc) {
		n++
	}
	if pc.kind != gap || pc.to-pc.from > maxCrossing {
		return n
	}
	for at := pc.from + 1; at < pc.to; at++ {
		if !s.sc.ev.headAt(s.sc.p, at) {
			continue
		}
		if value, ok := s.expiringAt(at, pc.to, pc.state); ok {
			n++
			at = value - 1
		}
	}
	return n
}

// beginsExpiry reports whether an expiry of a kind that keys of the file have may begin there.
func (s *salvage) beginsExpiry(off int64) bool {
	switch s.firstByte(off) {
	case opExpireMs:
		return s.sc.ev.written(expiry, true)
	case opExpire:
		return s.sc.ev.written(expirySeconds, true)
	}
	return false
}

// expiring reports whether what is not kept begins with a key and its expiry.
func (s *salvage) expiring(pc *piece) bool {
	_, ok := s.expiringAt(pc.from, pc.to, pc.state)
	return ok
}

// expiringAt reports whether a key with an expiry that is meant begins at a place, and where
// its value does, which is not behind to.
func (s *salvage) expiringAt(at, to int64, st rdb.State) (value int64, ok bool) {
	head, ok := s.sc.p.HeadAt(at, st)
	return head.Value, ok && head.Value <= to && head.ExpireAt != entry.NoExpire && meant(head.ExpireAt)
}

// cutNext gives up the record behind the gap at i.
func (j *judge) cutNext(i int, r rdb.Record) {
	st := j.p.pieces[i].state
	j.p.split(i+1, r.Offset, r.End, st, "its attributes, such as the expiry, seem to stand in the damaged bytes before")
	j.p.pieces[i].keyless = true
	j.sc.counts[st.DB()].keys--
	j.due[st.DB()]--
}

// settleExpiries holds how many keys of each database expire against the number that it
// announces. Expiries behind gaps that are too many go into them: the last bytes of a damaged
// value are one, if a wrong byte leads to them:
//
//	type key field value ~~ FC at(8) | type key value
//
// Those that are missing come out of gaps that end like one. The search has left them there
// if no client means such a time. Where the number is another one than there are such places
// nothing tells which they are.
func (s *salvage) settleExpiries(p *plan, counts map[int]*dbCount) {
	more := map[int]int64{} // expire, than is announced
	for db, told := range s.sc.announced {
		if c := counts[db]; c != nil {
			more[db] = c.expires - int64(told.Expires)
		}
	}
	with, without := map[int][]int{}, map[int][]int{} // gaps by database, before such keys
	for i := range p.pieces {
		g := &p.pieces[i]
		db := g.state.DB()
		if _, told := more[db]; !told || g.kind != gap && g.kind != lost {
			continue
		}
		if g.why != whyTwice {
			more[db] += s.expiringIn(g) // lost keys are among those announced
		}
		r, ok := s.first(p, i+1)
		switch {
		case !ok || g.kind != gap:
		case r.ExpireAt != entry.NoExpire:
			with[db] = append(with[db], i)
		case s.endsLikeExpiry(g, &r):
			without[db] = append(without[db], i)
		}
	}
	for db, n := range more {
		gaps, by := with[db], int64(-1)
		if n < 0 {
			gaps, by = without[db], 1
		}
		if n != -by*int64(len(gaps)) {
			continue // or the number itself is wrong
		}
		for _, i := range gaps {
			g, next := &p.pieces[i], &p.pieces[i+1]
			r, ok := s.first(p, i+1)
			if !ok {
				continue
			}
			if g.to, next.from = r.Bare, r.Bare; by > 0 {
				g.to, next.from = r.Offset-expiryBytes, r.Offset-expiryBytes
			}
			counts[db].expires += by
		}
	}
}

// endsLikeExpiry reports whether the last bytes of a gap are one, of the record behind it.
func (s *salvage) endsLikeExpiry(g *piece, r *rdb.Record) bool {
	at := g.to - expiryBytes
	if at <= g.from || s.firstByte(at) != opExpireMs {
		return false
	}
	with, err := s.sc.p.At(at, g.state)
	return err == nil && with.Kind == rdb.KeyRecord && with.Bare == r.Bare && with.End == r.End
}

// expiryBytes is how many bytes an expiry takes.
//
//	FC at(8)
const expiryBytes = 9
