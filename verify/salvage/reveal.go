package salvage

import (
	"context"
	"math"

	"github.com/rdbtool/rdbtool/rdb"
)

// reveal looks for records whose lengths take in good records behind them, and
// end by chance where one of these does:
//
//	|--record--|--record--|--record--|--record--
//	|--wrong length------------------|--record--
//
// Nothing fails there. That there is one is told by the number of keys that a
// database announces, or by the checksum. Each one found is banned, and the file
// read once more.
func (s *salvage) reveal(ctx context.Context) error {
	if s.tooMany() {
		before := s.sc
		s.picky = true
		if err := s.scan(ctx); err != nil {
			return err
		}
		if s.incomplete() {
			s.sc, s.picky = before, false
		}
	}
	for range maxReveals {
		if !s.incomplete() && !s.tooMany() {
			return nil
		}
		off, ok, err := s.swallower(ctx)
		if err != nil || !ok {
			return err
		}
		if s.banned == nil {
			s.banned = map[int64]bool{}
		}
		s.banned[off] = true
		if err := s.scan(ctx); err != nil {
			return err
		}
	}
	return nil
}

// maxReveals is how often the file is read again.
const maxReveals = 16

// tooMany reports whether a database has more keys than it announces: what is
// left of a damaged value was taken for records.
func (s *salvage) tooMany() bool {
	found := map[int]uint64{}
	for db, c := range s.sc.counts {
		found[db] += uint64(c.keys)
	}
	for i := range s.sc.plan.pieces {
		if p := &s.sc.plan.pieces[i]; p.kind == lost {
			found[p.state.DB()]++
		}
	}
	for db, n := range s.sc.announced {
		if s.checked != rdb.ChecksumOK && found[db] > n.Keys {
			return true
		}
	}
	return false
}

// incomplete reports whether keys are missing that no damage explains.
func (s *salvage) incomplete() bool {
	sc := s.sc
	if s.checked == rdb.ChecksumOK {
		return false
	}
	explained := map[int]int64{}
	for i := range sc.plan.pieces {
		if k := sc.plan.pieces[i].kind; k == gap || k == lost {
			explained[sc.plan.pieces[i].state.DB()]++
		}
	}
	for db, n := range sc.announced {
		var have int64
		if c := sc.counts[db]; c != nil {
			have = c.keys
		}
		if int64(n.Keys) > have+explained[db] {
			return true
		}
	}
	return len(sc.announced) == 0 && len(explained) == 0
}

// swallower returns the first record inside of which others are found, up to
// its very end.
func (s *salvage) swallower(ctx context.Context) (off int64, ok bool, err error) {
	sc := s.sc
	for i := range sc.plan.pieces {
		pc := &sc.plan.pieces[i]
		if pc.kind != kept && pc.kind != lost {
			continue
		}
		for at, st := pc.from, pc.state; at < pc.to; {
			if err := ctx.Err(); err != nil {
				return 0, false, err
			}
			r, err := sc.p.At(at, st)
			if err != nil {
				return 0, false, sc.p.Err()
			}
			k := sc.ev.keep(&r)
			if k.kind == rdb.KeyRecord && (!k.tight || k.bits < 0) && k.end-k.off > minSwallower {
				if ok, err := sc.swallows(ctx, &r, st); ok || err != nil {
					return k.off, ok, err
				}
			}
			at, st = k.end, k.after
		}
	}
	return 0, false, nil
}

// swallows reports whether better records begin inside of r.
func (s *scan) swallows(ctx context.Context, r *rdb.Record, st rdb.State) (bool, error) {
	find := search{
		p: s.p, ev: s.ev, lo: r.Offset, hi: r.End, failed: r.End, inDB: st.DB(),
		isEnd: func(int64) bool { return false }, banned: map[int64]bool{r.Offset: true},
	}
	inside := func(path []*step) bool {
		if len(path) == 0 || !path[0].gap || path[0].off <= max(r.Bare, r.Offset) || path[0].off >= r.End {
			return false
		}
		last := path[len(path)-1]
		return last.n == len(path) && last.run >= swallowBits+math.Log2(float64(r.End-r.Offset))
	}
	in, bare, end := find, r.Bare, r.End
	path, _, err := in.run(ctx)
	if err != nil || !inside(path) {
		return false, err
	}
	if last := path[len(path)-1]; last.end == end {
		return true, nil
	}
	*r = rdb.Record{Offset: r.Offset, Bare: bare, End: end}
	find.hi, find.isEnd = s.p.Size(), s.isEnd
	path, _, err = find.run(ctx)
	return err == nil && inside(path) && path[len(path)-1].end > end, err
}

const (
	minSwallower = 12 // bytes
	swallowBits  = 20
)
