package salvage

import (
	"cmp"
	"slices"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

// rescue keeps what the gap at i holds if it is one whole record whose key is odd for
// its length only, and the database misses a key there.
func (j *judge) rescue(i int) {
	g := &j.p.pieces[i]
	db := g.state.DB()
	if _, told := j.sc.announced[db]; !told || g.kind != gap || g.keyless || j.missing[db] < j.due[db] {
		return
	}
	r, err := j.sc.p.At(g.from, g.state)
	if err != nil || r.Kind != rdb.KeyRecord || r.End != g.to || r.Damage != nil || r.LongForm || empty(&r) || j.sc.ev.odd(r.Key) > 0 || j.banned[placeOf(&r)] {
		return
	}
	switch n := len(r.Key); {
	case n == 0 && zeros(j.sc.p, &r) && j.missing[db] < j.due[db]+j.found()[db].heads, n > 0 && n <= 2*j.sc.ev.longest+longKey:
		return
	}
	if j.expiring(g) {
		j.withExpiry[db]--
	}
	g.kind, g.last, g.loose = kept, g.from, !r.Tight
	count(j.sc.counts, db, r.ExpireAt != entry.NoExpire)
	j.missing[db]--
	j.due[db]--
}

// found is the census as it was when it was first asked for.
func (j *judge) found() map[int]*census {
	if j.all == nil {
		j.all = j.census()
	}
	return j.all
}

// rescueEnds keeps records that gaps end with, where a database misses more keys than its
// gaps can stand for. The search has left them out because little speaks for them: their
// keys are very short, or unlike all others.
//
//	|--whole--|~~~damaged~~~|--odd--|--whole--|
func (j *judge) rescueEnds() {
	var ends []ending
	usual := j.sc.usual()
	more := map[int]int64{}    // keys that gaps may hold beside one each
	rests := map[int][]int64{} // gaps that may be what is left of the record before
	for i := range j.p.pieces {
		g := &j.p.pieces[i]
		db := g.state.DB()
		if _, told := j.sc.announced[db]; !told || g.kind != gap || g.to-g.from > maxCrossing || j.missing[db] <= 0 || g.keyless {
			continue
		}
		more[db] += max(int64(j.sc.ev.headsBehind(j.sc.p, g.from, g.to)), g.room(usual)-1)
		if j.p.loose(i) && !j.begins(g) {
			rests[db] = append(rests[db], g.from)
		}
		if e, ok := j.ending(g); ok {
			ends = append(ends, e)
		}
	}
	slices.SortFunc(ends, func(a, b ending) int { return cmp.Or(cmp.Compare(b.bits, a.bits), cmp.Compare(a.gap, b.gap)) })
	rescued := map[int64]ending{}
	for _, e := range ends {
		i := j.at(e.gap)
		if i < 0 {
			continue
		}
		db := j.p.pieces[i].state.DB()
		free := j.missing[db] - j.due[db] - more[db]
		if n := len(rests[db]); free == 0 && n > 0 {
			if r := j.at(rests[db][n-1]); r >= 0 {
				j.p.pieces[r].keyless = true
				j.due[db]--
				free++
			}
			rests[db] = rests[db][:n-1]
		}
		if free <= 0 {
			continue
		}
		rescued[e.gap] = e
		j.missing[db]--
		count(j.sc.counts, db, e.expires)
	}
	j.p.keepEnds(rescued)
}

// ending is a record that a gap ends with.
type ending struct {
	record
	gap int64 // where that begins
}

// ending returns the record that most speaks for, of those that end where the gap does.
func (j *judge) ending(g *piece) (best ending, ok bool) {
	p := j.sc.p
	defer p.Limit(g.to)()
	defer p.BeStrict()()
	p.Allow(64 << 20)
	for at := g.from + 1; at < g.to; at++ {
		if b := p.Bytes(at, enterBytes); len(b) == 0 || !p.May(b[0]) || !j.sc.ev.mayEnter(b) {
			continue
		}
		r, err := p.At(at, g.state)
		if err != nil || r.Kind != rdb.KeyRecord || r.End != g.to || r.Damage != nil || r.LongForm || len(r.Key) == 0 || empty(&r) || !meant(r.ExpireAt) {
			continue
		}
		k := j.sc.ev.keep(&r)
		if r.Bare > at && !j.sc.ev.written(attrsAt(j.sc.p, &r), false) {
			continue
		}
		if k.bits >= 0 && !j.banned[k.place()] && (!ok || k.bits > best.bits) {
			best, ok = ending{k, g.from}, true
		}
	}
	return best, ok
}

// keepEnds makes the ends of gaps, by where these begin, pieces of their own.
func (p *plan) keepEnds(ends map[int64]ending) {
	if len(ends) == 0 {
		return
	}
	pieces := make([]piece, 0, len(p.pieces)+len(ends))
	for _, pc := range p.pieces {
		e, ok := ends[pc.from]
		if !ok || pc.kind != gap {
			pieces = append(pieces, pc)
			continue
		}
		rest := pc
		rest.to = e.off
		pieces = append(pieces, rest, piece{kind: kept, from: e.off, to: pc.to, state: pc.state, after: pc.after, last: e.off, loose: !e.tight, keys: 1})
	}
	p.pieces = pieces
}

// begins reports whether a gap begins like a record.
func (j *judge) begins(g *piece) bool {
	looks, cut := j.sc.ev.mayBegin(j.sc.p, g.from)
	return looks || cut
}
