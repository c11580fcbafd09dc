package salvage

import (
	"context"
	"math"

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
		off, ok := s.crossed(path)
		if !ok {
			break
		}
		s.banned[off] = true
	}
	return path, on, nil
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
func (s *scan) crossed(path []*step) (off int64, ok bool) {
	s.p.Strict = true
	defer func() { s.p.Strict = false }()
	s.p.Allow(64 << 20)
	for i := 1; i < len(path); i++ {
		if !path[i].gap {
			continue
		}
		between := 0.0
		for j := i - 1; j >= max(i-maxBetween, 0); j-- {
			last := path[j]
			if last.kind != rdb.KeyRecord || last.tight && !last.damaged || s.banned[last.off] {
				break
			}
			if s.crosses(&last.record, between, path[i:]) {
				return last.off, true
			}
			if between += last.bits; j == i-1 { // see leave
				between -= max(last.head, 0)
			}
			if last.gap {
				break
			}
		}
	}
	return 0, false
}

// crosses reports whether a record that begins inside of last leads to the path on.
// It must outweigh the records between the two.
func (s *scan) crosses(last *record, between float64, on []*step) bool {
	least := crossBits + math.Log2(float64(last.end-last.off)) + between
	begins, _ := s.ev.mayBegin(s.p, last.end)
	for at := max(last.off+1, last.bare+1, last.end-maxCrossing); at < last.end; at++ {
		if b := s.p.Bytes(at, enterBytes); len(b) == 0 || !s.p.May(b[0]) || !s.ev.mayEnter(b) || s.banned[at] {
			continue
		}
		r, err := s.p.At(at, rdb.State{})
		if err != nil || r.Kind != rdb.KeyRecord || r.Damage != nil || r.End <= last.end {
			continue
		}
		if r.Value > last.end && begins {
			continue // its key is the one behind the end: what it crosses there has none of its own
		}
		if k := s.ev.keep(&r); !k.odd && k.bits >= least && s.joins(r.End, on) {
			return true
		}
	}
	return false
}

// joins reports whether records lead from the place to one of the path on.
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
		if err != nil || s.ev.keep(&r).bits < 0 {
			return false
		}
		at = r.End
	}
	return false
}
