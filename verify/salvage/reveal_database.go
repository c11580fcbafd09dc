package salvage

import (
	"bytes"
	"context"
	"maps"
	"math"
	"slices"

	"github.com/rdbtool/rdbtool/rdb"
)

// databaseAt reads the two records that a database begins with, and that no others look
// like. keys is what is announced.
//
//	FE db | FB keys expires | record of that database
func (s *salvage) databaseAt(at int64) (db int, keys int64, ok bool) {
	b := s.sc.p.Bytes(at, 1)
	if len(b) == 0 || b[0] != opSelectDB {
		return 0, 0, false
	}
	sel, err := s.sc.p.At(at, rdb.State{})
	if err != nil || sel.Kind != rdb.MetaRecord {
		return 0, 0, false
	}
	db = int(sel.Meta.Nums[0])
	if b := s.sc.p.Bytes(sel.End, 1); len(b) == 0 || b[0] != opResizeDB {
		return 0, 0, false
	}
	num, err := s.sc.p.At(sel.End, rdb.State{})
	if err != nil || num.Kind != rdb.MetaRecord || num.First != opResizeDB {
		return 0, 0, false
	}
	return db, int64(num.Meta.Nums[0]), true
}

// takesDatabase returns a test of records: whether one takes in where the next
// database begins, so that its keys are taken for those of the one before.
func (s *salvage) takesDatabase(all map[int]*census) func(r *rdb.Record, st rdb.State, before int64) (bool, error) {
	return func(r *rdb.Record, st rdb.State, before int64) (bool, error) {
		c := all[st.DB()]
		if c == nil || c.sure() == 0 {
			return false, nil
		}
		from, to := max(r.Bare+1, r.End-maxCrossing), r.End
		behind := c.keys + c.lost - before - 1
		more := c.gaps + int64(s.sc.ev.headsIn(s.sc.p, from, to))
		return s.begins(from, to, st.DB(), behind, behind+more) >= 0, s.sc.p.Err()
	}
}

// holdsDatabase returns a test of records: whether records inside of one lead to where a
// database begins, and on. The keys of that one which follow the record have then been
// taken for those of the database before, of which as many may have gone:
//
//	FE 0 FB 150 .. | keys | |--wrong length--------------------| keys
//	                        | keys | FE 3 FB 50 .. | keys      |
func (s *salvage) holdsDatabase(ctx context.Context, all map[int]*census) func(r *rdb.Record, st rdb.State, before int64) (bool, error) {
	return func(r *rdb.Record, st rdb.State, before int64) (bool, error) {
		c, whole := all[st.DB()], s.sc.ev.keep(r)
		if c == nil || !c.told || s.begins(whole.bare+1, whole.end, st.DB(), c.keys+c.lost-before-1, math.MaxInt64) < 0 {
			return false, s.sc.p.Err()
		}
		path, err := s.sc.inside(ctx, &whole, st.DB())
		return slices.ContainsFunc(path, func(st *step) bool { return st.sizes }), err
	}
}

// begins returns where in these bytes a database of a higher number and so many keys
// begins, -1 if nowhere.
func (s *salvage) begins(from, to int64, db int, least, most int64) int64 {
	for at := from; at < to; at++ {
		b := s.sc.p.Bytes(at, int(min(to-at, aheadBytes)))
		i := bytes.IndexByte(b, opSelectDB)
		if i < 0 {
			at += int64(max(len(b)-1, 0))
			continue
		}
		at += int64(i)
		if n, keys, ok := s.databaseAt(at); ok && n > db && keys >= least && keys <= most {
			return at
		}
	}
	return -1
}

// hiddenDatabase returns where in a gap a database begins, if the one before has as many
// keys too many as that one announces.
func (s *salvage) hiddenDatabase() (at int64, ok bool) {
	all := s.census()
	before := map[int]int64{} // keys up to a gap
	for i := range s.sc.plan.pieces {
		pc := &s.sc.plan.pieces[i]
		db := pc.state.DB()
		if pc.kind == kept {
			before[db] += pc.keys
		}
		c := all[db]
		if c == nil || c.sure() == 0 || pc.kind != gap {
			continue
		}
		behind := c.keys - before[db]
		from := max(pc.from, pc.to-maxCrossing)
		if at := s.begins(from, pc.to, db, behind, behind+c.lost+c.gaps); at >= 0 && !s.certain[at] {
			return at, true
		}
	}
	return 0, false
}

// noDatabase returns the record that announces how many keys there are, if it
// stands behind damage, and they fit better into the database before. So it does with
// one that selects a database and announces none.
func (s *salvage) noDatabase(all map[int]*census) (at int64, ok bool) {
	dbs := slices.Sorted(maps.Keys(all))
	for i, db := range dbs {
		off, doubted := s.sc.guessed[db]
		if !doubted && !all[db].told {
			off, doubted = s.sc.selects[db]
		}
		if !doubted || i == 0 {
			continue
		}
		if c, before := all[db], all[dbs[i-1]]; before.told && before.with(c).misfit() < before.misfit()+c.misfit() {
			return off, true
		}
	}
	return 0, false
}
