package salvage

import (
	"bytes"
	"cmp"
	"context"
	"maps"
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
		at := s.begins(from, to, st.DB(), behind, behind+c.gaps+(to-from)/minRecord)
		if at < 0 {
			return false, s.sc.p.Err()
		}
		more := c.gaps + int64(s.sc.ev.headsIn(s.sc.p, at, to))
		return s.begins(at, to, st.DB(), behind, behind+more) >= 0, s.sc.p.Err()
	}
}

// holdsDatabase returns a test of records: whether records inside of one lead to where a
// database begins, and on. The keys of that one which follow the record have then been
// taken for those of the database before, of which as many may have gone:
//
//	FE 0 FB 150 .. | keys | |--wrong length--------------------| keys
//	                        | keys | FE 3 FB 50 .. | keys      |
//
// The numbers of both databases must fit: a value may well hold a part of another file.
func (s *salvage) holdsDatabase(ctx context.Context, all map[int]*census) func(r *rdb.Record, st rdb.State, before int64) (bool, error) {
	return func(r *rdb.Record, st rdb.State, before int64) (bool, error) {
		c := all[st.DB()]
		if c == nil || !c.told {
			return false, nil
		}
		whole := s.sc.ev.keep(r)
		behind := c.keys + c.lost - before - 1
		if s.begins(whole.bare+1, whole.end, st.DB(), behind, behind+(whole.end-whole.bare)/minRecord+c.gaps) < 0 {
			return false, s.sc.p.Err()
		}
		path, err := s.sc.swallowed(ctx, &whole, st)
		at := slices.IndexFunc(path, func(st *step) bool { return st.sizes })
		if err != nil || at < 0 {
			return false, err
		}
		// Each gap may stand for a key, on either side, and so does the record itself.
		here, next, unsure := before, behind, c.gaps+c.lost+1
		for i, st := range path {
			switch {
			case st.end > whole.end || st.kind != rdb.KeyRecord:
			case i < at:
				here++
			default:
				next++
			}
			if st.gap {
				unsure++
			}
		}
		fits := func(due uint64, n int64) bool { return int64(due) >= n && int64(due) <= n+unsure }
		return fits(c.due.Keys, here) && fits(path[at].announce.Keys, next), nil
	}
}

// minRecord is how many bytes a key and its value take at the least.
const minRecord = 4

// begins returns where in these bytes a database of a higher number and so many keys
// begins, -1 if nowhere.
func (s *salvage) begins(from, to int64, db int, least, most int64) int64 {
	for at := from; at < to; at++ {
		b := s.sc.p.Bytes(at, int(min(to-at, aheadBytes)))
		i := 0
		for i < len(b) && (b[i] != opSelectDB || !sizedAt(b[i:])) {
			i++
		}
		if len(b) == 0 {
			return -1
		}
		if at += int64(i); i == len(b) {
			at--
			continue
		}
		if n, keys, ok := s.databaseAt(at); ok && n > db && keys >= least && keys <= most {
			return at
		}
	}
	return -1
}

// sizedAt reports whether what selects a database may stand at the beginning of b, and its
// size behind it.
func sizedAt(b []byte) bool {
	switch {
	case len(b) < 4:
		return true // or cannot tell
	case b[1] < 0x40:
		return b[2] == opResizeDB
	default:
		return b[1] < 0x80 && b[3] == opResizeDB
	}
}

// hiddenDatabase returns where in a gap a database begins, if the one before has as many
// keys too many as that one announces. Where none announces any, it is one between two
// damaged records.
func (s *salvage) hiddenDatabase() (at int64, ok bool) {
	if s.sc.ev.unsized && len(s.sc.announced) == 0 {
		return s.betweenDamaged()
	}
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
		if at := s.begins(from, pc.to, db, behind, behind+c.lost+c.gaps); at >= 0 && !s.certain[at] && !s.innocent[at] {
			return at, true
		}
	}
	return 0, false
}

// betweenDamaged returns where in a gap a database is selected, its number between those of
// the databases before and behind, and the record of its first key begins, also damaged.
//
//	head of a key, damaged value | FE db | head of a key, damaged value
func (s *salvage) betweenDamaged() (at int64, ok bool) {
	pieces := s.sc.plan.pieces
	next, db := commonDBs, -1
	for i := len(pieces) - 1; i >= 0; i-- {
		pc := &pieces[i]
		if pc.after != db && i < len(pieces)-1 {
			next = min(db, commonDBs)
		}
		db = pc.after
		if pc.kind != gap {
			continue
		}
		if at := s.selectsIn(pc, next); at >= 0 {
			return at, true
		}
	}
	return 0, false
}

// selectsIn returns where in a gap a database is selected so, -1 if nowhere. next is the one
// behind.
func (s *salvage) selectsIn(pc *piece, next int) int64 {
	for at := max(pc.from+1, pc.to-maxCrossing); ; at++ {
		b := s.sc.p.Bytes(at, int(pc.to-at))
		i := bytes.IndexByte(b, opSelectDB)
		if i < 0 || i+1 == len(b) {
			return -1
		}
		at += int64(i)
		if n := int(b[i+1]); n <= pc.after || n >= next || s.certain[at] || s.innocent[at] || !s.sc.ev.headAt(s.sc.p, at+2) {
			continue
		}
		if head, ok := s.sc.p.HeadAt(at+2, rdb.State{}); ok && head.Value < pc.to {
			return at
		}
	}
}

// noDatabase returns the record that announces how many keys there are, if it
// stands behind damage, and they fit better into the database before. So it does with
// one that selects a database and announces none.
func (s *salvage) noDatabase(all map[int]*census) (at int64, ok bool) {
	for _, db := range slices.Sorted(maps.Keys(all)) {
		off, doubted := s.sc.guessed[db]
		if !doubted && !all[db].told {
			off, doubted = s.sc.selects[db]
		}
		if !doubted || s.innocent[off] {
			continue
		}
		c, before := all[db], all[s.databaseBefore(off)]
		if before != nil && before != c && before.told && before.with(c).misfit() < before.misfit()+c.misfit() {
			return off, true
		}
	}
	return 0, false
}

// databaseBefore returns the database of what stands before a place.
func (s *salvage) databaseBefore(off int64) int {
	p := s.sc.plan.pieces
	i, _ := slices.BinarySearchFunc(p, off, func(pc piece, off int64) int { return cmp.Compare(pc.from, off) })
	if i == 0 {
		return -1
	}
	return p[i-1].state.DB()
}
