package salvage

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/rdbtool/rdbtool/rdb"
)

// pathOf runs a search. Where a record on its path ends before a gap, and nothing
// proves that end, another may begin inside of it that leads over the end to
// where the gap is over:
//
//	|--wrong length--------|~~~gap~~~|--record--
//	|~~~gap~~~~~|--record------------|--record--
//
// Some bytes of the second one may be read as records too, before the gap. A record
// cannot do so by chance. The first one is then banned, and the search
// made once more.
func (s *scan) pathOf(ctx context.Context, find search) (path []*step, on bool, err error) {
	for range maxCrossed {
		run := find
		run.banned = s.banned
		if path, on, err = run.run(ctx); err != nil {
			return nil, false, err
		}
		at, ok := run.rejected(path)
		if !ok {
			at, ok, err = s.crossed(ctx, path)
		}
		if err != nil || !ok {
			return path, on, err
		}
		s.banned[at] = true
	}
	return path, on, nil
}

// rejected returns a record that all appearance spoke for until better ones
// were found inside of it. Those that stand alone there were not heard yet.
func (s *search) rejected(path []*step) (at int64, ok bool) {
	for _, w := range s.cleans {
		i, on := slices.BinarySearchFunc(path, w.off, func(st *step, off int64) int { return cmp.Compare(st.off, off) })
		if !on && i < len(path) && path[i].off < w.end && !s.banned[w.place] {
			return w.place, true
		}
	}
	return 0, false
}

const (
	// maxCrossed is how many records are banned for one search.
	maxCrossed = 8
	// maxCrossing is how much of such a record is looked at: what lies further
	// from its end can hardly lead over it.
	maxCrossing = 64 << 10
	crossBits   = 20
	// maxJoin is how many records may lead from one path to the other.
	maxJoin = 64
	// maxBetween is how many records before a gap may be what is left of one.
	maxBetween = 4
)

// crossed returns the first record of a path that another one crosses.
func (s *scan) crossed(ctx context.Context, path []*step) (at int64, ok bool, err error) {
	defer s.p.BeStrict()()
	s.p.Allow(64 << 20)
	for i := 1; i < len(path); i++ {
		if !path[i].gap {
			continue
		}
		between, adjacent := 0.0, true
		for j := i - 1; j >= max(i-maxBetween, 0); j-- {
			last := path[j]
			if last.kind != rdb.KeyRecord || last.tight && !last.damaged || s.banned[last.place()] {
				break
			}
			if s.crosses(&last.record, between, path[i:]) {
				return last.place(), true, nil
			}
			if over, err := s.overruns(ctx, &last.record, adjacent); over || err != nil {
				return last.place(), over, err
			}
			adjacent = adjacent && s.ev.unfamiliar(last.key())
			s.p.Allow(64 << 20)
			if between += last.bits; j == i-1 { // see leave
				between -= max(last.head, 0)
			}
			if last.gap {
				break
			}
		}
	}
	return 0, false, nil
}

// overruns reports whether records inside of last lead to the head of one whose
// value is damaged in turn:
//
//	|--wrong length-----------------------|~~gap~~|--record--
//	          |--record--|--record--|--head~~~~~~~|--record--
//
// Few records do if that gap is adjacent, but for what its bytes were read as, and their
// keys begin as others do.
func (s *scan) overruns(ctx context.Context, last *record, adjacent bool) (bool, error) {
	if last.end-last.off < minSwallower {
		return false, nil
	}
	path, err := s.inside(ctx, last, s.settledDB)
	if n := len(path); err != nil || n == 0 || n < outweighMin && !(adjacent && s.ev.allFamiliar(path)) || path[n-1].off <= last.bare {
		return false, err
	}
	at := path[len(path)-1].end
	return at < last.end && s.ev.clearHead(s.p, at), nil
}

// crosses reports whether a record that begins inside of last leads to the path on.
// It must outweigh the records between the two.
func (s *scan) crosses(last *record, between float64, on []*step) bool {
	least := crossBits + math.Log2(float64(last.end-last.off)) + between
	begins, _ := s.ev.mayBegin(s.p, last.end)
	return s.over(last, rdb.State{}, func(r *rdb.Record) bool {
		if r.Value > last.end && begins {
			return false // its key is the one behind the end: what it crosses there has none of its own
		}
		k := s.ev.keep(r)
		return k.odd == 0 && k.bits >= least && s.joins(r.End, on)
	})
}

// over reports whether a record that begins inside of last, reaches over its end,
// and is like that.
func (s *scan) over(last *record, st rdb.State, is func(r *rdb.Record) bool) bool {
	for at := max(last.off+1, last.bare+1, last.end-maxCrossing); at < last.end; at++ {
		if b := s.p.Bytes(at, enterBytes); len(b) == 0 || !s.p.May(b[0]) || !s.ev.mayEnter(b) {
			continue
		}
		r, err := s.p.At(at, st)
		if err == nil && r.Kind == rdb.KeyRecord && r.Damage == nil && !s.banned[r.Bare] && r.End > last.end && is(&r) {
			return true
		}
	}
	return false
}

// leads reports whether a record that begins inside of last leads over its end to
// others. No record that ends before them can be right.
func (s *scan) leads(last *record, st rdb.State) bool {
	defer s.p.BeStrict()()
	s.p.Allow(64 << 20)
	least := crossBits + math.Log2(float64(last.end-last.off))
	return s.over(last, st, func(r *rdb.Record) bool {
		k := s.ev.keep(r)
		if k.odd > 0 || k.bits < least {
			return false
		}
		for n := 1; n < outweighMin; n++ {
			next, err := s.p.At(k.end, st)
			if err != nil || next.Kind != rdb.KeyRecord {
				return s.ev.clearHead(s.p, k.end)
			}
			if k = s.ev.keep(&next); k.odd > 0 || k.bits < weakBits {
				return false
			}
		}
		return true
	})
}

// joins reports whether records lead from the place to one of the path on, or to one
// whose value is damaged in turn.
func (s *scan) joins(at int64, on []*step) bool {
	for range maxJoin {
		for len(on) > 0 && on[0].off < at {
			on = on[1:]
		}
		if len(on) == 0 {
			return false
		}
		if on[0].off == at {
			return true
		}
		r, err := s.p.At(at, rdb.State{})
		if (err != nil || r.Damage != nil) && s.ev.clearHead(s.p, at) {
			return true
		}
		if err != nil || s.ev.keep(&r).bits < 0 {
			return false
		}
		at = r.End
	}
	return false
}
