package salvage

import "github.com/rdbtool/rdbtool/rdb"

// census holds what is found of a database against what it announces.
type census struct {
	told    bool
	due     rdb.Sizes
	keys    int64 // that are whole
	expires int64 // of them
	lost    int64 // whose values are damaged
	gaps    int64 // that may each hold a key
	room    int64 // keys that they may hold at the most
	rests   int64 // of them: rather what is left of the record before
	doubted int64 // keys right behind gaps that may be members of what was damaged there
	heads   int64 // records that seem to begin inside of gaps, beside the one that each stands for
}

// census counts the keys of each database in the plan.
func (s *salvage) census() map[int]*census {
	all := map[int]*census{}
	of := func(db int) *census {
		c, ok := all[db]
		if !ok {
			c = &census{}
			all[db] = c
		}
		return c
	}
	for db, n := range s.sc.announced {
		c := of(db)
		c.told, c.due = true, n
	}
	for db, n := range s.sc.counts {
		c := of(db)
		c.keys, c.expires = n.keys, n.expires
	}
	usual := s.sc.usual()
	for i := range s.sc.plan.pieces {
		switch pc := &s.sc.plan.pieces[i]; {
		case pc.kind == lost:
			of(pc.state.DB()).lost++
		case pc.kind == gap && !s.keyless(i):
			of(pc.state.DB()).gaps++
			of(pc.state.DB()).room += pc.room(usual)
			of(pc.state.DB()).heads += int64(s.sc.ev.headsBehind(s.sc.p, pc.from, pc.to))
			if looks, cut := s.sc.ev.mayBegin(s.sc.p, pc.from); !looks && !cut && s.sc.plan.loose(i) {
				of(pc.state.DB()).rests++
			}
			if sus, _, ok := s.suspectAt(i); ok && sus.rather {
				of(pc.state.DB()).doubted++
			}
		}
	}
	return all
}

// usual is how many bytes a record takes, by and large.
func (s *scan) usual() int64 { return max(s.plan.end/(s.keys()+1), 16) }

// room is how many keys a gap may have held, where records usually take so many
// bytes. One that is not much longer held one.
func (g *piece) room(usual int64) int64 {
	if n := g.to - g.from; n > 4*usual {
		return 4 * n / usual
	}
	return 1
}

// excess is how many keys too many there are, if each gap held one.
func (c *census) excess() int64 {
	if !c.told {
		return 0
	}
	return c.keys + c.lost + c.gaps - int64(c.due.Keys)
}

// missing is how many keys are not found though no damage explains it.
func (c *census) missing() int64 {
	if !c.told {
		return 0
	}
	return max(int64(c.due.Keys)-c.keys-c.lost-c.room, 0)
}

// maybe is how many keys may be missing, if gaps are what is left of records, and what
// follows them too.
func (c *census) maybe() int64 { return max(c.rests+c.doubted-c.excess(), 0) }

// sure is how many keys too many there are whatever the gaps hold.
func (c *census) sure() int64 { return max(c.excess()-c.gaps, 0) }

// misfit is how far what is found is from what is announced.
func (c *census) misfit() int64 { return c.missing() + c.sure() }

// with returns the census of both databases as one, with what c announces.
func (c *census) with(o *census) *census {
	sum := *c
	sum.keys += o.keys
	sum.expires += o.expires
	sum.lost += o.lost
	sum.gaps += o.gaps
	sum.room += o.room
	sum.rests += o.rests
	sum.doubted += o.doubted
	sum.heads += o.heads
	return &sum
}
