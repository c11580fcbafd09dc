package salvage

import "github.com/rdbtool/rdbtool/entry"

// loseEmpty gives up collections of no elements beside damage, and where there are more keys
// than are announced: a number that is zero now was another. Elsewhere an old server may
// have written them.
//
//	type key 00 | 00 field field | field field ...
//	            ^ read as a string
func (s *salvage) loseEmpty() {
	p, all := &s.sc.plan, s.census()
	for i := range p.pieces {
		pc := &p.pieces[i]
		db := pc.state.DB()
		if !pc.nothing || pc.kind != kept {
			continue
		}
		few := i+1 < len(p.pieces) && p.pieces[i+1].kind == kept && p.pieces[i+1].keys < outweighMin
		beside := p.bad(i-1) || p.bad(i+1) || few && p.bad(i+2)
		if c := all[db]; !beside && (c == nil || c.excess() <= 0 || c.excess() > int64(c.due.Keys)) {
			continue
		}
		pc.kind = lost
		if r, err := s.sc.p.At(pc.from, pc.state); err == nil && r.ExpireAt != entry.NoExpire {
			s.sc.counts[db].expires--
		}
		s.sc.counts[db].keys--
	}
}

// bad reports whether there is a piece i, and nothing is kept of it.
func (p *plan) bad(i int) bool {
	return i >= 0 && i < len(p.pieces) && (p.pieces[i].kind == gap || p.pieces[i].kind == lost)
}

// isEmpty reports whether a piece is a collection of nothing.
func (s *salvage) isEmpty(p *piece) bool {
	r, err := s.sc.p.At(p.from, p.state)
	return err == nil && empty(&r)
}

// joinLost makes damaged records right behind damage a part of it, if their keys begin as no
// other and there are more keys than are announced.
func (j *judge) joinLost() {
	for i := range j.p.pieces {
		pc := &j.p.pieces[i]
		db := pc.state.DB()
		if pc.kind != lost || !j.p.bad(i-1) || !j.short(db) {
			continue
		}
		if r, ok := j.sc.p.HeadAt(pc.from, pc.state); ok && j.sc.ev.unfamiliar(r.Key) {
			pc.kind, pc.keyless = gap, true
			j.missing[db]++
		}
	}
}
